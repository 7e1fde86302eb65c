/**
 * The attributes that the account's rows have been thought through with: all of libvirt 9.0's and 11.3's schemas
 * (test/unit/guest/attributes.test.ts). What is not here refuses by its path, as an element without a row does.
 */
import type { Element } from '@xmldom/xmldom';

/**
 * `ELEMENT ...: ATTRIBUTE ...`. The longest ending of an element's path counts: `disk/source` before `source`. A slash behind an attribute:
 * a path may stand there, and its element's rows look at it.
 */
const OUTLINE = `
domain: id type
acceleration: accel2d accel3d rendernode/
access binary/cache hyperv mouse sandbox smbios streaming: mode
acpi: index
adapter: managed name parent parent_fabric_wwn parent_wwnn parent_wwpn type wwnn wwpn
add del: capability
address: base bus controller cssid devno domain function iobase irq multifunction port reg slot ssid target type unit
aia arg cfpc ibs sbbc: value/
alias backenddomain cookie entry initenv iqn model snapshot: name
alignsize block current currentMemory hard_limit max_size maxpagesize min_guarantee pagesize pcihole64 requested size soft_limit space_hard_limit space_soft_limit swap_hard_limit tb-cache tseg: unit
allocation: mode threads
apic: eoi
async-teardown suspend-to-disk suspend-to-mem: enabled
audio iothread product queue vendor: id
audit_control audit_write avic block_suspend ccf-assist chown dac_override dac_read_search direct e820_host emsr_bitmap evmcs extended fowner frequencies fsetid hap hidden hint-dedicated htm ipc_lock ipc_owner ipi kill lease link linux_immutable mac_admin mac_override mknod nested-hv net_admin net_bind_service net_broadcast net_raw pmu poll-control ps2 pv-ipi pvspinlock ras reenlightenment relaxed reset runtime setfcap setgid setpcap setuid smm stimer synic sys_admin sys_boot sys_chroot sys_module sys_nice sys_pacct sys_ptrace sys_rawio sys_resource sys_time sys_tty_config syslog tlbflush vapic vmcoreinfo vmport vpindex wake_alarm xmm_input: state
auth: username
backend: logFile/ tap/ type vhost/
backend/encryption: secret
backend/source channel/source console/source parallel/source redirdev/source serial/source smartcard/source: append channel host master mode path/ service slave tls
backend/source/seclabel backingStore/source/seclabel channel/source/seclabel console/source/seclabel dataStore/source/seclabel disk/source/seclabel mirror/source/seclabel nvram/source/seclabel parallel/source/seclabel redirdev/source/seclabel serial/source/seclabel smartcard/source/seclabel: labelskip model relabel
backingStore: index type
backingStore/source disk/source mirror/source nvram/source: dev/ dir/ fdgroup file/ index managed mode name/ namespace path/ pool protocol query/ startupPolicy tls tlsHostname type volume
bandwidth: cache initiator target type unit value
binary: path/ xattr
bios: rebootTimeout useserial
blockio: discard_granularity logical_block_size physical_block_size
boot: loadparm order
bootmenu: enable timeout
cache: level mode
cache/size line: unit value
cachetune: id vcpus
cachetune/cache: id level size type unit
capabilities: policy
catchup: limit slew threshold
cell: cpus discard id memAccess memory unit
cell/cache: associativity level policy
channel codec dataStore format hub interface/model memoryBacking/source protocol shmem/model sysinfo table virtualport: type
channel/target: address name port state type
cid: address auto
cipher: hash mode name size
clipboard: copypaste
clock: adjustment basis offset start timezone
config: file/
console parallel serial: tty/ type
controller: index maxEventChannels maxGrantFrames model ports type vectors
controller/driver: ats cmd_per_lun ioeventfd iommu iothread max_sectors packed page_per_vq queues
controller/target: busNr chassis chassisNr hotplug index memReserve port
cpu: check deprecated_features match migratable mode
cpu/model: fallback vendor_id
crypto rng/backend: model type
crypto/backend: model queues
dataStore/source source/dataStore/source: dev/ dir/ managed mode name/ namespace path/ pool protocol query/ startupPolicy tls tlsHostname type volume
defaultiothread: thread_pool_max thread_pool_min
deprecation: behavior
device downscript knownHosts script server: path/
devices/audio: driver dspPolicy exclusive id path/ runtimeDir/ serverName timerPeriod tryMMap type
devices/input: bus model type
devices/memory: access discard model
dirty-ring: size state
disk: device model rawio sgio snapshot type
disk/driver: ats cache copy_on_read detect_zeroes discard discard_no_unref error_policy event_idx io ioeventfd iommu iothread name packed page_per_vq queue_size queues rerror_policy type
disk/source/dataStore/source: dev/ dir/ fdgroup file/ managed mode name/ namespace path/ pool protocol query/ startupPolicy tls tlsHostname type volume
disk/target: bus dev removable rotation_rate tray
driver: ats iommu packed page_per_vq
driver/host: csum ecn gso mrg_rxbuf tso4 tso6 ufo
emulatorpin: cpuset
emulatorsched: priority scheduler
encryption: engine format
env parameter: name value/
event firmware/feature: enabled name
feature: name policy
fibrechannel: appid
filesystem: accessmode dmode fmode model multidevs type
filesystem/driver: ats format iommu packed page_per_vq queue type wrpolicy
filesystem/source: dev/ dir/ file/ name socket/ units usage
filesystem/target: dir/
filetransfer: enable
filterref: filter
frames openfiles: max
geometry: cyls heads secs trans
gic: version
gid uid: count start target
gl: enable rendernode/
graphics: address autoport connected defaultMode display fullscreen keymap listen multiUser p2p passwd passwdValidTo port powerControl replaceUser sharePolicy socket/ tlsPort type username websocket xauth
graphics/channel: mode name
guest: csum ecn tso4 tso6 ufo
host source/host: name port socket/ transport
hostdev: display managed mode model ramfb rawio sgio type
hostdev/driver: model name
hostdev/source: guestReset name protocol startupPolicy writeFiltering wwpn
hostdev/source/address: bus device domain function multifunction slot target unit uuid
hostdev/source/host: name port
hpt: resizing
identity: agentsock/ group keyfile/ user username
image jpeg playback zlib: compression
inbound outbound: average burst floor peak
input output: bufferCount bufferLength clientName connectPorts dev/ exactName fixedSettings latency mixingEngine name serverName streamName tryPoll voices
input/source: dev/ evdev/ grab grabToggle repeat
interface: managed trustGuestRxFilters type
interface/bandwidth: classID
interface/driver: ats event_idx ioeventfd iommu model name packed page_per_vq queues rss rss_hash_report rx_queue_size tx_queue_size txmode
interface/guest: actual dev
interface/source: address bridge connectionid dev/ macTableManager missing mode name network path/ port portgroup portgroupid portid switchid type
interface/source/address: bus device domain function multifunction slot type
interface/target: dev managed
ioapic: driver
iommu panic rng tpm vsock: model
iommu/driver: aw_bits caching_mode dma_translation eim intremap iotlb
iothreadids/iothread: id thread_pool_max thread_pool_min
iothreadpin: cpuset iothread
iothreadsched: iothreads priority scheduler
ip: address family peer prefix
ivgen: hash name
keywrap/cipher: name state
latency: cache initiator target type value
launchSecurity: authorKey kernelHashes type vcek
lease/target: offset path/
listen: address network socket/ type
loader: format readonly secure stateless type
local: address port
lock: flock posix
log: append file/
mac: address check currentAddress type
master: startport
maxMemory: slots unit
maxphysaddr: bits limit mode
memballoon: autodeflate freePageReporting model
memnode: cellid mode nodeset
memory: dumpCore unit
memory/target: dynamicMemslots
memorytune memorytune/monitor: vcpus
mirror: file/ format job ready type
monitor: level vcpus
msi: ioeventfd vectors
msrs: unknown
mtu readahead thread_pool: size
node: bandwidth id
numatune/memory: mode nodeset placement
nvram: format template/ templateFormat type
os: firmware
os/boot: dev
override/device: alias
page: nodeset size unit
parameters: instanceid interfaceid managerid profileid typeid typeidversion
parentaddr: unique_id
parentaddr/address source/address: bus domain function multifunction slot
passthrough: mode state
poll: grow max shrink
port: isolated
portForward: address dev proto
profile: name removeDisabled source
property: name type value/
pstore: backend
range: end exclude start to
rate: bytes period
reconnect: delay enabled timeout
redirdev: bus type
reservations: managed
resolution: x y
rom: bar enabled file/
route: address family gateway metric netmask prefix
seclabel: model relabel type
secret: type usage/ uuid
settings: channels format frequency
shareipc sharenet shareuts: type value
shmem: name role
sibling: id value
slice: offset size type
smartcard: mode type
sound: model multichannel streams
source tpm/backend/source: mode path/ type
spinlocks: retries state
ssl: verify
stats: period
sysinfo/entry: file/ name
tag: id nativeMode
target: port type
target/address: base
teaming: persistent type
throttlefilter: group
timeout: seconds
timer: frequency mode name present tickpolicy track
topology: clusters cores dies sockets threads
tpm/backend: debug persistent_state type version
transient: shareBacking
type: arch machine
usbdev: allow class product vendor version
vcpu: cpuset current placement
vcpupin: cpuset vcpu
vcpus/vcpu: enabled hotpluggable id order
vcpusched: priority scheduler vcpus
vendor_id: state value
video/driver: ats iommu name packed page_per_vq vgaconf
video/model: blob heads primary ram type vgamem vram vram64
vlan: trunk
watchdog: action model
zpci: fid uid
`;

const byEnding = new Map<string, readonly string[]>();
for (const line of OUTLINE.trim().split('\n')) {
  const [elements = '', attributes = ''] = line.split(': ');
  for (const element of elements.split(' ')) byEnding.set(element, attributes.split(' '));
}

/** What is known of an element at that path below `<domain>`. */
function knownAt(path: string): readonly string[] {
  const parts = path.split('/');
  for (let from = 0; from < parts.length; from += 1) {
    const known = byEnding.get(parts.slice(from).join('/'));
    if (known) return known;
  }
  return [];
}

/** True if the account knows such an attribute there. */
export const isKnownAttribute = (path: string, name: string): boolean =>
  knownAt(path).some((known) => known === name || known === `${name}/`);

/** True if it may be a path, which the rows there look at. */
export const mayBePath = (path: string, name: string): boolean =>
  knownAt(path).includes(`${name}/`);

/** An element's attributes, without declarations of namespaces. */
export const attributesOf = (element: Element): { name: string; value: string }[] =>
  Array.from(element.attributes)
    .filter(({ name }) => name !== 'xmlns' && !name.startsWith('xmlns:'))
    .map(({ name, value }) => ({ name, value }));
