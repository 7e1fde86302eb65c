/** The scripts that take a block device for a disk, and give it back. Arguments arrive as $1, $2, …; nothing is spliced in. */
import { asRoot } from '../interfaces/shell.js';
import { READING } from './device-scripts.js';

/** Exit code of an answer for a person, which is printed. */
export const REFUSED = 3;

/**
 * A mark is a file of drover's own, one to a device: whose it is, for which disk, how far it is, in which boot, which device it was, and its
 * path, a line each; then which attempt at a copy writes into it. A device's number is given anew, so it is told by the kernel's count of disks (diskseq) and the device mapper's name too.
 */
const MARKS = String.raw`use strict; use Fcntl; use Cwd "realpath"; my $dir = "/var/lib/drover";
${READING}
my $boot = text("/proc/sys/kernel/random/boot_id");
sub which {
  my @s = stat $_[0]; return () unless @s && -b _;
  my $n = number($s[6]); my $at = "/sys/dev/block/$n";
  my $disk = -e "$at/partition" ? "$at/.." : $at;
  return ($n, join " ", $n, text("$disk/diskseq"), text("$at/size"), text("$at/dm/uuid"));
}
sub mark { (my $n = $_[0]) =~ tr/:/-/; return "$dir/device-$n" }
sub put {
  my ($mark, @lines) = @_; unlink "$mark.new";
  sysopen my $out, "$mark.new", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600 or die "$mark: $!\n";
  print $out map { "$_\n" } @lines; close $out or die "$mark: $!\n";
  rename "$mark.new", $mark or die "$mark: $!\n";
}
sub mine { my $owner = shift; my %wanted = map { $_ => 1 } @_;
  return grep { $_->[1] eq $owner && $wanted{$_->[6]} } map { [$_, split /\n/, text($_)] } grep { /-\d+$/ } glob "$dir/device-*" }
`;
const perl = (body: string): string => `exec perl -e '${MARKS}${body}' -- "$@"`;

/**
 * `$1` path, `$2` owner, `$3` disk, `$4` bytes: marks the device, then reads all of it past the cache while nobody else may open it
 * exclusively, as a mount or a volume group does. What it says of a device that it refuses is for a person.
 */
export const TAKE = asRoot(
  'devices.take',
  perl(String.raw`
my ($path, $owner, $disk, $bytes) = @ARGV;
sub refuse { my $mark = $_[1]; unlink $mark if $mark; print $_[0]; exit ${REFUSED} }
my ($number, $id) = which($path) or refuse("is no block device");
my $mark = mark($number); mkdir $dir, 0700; my @fields = ($owner, $disk, "read", $boot, $id, $path);
if (sysopen my $new, $mark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600) { close $new }
else {
  my @old = split /\n/, text($mark);
  if (@old && $old[3] eq $boot && $old[4] eq $id) {
    refuse("is being written to for " . ($old[0] eq $owner ? "the disk $old[1] of the same guest" : "the move $old[0]")) if $old[0] ne $owner || $old[1] ne $disk;
    exit 0 if $old[2] ne "read";
  }
}
put($mark, @fields);
my $real = realpath($path);
sysopen my $hold, $real, O_RDONLY | O_EXCL or refuse("is in use by the host itself ($!)", $mark);
open my $size, "-|", "blockdev", "--getsize64", $real or die; my $has = <$size> + 0;
refuse("has $has bytes, and $bytes are needed", $mark) if $has < $bytes;
open my $in, "-|", "dd", "if=$real", "iflag=direct", "bs=4M", "status=none" or die; binmode $in;
my ($at, $zero) = (0, "\0" x 4194304);
while (my $got = read $in, my $data, 4194304) {
  refuse("has data on it (at byte " . ($at + $-[0]) . ")", $mark) if $data ne substr($zero, 0, $got) && $data =~ /[^\0]/;
  $at += $got;
}
close $in or refuse("cannot be read", $mark);
refuse("could be read to byte $at of $has only", $mark) if $at != $has;
$fields[2] = "empty"; put($mark, @fields)`),
);

/**
 * `$1` owner, then paths: fills what was written into with zeroes, and drops all marks. Prints what stays as it is, with the reason. Into
 * one that is still `empty` nothing was written by drover: whatever is in it by now is somebody's.
 */
export const GIVE_BACK = asRoot(
  'devices.giveBack',
  perl(String.raw`
my ($owner, @paths) = @ARGV; my @kept;
for (mine($owner, @paths)) {
  my ($mark, undef, $disk, $state, $then, $was, $path) = @$_; my ($number, $id) = which($path);
  next if $state eq "last";
  my $isOurs = $state ne "read" && $state ne "empty";
  my $why = !$isOurs ? "" : $then ne $boot ? "the host was started anew since, and which device it was cannot be told"
    : ($id // "") ne $was ? "it is another device by now" : "";
  if ($isOurs && $why eq "") {
    my $real = realpath($path);
    if (sysopen my $hold, $real, O_RDWR | O_EXCL) {
      close $hold;
      $why = "it could not be filled with zeroes" if system("blkdiscard", "-z", $real) && system("dd", "if=/dev/zero", "of=$real", "oflag=direct", "bs=4M", "iflag=count_bytes", "count=" . (qx(blockdev --getsize64 "$real") + 0), "conv=notrunc,fsync", "status=none");
    } else { $why = "it is in use ($!)" }
  }
  print "$path: $why\n" if $why ne "";
  unlink $mark or die "$mark: $!\n";
}`),
);

/** `$1` owner, `$2` how far it is, then paths: writes that into their marks; `kept` drops them. */
export const PUT_STATE = asRoot(
  'devices.putState',
  perl(String.raw`
my ($owner, $state, @paths) = @ARGV;
for (mine($owner, @paths)) {
  my ($mark, @fields) = @$_;
  if ($state eq "kept") { unlink $mark or die "$mark: $!\n"; next }
  $fields[2] = $state; put($mark, @fields);
}`),
);

/**
 * `$1` owner, `$2` path, `$3` an attempt at its copy: writes down that this one writes into it now, and no earlier one any more. Refuses
 * if nothing was proved of the device, or a copy has arrived.
 */
export const BEGIN_COPY = asRoot(
  'devices.beginCopy',
  perl(String.raw`
my ($owner, $path, $attempt) = @ARGV;
my @begun = grep { $_->[3] eq "empty" || $_->[3] eq "writing" } mine($owner, $path) or exit ${REFUSED};
for (@begun) { my ($mark, @fields) = @$_; @fields[2, 6] = ("writing", $attempt); put($mark, @fields) }`),
);

/** As above: what this attempt has written has arrived. Refuses if another one writes by now, or has brought its own. */
export const END_COPY = asRoot(
  'devices.endCopy',
  perl(String.raw`
my ($owner, $path, $attempt) = @ARGV;
my @ended = grep { $_->[3] eq "writing" && ($_->[7] // "") eq $attempt } mine($owner, $path) or exit ${REFUSED};
for (@ended) { my ($mark, @fields) = @$_; $fields[2] = "arrived"; put($mark, @fields) }`),
);

/** `$1` owner, then paths: prints those that it has marked, each after how far it is; `gone` if that was another device, or before the host's last start. */
export const STATES = asRoot(
  'devices.states',
  perl(String.raw`
my ($owner, @paths) = @ARGV;
for (mine($owner, @paths)) { my ($mark, undef, $disk, $state, $then, $was, $path) = @$_; my ($n, $id) = which($path); $state = "gone" if $state ne "last" && ($then ne $boot || ($id // "") ne $was); print "$state $path\n" }`),
);
