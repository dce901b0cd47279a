/*-------------------------------------------------------------------------
 *
 * tiers_parse.c
 *	  Text form of a tier schedule: reading, checking, writing.
 *
 *	  schedule  = [ mode ";" ] tier { "," tier }
 *	  mode      = "slab" | "graduated" | "interpolated" | "excess"
 *	  tier      = [ ">" ] number ":" number [ "%" ]
 *	  number    = [ "+" | "-" ] ( digits [ "." digits ] | "." digits )
 *
 * White space may stand between all of these; a mode in any case.
 *
 * src/tier/tiers_parse.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/compat.h"
#include "core/exact.h"
#include "tier/tiers.h"

/* Digits before and after the decimal point of a threshold or rate. */
#define NUMBER_DIGITS 100
#define NUMBER_GROUPS (NUMBER_DIGITS / 4)
/* Characters of a number worth looking at, leading zeros included. */
#define NUMBER_CHARACTERS 1000
#define SEPARATOR_HINT                                                         \
	"Numbers have no thousands separators; commas separate tiers."
/* Bytes of a refused text that its message shows. */
#define SHOWN_BYTES 200

typedef struct Reader
{
	const char *text;
	const char *at;
} Reader;

const char *const spm_tier_mode_names[] = {"slab",
										   "graduated",
										   "interpolated",
										   "excess",
										   NULL};

static void read_mode(Reader *reader, SpmTierList *list);
static void read_tier(Reader *reader, SpmTierDef *tier);
static Numeric read_number(Reader *reader, const char *expected);
static bool accept(Reader *reader, char wanted);
static void skip_space(Reader *reader);
static int character_of(const Reader *reader, const char *at);
pg_noreturn static void refuse(const Reader *reader, const char *at,
							   const char *expected, const char *hint);
static void check_number(const SpmTierDef *tier, int number, Numeric figure,
						 const char *what);
static void check_order(const SpmTierList *list, int position);
static void check_mixture(const SpmTierList *list);
static char *write_number(Numeric figure);

/*
 * Read and check a schedule.  The list's numerics are palloc'd; a text that
 * is none is an error that names the character.
 */
void
spm_tiers_parse(const char *text, SpmTierList *list)
{
	Reader reader = {text, text};

	list->ntiers = 0;
	read_mode(&reader, list);
	do
	{
		if (list->ntiers == SPM_TIERS_MAX)
			ereport(
				ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many tiers"),
				 errdetail(
					 "A schedule has at most %d tiers; one more starts at character %d.",
					 SPM_TIERS_MAX,
					 character_of(&reader, reader.at))));
		read_tier(&reader, &list->tiers[list->ntiers++]);
	} while (accept(&reader, ','));

	if (*reader.at != '\0')
		refuse(&reader,
			   reader.at,
			   list->tiers[list->ntiers - 1].percent
				   ? "\",\" or the end"
				   : "\"%\", \",\" or the end",
			   isdigit((unsigned char) *reader.at) || *reader.at == ';'
				   ? SEPARATOR_HINT
				   : NULL);
	spm_tiers_check(list);
}

/*
 * Refuse a list that is no schedule.  This is the one guard of all ways in:
 * text, binary and jsonb.
 */
void
spm_tiers_check(const SpmTierList *list)
{
	for (int i = 0; i < list->ntiers; i++)
	{
		const SpmTierDef *tier = &list->tiers[i];

		check_number(tier, i + 1, tier->threshold, "threshold");
		check_number(tier, i + 1, tier->rate, "rate");
		if (i > 0)
			check_order(list, i);
	}
	if (list->mode == SPM_TIER_INTERPOLATED)
		check_mixture(list);
}

/*
 * Write a schedule in the form that stands for all of equal meaning:
 * "slab;" left out, no trailing zeros, one space after separators.
 */
char *
spm_tiers_format(const SpmTierList *list)
{
	StringInfoData text;

	initStringInfo(&text);
	if (list->mode != SPM_TIER_SLAB)
		appendStringInfo(&text, "%s; ", spm_tier_mode_names[list->mode]);
	for (int i = 0; i < list->ntiers; i++)
	{
		const SpmTierDef *tier = &list->tiers[i];

		appendStringInfo(&text,
						 "%s%s%s: %s%s",
						 i > 0 ? ", " : "",
						 tier->above ? ">" : "",
						 write_number(tier->threshold),
						 write_number(tier->rate),
						 tier->percent ? "%" : "");
	}
	return text.data;
}

/* Read "mode;" if the text starts with a letter. */
static void
read_mode(Reader *reader, SpmTierList *list)
{
	const char *word;
	int length = 0;

	list->mode = SPM_TIER_SLAB;
	skip_space(reader);
	word = reader->at;
	while (isalpha((unsigned char) word[length]) &&
		   !IS_HIGHBIT_SET(word[length]))
		length++;
	if (length == 0)
		return;
	for (int i = 0; spm_tier_mode_names[i] != NULL; i++)
	{
		if (length == strlen(spm_tier_mode_names[i]) &&
			pg_strncasecmp(word, spm_tier_mode_names[i], length) == 0)
		{
			list->mode = (SpmTierMode) i;
			reader->at += length;
			if (!accept(reader, ';'))
				refuse(reader, reader->at, "\";\" after the mode", NULL);
			return;
		}
	}
	refuse(reader,
		   word,
		   "a mode or a threshold",
		   "Modes are slab, graduated, interpolated and excess.");
}

/* Read one "threshold: rate". */
static void
read_tier(Reader *reader, SpmTierDef *tier)
{
	skip_space(reader);
	tier->character = character_of(reader, reader->at);
	tier->above = accept(reader, '>');
	if (*reader->at == '=')
		refuse(
			reader,
			reader->at,
			"a threshold",
			"A threshold is reached at its value; only \">\" can stand before it.");
	tier->threshold = read_number(reader, "a threshold");
	if (!accept(reader, ':'))
		refuse(reader,
			   reader->at,
			   "\":\" after the threshold",
			   *reader->at == ','
				   ? SEPARATOR_HINT
				   : "A tier is written threshold: rate, as in 5000: 8%.");
	tier->rate = read_number(reader, "a rate");
	tier->percent = accept(reader, '%');
}

/* Read a number; expected says what it stands for. */
static Numeric
read_number(Reader *reader, const char *expected)
{
	const char *start;
	const char *at;
	char *token;
	Datum number;

	skip_space(reader);
	start = at = reader->at;
	if (*at == '+' || *at == '-')
		at++;
	if (!isdigit((unsigned char) *at) && *at != '.')
		refuse(reader, at, expected, NULL);
	while (isdigit((unsigned char) *at))
		at++;
	if (*at == '.')
	{
		at++;
		if (!isdigit((unsigned char) *at))
			refuse(reader, at, "a digit after the decimal point", NULL);
		while (isdigit((unsigned char) *at))
			at++;
	}
	if (at - start > NUMBER_CHARACTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("number in tiers is too long"),
				 errdetail(
					 "The number at character %d has more than %d characters.",
					 character_of(reader, start),
					 NUMBER_CHARACTERS)));
	reader->at = at;
	skip_space(reader);
	token = pnstrdup(start, at - start);
	number = DirectFunctionCall3(numeric_in,
								 CStringGetDatum(token),
								 ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	return spm_exact_trim(DatumGetNumeric(number));
}

/* Take one character and the white space around it, if it is the next. */
static bool
accept(Reader *reader, char wanted)
{
	skip_space(reader);
	if (*reader->at != wanted)
		return false;
	reader->at++;
	skip_space(reader);
	return true;
}

/* Go to the next character that is not white space. */
static void
skip_space(Reader *reader)
{
	while (*reader->at != '\0' && strchr(" \t\n\r\v\f", *reader->at) != NULL)
		reader->at++;
}

/* Position of a byte of the text, in characters from 1. */
static int
character_of(const Reader *reader, const char *at)
{
	return pg_mbstrlen_with_len(reader->text, at - reader->text) + 1;
}

/* Report what the text should have at a place. */
static void
refuse(const Reader *reader, const char *at, const char *expected,
	   const char *hint)
{
	int length = strlen(reader->text);
	int shown = pg_mbcliplen(reader->text, length, SHOWN_BYTES);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%.*s%s\"",
					"tiers",
					shown,
					reader->text,
					shown < length ? "..." : ""),
			 *at == '\0'
				 ? errdetail("Expected %s at character %d, found the end.",
							 expected,
							 character_of(reader, at))
				 : errdetail("Expected %s at character %d, found \"%.*s\".",
							 expected,
							 character_of(reader, at),
							 pg_mblen(at),
							 at),
			 hint != NULL ? errhint("%s", hint) : 0));
}

/* Refuse a number that is not finite or too long to reckon with. */
static void
check_number(const SpmTierDef *tier, int number, Numeric figure,
			 const char *what)
{
	SpmDigits digits;

	spm_digits_open((struct varlena *) figure, &digits);
	if (digits.finite &&
		(digits.ndigits == 0 || (digits.weight < NUMBER_GROUPS &&
								 spm_digits_groups(&digits) <= NUMBER_GROUPS)))
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
		 errmsg("number in tiers is out of range"),
		 errdetail(
			 "The %s of tier %d has more than %d digits before or after the decimal point.",
			 what,
			 number,
			 NUMBER_DIGITS)));
}

/* Refuse a threshold that does not lie above the one before it. */
static void
check_order(const SpmTierList *list, int position)
{
	const SpmTierDef *before = &list->tiers[position - 1];
	const SpmTierDef *tier = &list->tiers[position];
	int order = spm_exact_compare(tier->threshold, before->threshold);

	if (order > 0 || (order == 0 && tier->above && !before->above))
		return;
	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("thresholds of tiers do not rise"),
		 tier->character > 0
			 ? errdetail(
				   "Threshold %s%s at character %d does not lie above %s%s.",
				   tier->above ? ">" : "",
				   write_number(tier->threshold),
				   tier->character,
				   before->above ? ">" : "",
				   write_number(before->threshold))
			 : errdetail("Threshold %s%s of tier %d does not lie above %s%s.",
						 tier->above ? ">" : "",
						 write_number(tier->threshold),
						 position + 1,
						 before->above ? ">" : "",
						 write_number(before->threshold)),
		 errhint("List the tiers in ascending order, each threshold once.")));
}

/* Refuse to interpolate between a percent and an amount. */
static void
check_mixture(const SpmTierList *list)
{
	for (int i = 1; i < list->ntiers; i++)
	{
		const SpmTierDef *tier = &list->tiers[i];

		if (tier->percent == list->tiers[0].percent)
			continue;
		ereport(
			ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("interpolated tiers mix percents and amounts"),
			 tier->character > 0
				 ? errdetail(
					   "The tier at character %d has %s, the first tier has not.",
					   tier->character,
					   tier->percent ? "a percent" : "an amount")
				 : errdetail("Tier %d has %s, the first tier has not.",
							 i + 1,
							 tier->percent ? "a percent" : "an amount"),
			 errhint(
				 "Between a percent and an amount there is nothing to interpolate.")));
	}
}

/* A numeric as text without trailing zeros, palloc'd. */
static char *
write_number(Numeric figure)
{
	Numeric trimmed = spm_exact_trim(figure);

	return DatumGetCString(
		DirectFunctionCall1(numeric_out, NumericGetDatum(trimmed)));
}
