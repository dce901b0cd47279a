#!/usr/bin/perl
#
# Splits SQL files into statements for the rules of CI.  Prints one line per
# statement, four fields between tabs:
#
#   file:line   comments before and in it   code, quoted parts emptied   quoted parts
use strict;
use warnings;

my $word = qr/[A-Za-z_][A-Za-z_0-9\$]*/;

sub one_line
{
	my ($text) = @_;
	$text =~ s/\s+/ /g;
	$text =~ s/^ | $//g;
	return $text;
}

# Prints the statements of one file.
sub split_file
{
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	my ($comments, $code, $quoted, $line, $start) = ('', '', '', 1, undef);
	my ($atomic, $depth) = (0, 0);
	my $print = sub {
		print join("\t", "$file:" . ($start // $line),
			map { one_line($_) } $comments, $code, $quoted), "\n"
		  if $code =~ /\S/;
		($comments, $code, $quoted, $start, $atomic, $depth) =
		  ('', '', '', undef, 0, 0);
	};

	pos($text) = 0;
	while (pos($text) < length $text)
	{
		my $lines_of = pos $text;
		if ($text =~ /\G\\[^\n]*\n/gc) { }    # psql's own command
		elsif ($text =~ /\G(--[^\n]*)/gc or $text =~ m{\G(/\*.*?\*/)}gcs)
		{
			$comments .= "$1 ";
		}
		elsif ($text =~ /\G(\$(?:$word)?\$)(.*?)\g1/gcs
			or $text =~ /\G([eE]?')((?:[^']|'')*)'/gc)
		{
			$quoted .= "$2 ";
			$code .= "''";
			$start //= $line;
		}
		elsif ($text =~ /\G($word)/gc)
		{
			my $token = uc $1;
			$code .= $1;
			$start //= $line;
			$atomic = 1 if $token eq 'ATOMIC' && $code =~ /\bBEGIN\s+ATOMIC$/i;
			if ($atomic)
			{
				$depth++ if $token eq 'ATOMIC' or $token eq 'CASE';
				$depth-- if $token eq 'END';
			}
		}
		elsif ($text =~ /\G;/gc)
		{
			if   ($depth > 0) { $code .= ';' }
			else              { $print->() }
		}
		elsif ($text =~ /\G(.)/gcs)
		{
			$code .= $1;
			$start //= $line if $1 =~ /\S/;
		}
		$line += substr($text, $lines_of, pos($text) - $lines_of) =~ tr/\n//;
	}
	$print->();
}

split_file($_) foreach @ARGV;
