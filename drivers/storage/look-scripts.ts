/** The scripts that look at paths on a host and change nothing. Arguments arrive as $1, $2, …; names may hold anything but NUL. */
import { asRoot } from '../interfaces/shell.js';

/**
 * Paths: for each, ended by NUL characters: the path, the same without links, `link` or nothing, what it is, device and inode,
 * owner, group, mode, mount point and type of its file system, its size, when it was last changed, and last written to, and with
 * commas its ACL, `user.` attributes and flags of chattr. perl has no names for their system calls, whose numbers are the kernel's for each machine. What is not there is judged by the nearest folder that is.
 */
export const LOOK = asRoot(
  'paths.look',
  String.raw`exec perl -e '
use strict; use Cwd "realpath"; use Fcntl; use POSIX (); use Time::HiRes;
my @mounts;
open my $in, "<", "/proc/self/mountinfo" or die "mountinfo: $!";
while (<$in>) {
  my ($left, $right) = split / - /; my $point = (split " ", $left)[4]; my $type = (split " ", $right)[0];
  $point =~ s/\\([0-7]{3})/chr oct $1/ge; push @mounts, [$point, $type];
}
sub mount_of {
  my ($path) = @_; my $best = ["/", ""];
  for (@mounts) {
    my $prefix = $_->[0] eq "/" ? "/" : "$_->[0]/";
    $best = $_ if index("$path/", $prefix) == 0 && length $_->[0] >= length $best->[0];
  }
  return @$best;
}
sub real {
  my ($path) = @_; my ($rest, $links) = ("", 0);
  while (1) {
    # A link to what is not there yet leads there all the same.
    if (-l $path && !-e $path && $links++ < 40) {
      my $to = readlink $path; my ($up) = $path =~ m{^(.*)/[^/]*$};
      $path = $to =~ m{^/} ? $to : "$up/$to"; next;
    }
    my $real = -e $path ? realpath($path) : undef;
    if (defined $real) { $real = "" if $real eq "/" && $rest ne ""; return $real . $rest }
    my ($up, $name) = $path =~ m{^(.*)/([^/]*)$} or return $_[0];
    $rest = "/$name$rest"; $path = $up eq "" ? "/" : $up;
  }
}
my $list = {x86_64 => 194, aarch64 => 11, riscv64 => 11, loongarch64 => 11, ppc64le => 215, s390x => 230}->{(POSIX::uname())[4]};
my %flags = (0x10 => "i", 0x20 => "a", 0x800000 => "C", 0x4 => "c", 0x80 => "A", 0x8 => "S", 0x40 => "d");
sub extras {
  my ($path) = @_; my ($names, $flags) = ("\0" x 65536, pack "x16");
  my $length = $list ? syscall $list, "$path", $names, 65536 : 0;
  my %found = map { (/^system\.posix_acl_/ ? "ACL" : $_) => 1 } grep { /^(?:user\.|system\.posix_acl_)/ } split /\0/, substr $names, 0, $length > 0 ? $length : 0;
  my @found = sort keys %found;
  # FS_IOC_GETFLAGS, as it is numbered where a long has eight bytes and reading is 2.
  if ((-f $path || -d _) && sysopen my $file, $path, O_RDONLY | O_NONBLOCK) {
    my $bits = ioctl($file, 0x80086601, $flags) ? unpack "L", $flags : 0;
    my $set = join "", map { $bits & $_ ? $flags{$_} : () } sort { $a <=> $b } keys %flags;
    push @found, "chattr +$set" if $set ne "";
  }
  return join ",", map { s/[^\w.:+ -]/?/gr } @found > 20 ? @found[0 .. 19] : @found;
}
my (%users, %groups);
for my $path (@ARGV) {
  my $link = -l $path ? "link" : ""; my @s = stat $path; my $real = real($path);
  my $kind = !@s ? "absent" : -f _ ? "file" : -d _ ? "folder" : -b _ ? "block" : "other";
  my ($user, $group, $mode) = ("", "", "");
  if (@s) {
    $user = $users{$s[4]} //= getpwuid($s[4]) // $s[4]; $group = $groups{$s[5]} //= getgrgid($s[5]) // $s[5];
    $mode = sprintf "%04o", $s[2] & 07777;
  }
  # Two nodes of one device are one thing, wherever they are.
  my $id = !@s ? "" : $kind eq "block" ? "device:$s[6]" : "$s[0]:$s[1]";
  print join("\0", $path, $real, $link, $kind, $id, $user, $group, $mode, mount_of($real), @s ? ($s[7], (map { sprintf "%.6f", $_ } (Time::HiRes::stat $path)[10, 9]), extras($path)) : ("", "", "", "")), "\0";
}' -- "$@"`,
);

/** `$1` folder: everything below it, ended by NUL characters, a thousand names at most. */
export const WITHIN = asRoot(
  'paths.within',
  '[ -d "$1" ] || exit 0; find "$1" -mindepth 1 -print0 | head -z -n 1000',
);

/** Files that a loop device of this host is over: lines \`DEVICE FILE\`, ended by NUL, since a name may hold anything else. */
export const LOOPS = asRoot(
  'paths.loops',
  `for f in /sys/block/loop*/loop/backing_file; do
  [ -r "$f" ] || continue
  d=\${f#/sys/block/}; printf '/dev/%s %s\\0' "\${d%%/*}" "$(cat "$f")"
done`,
);
