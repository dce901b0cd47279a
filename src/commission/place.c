/*-------------------------------------------------------------------------
 *
 * place.c
 *	  Where in the organisation a credit belongs.
 *
 * Everything is as of the day of the sale.  The exception is an outlet whose
 * past commissions follow it: its company is the one that it is with since it
 * moved last.
 *
 * src/commission/place.c
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "commission/place_int.h"
#include "core/code.h"
#include "core/compat.h"
#include "core/spi.h"
#include "org/path.h"

typedef struct CodeEntry
{
	SpmCode key;
	void *known; /* SpmUnit or SpmSeller */
	uint32 hash;
	char status;
} CodeEntry;

#define SH_PREFIX codes
#define SH_ELEMENT_TYPE CodeEntry
#define SH_KEY_TYPE SpmCode
#define SH_KEY key
#define SH_HASH_KEY(table, key) spm_code_hash(key)
#define SH_EQUAL(table, a, b) spm_code_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct SpmOrg
{
	MemoryContext context;
	codes_hash *units;
	codes_hash *sellers;
	codes_hash *kinds;
	const char *outlet;
	const char *office;
	const char *company;
	int room;
	SpmUnit **path;
	uint64 generation; /* of numbered */
	int numbered_room;
	SpmUnit **numbered; /* by the number that org/path.h gives */
};

/* What units and sellers have for a time. */
typedef struct SpanTable
{
	const char *query;
	bool of_sellers;
	size_t offset; /* of the spans in SpmUnit or SpmSeller */
} SpanTable;

static const SpanTable span_tables[] = {
	{"SELECT unit, flag, valid_from, COALESCE(valid_to, 'infinity')"
	 " FROM salesperf.unit_flag",
	 false,
	 offsetof(SpmUnit, flags)},
	{"SELECT unit, seller, valid_from, COALESCE(valid_to, 'infinity')"
	 " FROM salesperf.unit_manager ORDER BY seller COLLATE \"C\"",
	 false,
	 offsetof(SpmUnit, managers)},
	{"SELECT unit, partner_type, valid_from, COALESCE(valid_to, 'infinity')"
	 " FROM salesperf.unit_partner_type",
	 false,
	 offsetof(SpmUnit, partner_types)},
	{"SELECT seller, partner_type, valid_from, COALESCE(valid_to, 'infinity')"
	 " FROM salesperf.seller_partner_type",
	 true,
	 offsetof(SpmSeller, partner_types)},
};

static void *known_code(codes_hash *codes, MemoryContext context,
						const char *text, int length, Size size);
static void load_units(SpmOrg *org);
static void load_sellers(SpmOrg *org);
static void load_spans(SpmOrg *org, const SpanTable *table);
static SpmUnit *unit_of(SpmOrg *org, const SpmOrgPath *path, int i);
static void find_path(SpmOrg *org, const SpmOrgPath *path, SpmPlace *place);
static void find_company(SpmOrg *org, DateADT day, SpmPlace *place);

/* Read units and sellers under the active snapshot. */
SpmOrg *
spm_org_load(MemoryContext context)
{
	SpmOrg *org = MemoryContextAllocZero(context, sizeof(SpmOrg));

	org->context = context;
	org->units = codes_create(context, 64, NULL);
	org->sellers = codes_create(context, 64, NULL);
	org->kinds = codes_create(context, 16, NULL);
	org->outlet = spm_org_kind(org, "outlet");
	org->office = spm_org_kind(org, "office");
	org->company = spm_org_kind(org, "company");
	load_units(org);
	load_sellers(org);
	for (int i = 0; i < lengthof(span_tables); i++)
		load_spans(org, &span_tables[i]);
	return org;
}

/* The one pointer of a kind of unit. */
const char *
spm_org_kind(SpmOrg *org, const char *kind)
{
	return known_code(org->kinds,
					  org->context,
					  kind,
					  strlen(kind),
					  strlen(kind) + 1);
}

SpmUnit *
spm_org_unit(SpmOrg *org, const char *code, int length)
{
	SpmUnit *unit =
		known_code(org->units, org->context, code, length, sizeof(SpmUnit));

	return unit;
}

SpmSeller *
spm_org_seller(SpmOrg *org, const char *code, int length)
{
	return known_code(org->sellers,
					  org->context,
					  code,
					  length,
					  sizeof(SpmSeller));
}

/*
 * What is known of a code, made if there is nothing.  A unit and a seller
 * begin with code and length, a kind is its own text.
 */
static void *
known_code(codes_hash *codes, MemoryContext context, const char *text,
		   int length, Size size)
{
	SpmCode key = {text, length};
	CodeEntry *entry = codes_lookup(codes, key);
	bool is_kind = size == (Size) length + 1;
	char *copy;
	bool found;

	if (entry != NULL)
		return entry->known;
	copy = MemoryContextAlloc(context, length + 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
	key.text = copy;
	entry = codes_insert(codes, key, &found);
	if (is_kind)
		entry->known = copy;
	else
	{
		SpmSeller *known = MemoryContextAllocZero(context, size);

		known->code = copy;
		known->length = length;
		entry->known = known;
	}
	return entry->known;
}

static void
load_units(SpmOrg *org)
{
	uint64 count;

	StaticAssertStmt(offsetof(SpmUnit, length) == offsetof(SpmSeller, length),
					 "units and sellers begin alike");
	spm_spi_begin();
	count = spm_spi_read("SELECT u.code, u.kind, u.partner_type,"
						 " u.past_commissions = 'follow', m.moved_on"
						 " FROM salesperf.unit u"
						 " LEFT JOIN (SELECT p.unit, max(p.valid_from)"
						 " FROM salesperf.unit_parent p"
						 " WHERE p.valid_from <= salesperf.today()"
						 " GROUP BY p.unit) m (unit, moved_on)"
						 " ON m.unit = u.code",
						 NULL);
	for (uint64 row = 0; row < count; row++)
	{
		char *code = spm_spi_text(row, 1);
		char *kind = spm_spi_text(row, 2);
		char *partner_type = spm_spi_text(row, 3);
		SpmUnit *unit = spm_org_unit(org, code, strlen(code));
		bool is_null;

		unit->kind = spm_org_kind(org, kind);
		if (partner_type != NULL)
			unit->partner_type =
				MemoryContextStrdup(org->context, partner_type);
		unit->follows = DatumGetBool(spm_spi_datum(row, 4, &is_null));
		unit->moved_on = DatumGetDateADT(spm_spi_datum(row, 5, &is_null));
		unit->moved = !is_null;
	}
	spm_spi_end();
}

static void
load_sellers(SpmOrg *org)
{
	uint64 count;

	spm_spi_begin();
	count = spm_spi_read("SELECT code, partner_type FROM salesperf.seller"
						 " WHERE partner_type IS NOT NULL",
						 NULL);
	for (uint64 row = 0; row < count; row++)
	{
		char *code = spm_spi_text(row, 1);

		spm_org_seller(org, code, strlen(code))->partner_type =
			MemoryContextStrdup(org->context, spm_spi_text(row, 2));
	}
	spm_spi_end();
}

/* Read what units or sellers have for a time. */
static void
load_spans(SpmOrg *org, const SpanTable *table)
{
	uint64 count;

	spm_spi_begin();
	count = spm_spi_read(table->query, NULL);
	for (uint64 row = 0; row < count; row++)
	{
		char *code = spm_spi_text(row, 1);
		char *owner = table->of_sellers
						  ? (char *) spm_org_seller(org, code, strlen(code))
						  : (char *) spm_org_unit(org, code, strlen(code));
		SpmUnitSpans *list = (SpmUnitSpans *) (owner + table->offset);
		SpmUnitSpan *span;
		bool is_null;

		if (list->count == list->room)
		{
			list->room = Max(4, list->room * 2);
			list->spans =
				list->spans
					? repalloc(list->spans, list->room * sizeof(SpmUnitSpan))
					: MemoryContextAlloc(org->context,
										 list->room * sizeof(SpmUnitSpan));
		}
		span = &list->spans[list->count++];
		span->what = MemoryContextStrdup(org->context, spm_spi_text(row, 2));
		span->from = DatumGetDateADT(spm_spi_datum(row, 3, &is_null));
		span->to = DatumGetDateADT(spm_spi_datum(row, 4, &is_null));
	}
	spm_spi_end();
}

/*
 * Find where a credit belongs on a day: at the sale's own unit, if it names
 * one, else at its seller's.  The place is valid until the next call.
 */
void
spm_place_find(SpmOrg *org, const char *unit, int unit_length,
			   const SpmSeller *seller, DateADT day, SpmPlace *place)
{
	SpmOrgPath path = {0};

	memset(place, 0, sizeof(SpmPlace));
	if (unit != NULL)
		spm_path_of_unit(unit, unit_length, day, &path);
	else if (seller != NULL)
		spm_path_of_seller(seller->code, seller->length, day, &path);
	find_path(org, &path, place);
	if (place->outlet != NULL && place->outlet->follows &&
		place->outlet->moved && place->outlet->moved_on > day)
		find_company(org, place->outlet->moved_on, place);
}

/* Fill the place with the units of a path. */
static void
find_path(SpmOrg *org, const SpmOrgPath *path, SpmPlace *place)
{
	if (path->count > org->room)
	{
		org->room = Max(16, 2 * path->count);
		org->path =
			MemoryContextAlloc(org->context, org->room * sizeof(SpmUnit *));
	}
	place->count = path->count;
	place->units = org->path;
	for (int i = 0; i < path->count; i++)
	{
		SpmUnit *unit = unit_of(org, path, i);

		place->units[i] = unit;
		if (unit->kind == NULL)
			continue;
		if (unit->kind == org->outlet && place->outlet == NULL)
			place->outlet = unit;
		else if (unit->kind == org->office && place->office == NULL)
			place->office = unit;
		else if (unit->kind == org->company && place->company == NULL)
			place->company = unit;
	}
}

/* A unit of a path; found by number, as long as numbers hold. */
static SpmUnit *
unit_of(SpmOrg *org, const SpmOrgPath *path, int i)
{
	const SpmOrgUnit *unit = path->units[i];

	if (path->generation != org->generation)
	{
		if (org->numbered != NULL)
			memset(org->numbered, 0, org->numbered_room * sizeof(SpmUnit *));
		org->generation = path->generation;
	}
	if (unit->number >= org->numbered_room)
	{
		int room = Max(256, 2 * (unit->number + 1));
		SpmUnit **numbered =
			MemoryContextAllocZero(org->context, room * sizeof(SpmUnit *));

		if (org->numbered != NULL)
		{
			memcpy(numbered,
				   org->numbered,
				   org->numbered_room * sizeof(SpmUnit *));
			pfree(org->numbered);
		}
		org->numbered = numbered;
		org->numbered_room = room;
	}
	if (org->numbered[unit->number] == NULL)
		org->numbered[unit->number] =
			spm_org_unit(org, unit->code, unit->length);
	return org->numbered[unit->number];
}

/* The company that the outlet of a place is with on another day. */
static void
find_company(SpmOrg *org, DateADT day, SpmPlace *place)
{
	SpmOrgPath path;

	spm_path_of_unit(place->outlet->code, place->outlet->length, day, &path);
	place->company = NULL;
	for (int i = 0; i < path.count && place->company == NULL; i++)
	{
		SpmUnit *unit = unit_of(org, &path, i);

		if (unit->kind == org->company)
			place->company = unit;
	}
}

/* The partner type on a day: that of a span, else the other. */
const char *
spm_partner_type_on(const char *partner_type, const SpmUnitSpans *spans,
					DateADT day)
{
	for (int i = 0; i < spans->count; i++)
		if (spm_unit_span_covers(&spans->spans[i], day))
			return spans->spans[i].what;
	return partner_type;
}

/* The nearest unit of a kind, NULL if there is none. */
SpmUnit *
spm_place_unit(const SpmOrg *org, const SpmPlace *place, const char *kind)
{
	if (kind == org->company)
		return place->company;
	for (int i = 0; i < place->count; i++)
		if (place->units[i]->kind == kind)
			return place->units[i];
	return NULL;
}
