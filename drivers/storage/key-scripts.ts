/**
 * The scripts that let the key of one copy in, and take it away, in the login user's authorized_keys. That file lets people in:
 * it is written beside and renamed, or not changed at all. Arguments arrive as $1, $2, …
 */
import { asLogin } from '../interfaces/shell.js';

/**
 * Standard input: a line to add; none: `$1` comment, whose lines are removed. The old file is replaced only by a whole new one
 * on the disk, with its owner and mode. Where there is no room for that, lines are made comments in place: one write of the same
 * length, which takes no room and touches no other line.
 */
const EDIT = String.raw`umask 077; mkdir -p ~/.ssh && exec flock ~/.ssh perl -e '
use strict; use Cwd "realpath"; use IO::Handle;
my ($comment) = @ARGV; my $line = defined $comment ? "" : join "", <STDIN>;
my $file = realpath("$ENV{HOME}/.ssh/authorized_keys");
my @stat = stat $file; my $old = "";
if (@stat) { open my $in, "<", $file or fail("read"); local $/; $old = <$in> // "" }
elsif (defined $comment) { exit 0 }
sub fail { print STDERR "authorized_keys: cannot $_[0]: $!\n"; exit 1 }
my $is_mine = sub { defined $comment && $_[0] =~ / \Q$comment\E\n?\z/ };
my @lines = $old =~ /[^\n]*\n|[^\n]+\z/g;
my $new = join "", grep { !$is_mine->($_) } @lines;
$new .= "\n" if $line ne "" && $new ne "" && $new !~ /\n\z/;
$new .= $line;
exit 0 if $new eq $old;
my $part = "$file.drover-$$";
sub replace {
  open my $out, ">", $part or return 0;
  print {$out} $new or return 0; $out->flush && $out->sync or return 0; close $out or return 0;
  -s $part == length $new or return 0;
  if (@stat) { chmod $stat[2] & 07777, $part or return 0; $stat[4] == $> or chown @stat[4, 5], $part or return 0 }
  return rename $part, $file;
}
exit 0 if replace();
my $why = $!; unlink $part;
if (!defined $comment) { $! = $why; fail("add a key") }
open my $out, "+<", $file or fail("write"); my $at = 0;
for (@lines) {
  if ($is_mine->($_)) { (my $blank = $_) =~ s/[^\n]/#/g; sysseek $out, $at, 0; syswrite($out, $blank) == length $blank or fail("take a key away") }
  $at += length;
}
$out->sync or fail("take a key away"); exit 0' -- `;

/** Standard input: a line for authorized_keys. */
export const ALLOW_KEY = asLogin('copy.allowKey', EDIT);

/** \`$1\` comment: the keys that end with it are gone; every other line stays as it is. */
export const FORBID_KEY = asLogin(
  'copy.forbidKey',
  `[ -e ~/.ssh/authorized_keys ] || exit 0; ${EDIT} "$1"`,
);
