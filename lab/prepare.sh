#!/usr/bin/env bash
# Lays out the lab's folder: keys, the hosts' configuration, the guest's kernel, disks and images.
set -euo pipefail
here=$(dirname "$0")
. "$here/lab.conf"

mkdir -p /var/lib/drover "$LAB"/{ssh,shared,store,volumes,hosts,run,log}
ssh-keygen -q -t ed25519 -N '' -C drover-lab -f "$LAB/ssh/id_ed25519"
: >"$LAB/ssh/known_hosts"

bash "$here/guest-image.sh" "$LAB/boot"

# One base image, published in the image store with its checksum, cached on every host but h3.
base=$LAB/store/base.qcow2
raw=$(mktemp "$LAB/base.XXXXXX")
truncate -s "${DISK_MIB}M" "$raw"
mke2fs -q -t ext4 -F -O '^metadata_csum' "$raw"
qemu-img convert -q -f raw -O qcow2 "$raw" "$base"
(cd "$LAB/store" && sha256sum base.qcow2 >SHA256SUMS)
cp --sparse=always "$raw" "$LAB/volumes/1-vol1.raw"
cp --sparse=always "$raw" "$LAB/volumes/2-mix1.raw"
for vm in web1 mix1; do
  mkdir -p "$LAB/shared/$vm"
  qemu-img convert -q -f raw -O qcow2 "$raw" "$LAB/shared/$vm/root.qcow2"
done
rm "$raw"

# An authority and a certificate for each host, under libvirt's names: for transfers by TLS.
mkdir "$LAB/pki"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=drover-lab -keyout "$LAB/pki/ca-key.pem" -out "$LAB/pki/ca-cert.pem" 2>/dev/null
certify() { # HOST FOLDER
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$2/server-key.pem" -out "$LAB/pki/$1.csr" 2>/dev/null
  openssl x509 -req -days 30 -CA "$LAB/pki/ca-cert.pem" -CAkey "$LAB/pki/ca-key.pem" -CAcreateserial -in "$LAB/pki/$1.csr" \
    -extfile <(echo "subjectAltName=DNS:$1,IP:$(host_ip "$1")") -out "$2/server-cert.pem" 2>/dev/null
  cp "$LAB/pki/ca-cert.pem" "$2/"
  cp "$2/server-cert.pem" "$2/client-cert.pem"
  cp "$2/server-key.pem" "$2/client-key.pem"
}

echo "127.0.0.1 localhost" >"$LAB/etc-hosts"
for name in $HOSTS; do
  echo "$(host_ip "$name") $name" >>"$LAB/etc-hosts"
  root=$LAB/hosts/$name
  mkdir -p "$root"/{etc/libvirt/pki,var/lib/libvirt/{boot,images/_base},var/log/libvirt/qemu,var/cache/libvirt,ssh}
  ! is_new "$name" || bash "$here/debian13.sh" >"$root/userland"
  cp -l "$LAB"/boot/* "$root/var/lib/libvirt/boot/"
  certify "$name" "$root/etc/libvirt/pki"
  ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$root/ssh/host_key"
  echo "[127.0.0.1]:$(ssh_port "$name") $(cut -d' ' -f1,2 "$root/ssh/host_key.pub")" >>"$LAB/ssh/known_hosts"
  cp "$LAB/ssh/id_ed25519.pub" "$root/ssh/authorized_keys"
  # The login user: with a key, in the group libvirt; what it may do as root comes from drover hosts prepare.
  mkdir -p "$root/etc/sudoers.d"
  { cat /etc/passwd; echo "drover:x:7700:7700::/srv/drover:/bin/sh"; } >"$root/etc/passwd"
  { sed -E 's/^(libvirt:.*:)(.*)$/\1\2,drover/; s/^(libvirt:.*:),/\1/' /etc/group; echo "drover:x:7700:"; } >"$root/etc/group"
  { cat /etc/shadow; echo "drover:*:20000:0:99999:7:::"; } >"$root/etc/shadow"
  chmod 640 "$root/etc/shadow"
  cat >"$root/sshd_config" <<CONF
Port 22
HostKey $root/ssh/host_key
AuthorizedKeysFile $root/ssh/authorized_keys .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
PidFile /run/sshd.pid
CONF
  cat >"$root/etc/libvirt/libvirtd.conf" <<CONF
unix_sock_group = "libvirt"
unix_sock_rw_perms = "0770"
auth_unix_rw = "none"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
host_uuid = "00000000-0000-4000-8000-0000000000$(host_index "$name")0"
CONF
  cat >"$root/etc/libvirt/qemu.conf" <<'CONF'
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
user = "root"
group = "root"
dynamic_ownership = 0
swtpm_user = "root"
swtpm_group = "root"
default_tls_x509_cert_dir = "/etc/libvirt/pki"
default_tls_x509_verify = 1
CONF
done

for vm in blk1 mix1; do
  images=$LAB/hosts/h1/var/lib/libvirt/images
  mkdir -p "$images/$vm"
  cp "$base" "$images/_base/base.qcow2"
  qemu-img create -q -f qcow2 -b "$INSTANCES/_base/base.qcow2" -F qcow2 -u \
    "$images/$vm/disk.qcow2" "${DISK_MIB}M"
done
# A config drive: a small read-only disk with the VM's metadata (U2).
printf 'instance-id: blk1\n' >"$images/blk1/config.img"
truncate -s 64K "$images/blk1/config.img"
