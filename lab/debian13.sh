#!/usr/bin/env bash
# Debian 13's userland for hosts of the lab (libvirt 11.3, QEMU 10.0), made once into the cache: about a minute, 0.5 GB.
#   debian13.sh       prints its folder
set -euo pipefail
. "$(dirname "$0")/lab.conf"
PACKAGES=libvirt-daemon-system,libvirt-clients,qemu-system-x86,qemu-utils,qemu-block-extra,iproute2,nftables,openssh-server,curl,perl,procps,sudo,swtpm,swtpm-tools,openssl,ovmf,socat,busybox-static
folder=$CACHE/debian13-$(printf '%s' "$PACKAGES" | sha256sum | cut -c 1-12)
if [ ! -e "$folder/usr/sbin/libvirtd" ]; then
  command -v mmdebstrap >/dev/null || {
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -qy --no-install-recommends mmdebstrap >&2 ||
      { apt-get update -q >&2 && apt-get install -qy --no-install-recommends mmdebstrap >&2; }
  }
  # The machine's own mirror; its other sources stay out of it.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
  say "making Debian 13's userland (once)"
  rm -rf --one-file-system "$folder" "$folder.part"
  mkdir -p "$CACHE"
  mmdebstrap --quiet --variant=minbase --skip=check/empty --include="$PACKAGES" trixie "$folder.part" "deb $mirror trixie main" >&2
  mv "$folder.part" "$folder"
fi
echo "$folder"
