/** The script that hashes what a guest sees of an image. */
import { asRoot } from '../interfaces/shell.js';

/** Exit code of DIGEST for an image whose data cannot be mapped to its files: compressed or encrypted clusters. */
export const UNMAPPABLE = 9;

/**
 * `$1` image; standard input: a key of 32 hexadecimal digits, made for this one copy. It prints how it hashed, and the hashes over the guest-visible
 * data with its positions and without zeroes, so that they are the same whatever the format: by whole blocks of the disk, since one image
 * may have the end of a block in a file that its copy does not have, as where a backing file ends in the middle of one. Two processes take 16 MiB by turns:
 * one does not keep up with a disk. GMAC takes a third of SHA-256’s time; it needs OpenSSL 3, and a key that a guest cannot know.
 * Perl is Debian’s essential one.
 */
export const DIGEST = asRoot(
  'copy.digest',
  String.raw`perl -e '
use strict; my ($image) = @ARGV; chomp(my $key = <STDIN> // ""); my ($zero, $lanes) = ("\0" x 4096, 2);
open my $map, "-|", "sh", "-c", "qemu-img map -U \"\$1\" 2>&1", "sh", $image or exit 1;
my @lines = <$map>; close $map;
if ($?) { print STDERR @lines; exit(grep(/compressed|encrypted/, @lines) ? ${UNMAPPABLE} : 1) }
shift @lines;
my ($by, @hash) = ("sha256", "sha256sum");
($by, @hash) = ("gmac", qw(openssl mac -cipher AES-128-GCM -macopt hexiv:000000000000000000000000 -macopt), "hexkey:$key", "GMAC")
  if qx(openssl list -mac-algorithms 2>/dev/null) =~ /GMAC/;
my ($sum, $expected);
sub add {
  my ($at, $data) = @_;
  my $put = $at == $expected ? $data : pack("Q", $at) . $data;
  for (my $o = 0; $o < length $put; ) { my $n = syswrite $sum, $put, length($put) - $o, $o; defined $n or exit 1; $o += $n }
  $expected = $at + length $data;
}
sub hash_lane {
  my ($lane) = @_;
  open $sum, "|-", @hash or exit 1;
  $expected = -1; my ($name, $in, $open, $block) = ("", undef, -1, "");
  my $flush = sub { add($open << 12, $block) if $open >= 0 && $block ne $zero; $open = -1 };
  for (@lines) {
    my ($at, $left, $from, $file) = /^(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/ or exit 1;
    ($at, $left, $from) = (hex $at, hex $left, hex $from);
    if ($file ne $name) { open $in, "<", $file or exit 1; binmode $in; $name = $file }
    for (my $step; $left > 0; $at += $step, $from += $step, $left -= $step) {
      $step = 1048576 - $at % 1048576; $step = $left if $left < $step;
      next if ($at >> 24) % $lanes != $lane;
      sysseek $in, $from, 0; $step = sysread $in, my $data, $step or exit 1;
      if ($at % 4096 == 0 && $step % 4096 == 0 && index($data, $zero) < 0) { $flush->(); add($at, $data); next }
      for (my ($o, $n) = (0); $o < $step; $o += $n) {
        my ($here, $within) = (($at + $o) >> 12, ($at + $o) % 4096);
        $n = 4096 - $within; $n = $step - $o if $n > $step - $o;
        if ($open != $here) { $flush->(); ($open, $block) = ($here, $zero) }
        substr($block, $within, $n) = substr $data, $o, $n;
      }
    }
  }
  $flush->();
  close $sum or exit 1; exit 0;
}
my @parts = map { my $lane = $_; defined(my $pid = open my $part, "-|") or exit 1; $pid or hash_lane($lane); $part } 0 .. $lanes - 1;
$| = 1; print "$by ";
for (@parts) { my ($hex) = (readline($_) // "") =~ /^([0-9A-Fa-f]+)/ or exit 1; close $_ or exit 1; print $hex }' "$1"`,
);
