#!/usr/bin/env bash
# Builds the guests' kernel and initramfs from Debian's cloud kernel (unpacked, not installed) and a
# static busybox. The kernel's package is fetched once, into drover's cache.
#   guest-image.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lab.conf"
out=$1
mkdir -p "$out" "$CACHE/kernel"
exec 9>"$CACHE/kernel/lock" && flock 9    # two labs may come up at once
if [ ! -e "$CACHE/kernel/ready" ]; then
  package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
  [ -n "$package" ] || die "no cloud kernel in the package lists: run apt-get update"
  say "fetching the guests' kernel ($package) once"
  (cd "$CACHE/kernel" && apt-get download -qq "$package" && dpkg-deb -x "$package"_*.deb tree && rm "$package"_*.deb)
  touch "$CACHE/kernel/ready"
fi
exec 9>&-
tree=$CACHE/kernel/tree
modules=$(echo "$tree"/lib/modules/*)
root=$(mktemp -d "$LAB/initramfs.XXXXXX")
mkdir -p "$root"/{bin,lib/modules,proc,sys,dev,mnt,www/cgi-bin}
cp "$(command -v busybox)" "$root/bin/busybox"
for m in failover net_failover virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_net virtio_blk button evdev; do
  find "$modules" -name "$m.ko" -exec cp {} "$root/lib/modules/" \;
done
cp "$here/guest/init" "$root/init"
cp "$here"/guest/cgi-bin/* "$root/www/cgi-bin/"
chmod 755 "$root/init" "$root"/www/cgi-bin/*
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd"
cp "$tree"/boot/vmlinuz-* "$out/vmlinuz"
# Unpacked, if it is LZ4 as Debian 12 has it: else each boot spends half a second of emulation on that. UEFI firmware takes
# only the packed one. What follows the stream is no concern of lz4's, which says so by its exit code.
start=$(LC_ALL=C grep -aobUP '\x02\x21\x4c\x18' "$out/vmlinuz" | head -n 1 | cut -d: -f1 || true)
tail -c +$((${start:-0} + 1)) "$out/vmlinuz" | lz4 -dcq >"$out/vmlinux" 2>/dev/null || true
[ "$(head -c 4 "$out/vmlinux")" = $'\x7fELF' ] || cp "$out/vmlinuz" "$out/vmlinux"
rm -r "$root"
