/** The scripts that look at block devices and write nothing. Arguments arrive as $1, $2, …. */
import { createHash } from 'node:crypto';
import { asRoot } from '../interfaces/shell.js';

/** For perl: what is in a small file, and a device's number as the kernel's folders name it. */
export const READING = String.raw`sub text { open my $in, "<", $_[0] or return ""; local $/; my $t = <$in> // ""; $t =~ s/\s+$//; return $t }
sub number { my $r = $_[0]; return (($r >> 8) & 0xfff) . ":" . (($r & 0xff) | (($r >> 12) & 0xfff00)) }`;

/**
 * Paths: for each, ended by NUL characters: the path, without links, what it is, bytes, the device mapper's UUID, the WWN, the serial
 * (udev's, else the kernel's), and what of the host uses it, one to a line. A partition's names are its disk's with its number.
 */
export const DEVICES = asRoot(
  'devices.look',
  String.raw`exec perl -e '
use strict; use Cwd "realpath";
${READING}
my (%mounted, %swap);
for (split /\n/, text("/proc/self/mountinfo")) {
  my ($left, $right) = split / - /; my @l = split " ", $left; my $source = (split " ", $right)[1] // "";
  my @s = $source =~ m{^/} ? stat $source : ();
  my @numbers = ($l[2], -b _ && @s ? number($s[6]) : ());
  push @{$mounted{$_}}, $l[4] for @numbers;
}
for (split /\n/, text("/proc/swaps")) { my ($p) = split " "; my @s = stat $p; $swap{number($s[6])} = 1 if @s && -b _ }
sub users {
  my ($number) = @_; my $at = "/sys/dev/block/$number"; my %seen; my @users;
  push @users, map { "mounted at $_" } grep { !$seen{$_}++ } @{$mounted{$number} // []};
  push @users, "swap" if $swap{$number};
  for (glob "$at/holders/*") { my ($n) = m{([^/]+)$}; my $name = text("/sys/class/block/$n/dm/name"); push @users, "under /dev/$n" . ($name ne "" ? " ($name)" : "") }
  for (glob "$at/*/partition") { my ($n) = m{([^/]+)/partition$}; push @users, map { "/dev/$n is $_" } users(text("$at/$n/dev")) }
  return @users;
}
sub ids {
  my ($number) = @_; my $at = "/sys/dev/block/$number";
  my %udev = map { /^E:([^=]+)=(.*)/ ? ($1, $2) : () } split /\n/, text("/run/udev/data/b$number");
  my $dm = text("$at/dm/uuid") || ($udev{DM_UUID} // "");
  my $wwn = $udev{ID_WWN_WITH_EXTENSION} // $udev{ID_WWN} // "";
  for ("$at/wwid", "$at/device/wwid") { last if $wwn ne ""; my $t = text($_); $wwn = $t if $t =~ /^(naa|eui|uuid)\./ }
  $wwn =~ s/^(naa\.|eui\.|0x)//; $wwn = lc $wwn;
  my $serial = $udev{ID_SERIAL} // "";
  for ("$at/serial", "$at/device/serial") { last if $serial ne ""; $serial = text($_) }
  return ($dm, $wwn, $serial);
}
for my $path (@ARGV) {
  my @s = stat $path; my $real = @s ? realpath($path) : $path;
  my $kind = !@s ? "absent" : -b _ ? "device" : -f _ ? "file" : "other";
  my ($size, @ids, @users) = (@s ? $s[7] : 0); @ids = ("", "", "");
  if ($kind eq "device") {
    my $number = number($s[6]); my $at = "/sys/dev/block/$number"; $size = 512 * (text("$at/size") || 0);
    my $part = text("$at/partition");
    my $disk = $number; if ($part ne "") { my $up = realpath("$at/.."); $disk = text("$up/dev") }
    @ids = ids($disk); @ids = map { $_ eq "" ? "" : "$_ part$part" } @ids if $part ne "" && $disk ne $number;
    @users = users($number);
  }
  print join("\0", $path, $real, $kind, $size, @ids, join("\n", @users)), "\0";
}' -- "$@"`,
);

/** How many parts of a device are read, and how much of each. */
const PARTS = 32;
const PART_BYTES = 64 * 1024;

/** The checksum of a part of nothing but zeroes. */
export const OF_ZEROES = createHash('sha256').update(Buffer.alloc(PART_BYTES)).digest('hex');
/** What is left of a part that could not be read. */
const OF_NOTHING = createHash('sha256').digest('hex');

/** `$1` device: a checksum of each part, one to a line, from the first to the last. Past the cache, which each host has for itself. */
export const SAMPLES = asRoot(
  'devices.sample',
  `set -e
size=$(blockdev --getsize64 "$1"); size=$((size / 4096 * 4096))
[ $size -gt ${PART_BYTES} ] || { echo "$1 is too small to be told apart" >&2; exit 1; }
n=0
while [ $n -lt ${PARTS} ]; do
  at=$(((size - ${PART_BYTES}) / 4096 * n / ${PARTS - 1} * 4096))
  sum=$(dd if="$1" iflag=direct,skip_bytes bs=${PART_BYTES} skip=$at count=1 status=none | sha256sum)
  sum=\${sum%% *}
  [ "$sum" != ${OF_NOTHING} ] || exit 1
  echo "$sum"; n=$((n + 1))
done`,
);
