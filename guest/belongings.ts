/** What belongs to a guest beside its XML, and what becomes of each thing: for docs/guests.md, the audit and the comparisons of the tests. */
import { HostPath } from '../model/ids.js';
import { fileOf } from '../model/storage.js';
import type { Vm } from '../model/vm.js';

/** The steps that do it, by their wire names; none where nothing is done. */
export interface BelongingSteps {
  readonly found: readonly string[];
  readonly live: readonly string[];
  readonly cold: readonly string[];
  /** Sets it aside, and removes it when the move is confirmed; undone by a revert. */
  readonly afterwards: readonly string[];
}

/** One thing, in words for people. */
export interface Belonging {
  readonly steps: BelongingSteps;
  /** Where it lies, as far as the record of a VM says: the audit looks there for what ended moves have left. */
  readonly files: (vm: Vm) => HostPath[];
  readonly name: string;
  readonly found: string;
  readonly live: string;
  readonly cold: string;
  /** How what arrived is compared with what was there. */
  readonly compared: string;
  /** What a revert gives back, and what confirm removes. */
  readonly afterwards: string;
}

const NO_COPY = 'nothing to compare';
const WITH_SOURCE = 'the source keeps it until confirm; a revert goes back to it';

/** It lies in no file of its own, or in one that only libvirt names. */
const nowhere = (): HostPath[] => [];

/** In the order in which they are brought. */
export const BELONGINGS = {
  disks: {
    steps: {
      found: ['storage.precheck'],
      live: ['disks.prepareTarget', 'transfer.run'],
      cold: ['disks.prepareCopy', 'disks.transfer'],
      afterwards: ['directory.setAside', 'source.discard', 'source.destroy'],
    },
    files: ({ disks }) => disks.flatMap((disk) => fileOf(disk) ?? []),
    name: 'disks',
    found: 'both views of the definition, through links',
    live: 'shared, connected, or copied by QEMU with the memory; read-only images are fetched',
    cold: 'shared, connected, or copied (over nbd, by what the guest sees or as the file is); read-only images are fetched, or used if they are there',
    compared: 'GMAC or SHA-256; live, by QEMU’s own mirror',
    afterwards: 'set aside on the source until confirm; a revert renames them back',
  },
  layers: {
    steps: {
      found: ['storage.precheck'],
      live: ['disks.prepareTarget'],
      cold: ['disks.prepareCopy', 'disks.flatten'],
      afterwards: ['directory.setAside', 'source.discard', 'source.destroy'],
    },
    files: nowhere,
    name: 'files below a disk',
    found: 'by reading each image of the chain',
    live: 'fetched by checksum, or there already',
    cold: 'the same, or the disk is flattened where the target has another file of that name',
    compared: 'SHA-256',
    afterwards:
      'stay on the source, unless they lie in the guest’s own folder and nobody else uses them',
  },
  nvram: {
    steps: {
      found: ['vm.lookup', 'storage.precheck'],
      live: ['disks.prepareTarget', 'transfer.run'],
      cold: ['disks.prepareCopy', 'disks.transfer'],
      afterwards: ['directory.setAside', 'source.discard', 'source.destroy'],
    },
    files: ({ nvram }) => (nvram ? [nvram] : []),
    name: 'UEFI variables',
    found: '`os/nvram`',
    live: 'QEMU sends them with the memory, into a file that was made for them',
    cold: 'a file like a disk',
    compared: 'as a disk',
    afterwards: 'as a disk',
  },
  tpm: {
    steps: {
      found: ['vm.lookup', 'target.precheck'],
      live: ['transfer.run'],
      cold: ['disks.transfer'],
      afterwards: ['source.discard', 'source.destroy'],
    },
    files: ({ tpm }) => (tpm ? [HostPath.parse(`${tpm.stateFolder}/state`)] : []),
    name: 'TPM state',
    found: 'the folder that libvirt gives each guest’s swtpm',
    live: 'QEMU sends it',
    cold: 'fetched, file by file',
    compared: 'SHA-256',
    afterwards: 'removed by libvirt with the source’s definition; until then a revert finds it',
  },
  internalSnapshots: {
    steps: {
      found: ['vm.lookup'],
      live: [],
      cold: ['disks.transfer', 'definition.define'],
      afterwards: ['source.discard'],
    },
    files: nowhere,
    name: 'internal snapshots, checkpoints, bitmaps in an image',
    found: 'libvirt’s list, and the images themselves',
    live: 'refused: libvirt moves no running guest with them',
    cold: 'the image goes as it is; the metadata of snapshots and checkpoints is made known again',
    compared: 'as a disk; metadata by its text',
    afterwards: WITH_SOURCE,
  },
  externalSnapshots: {
    steps: {
      found: ['vm.lookup', 'storage.precheck'],
      live: [],
      cold: ['disks.transfer', 'definition.define'],
      afterwards: ['source.discard'],
    },
    files: ({ snapshotFiles }) => [...snapshotFiles],
    name: 'external snapshots',
    found: 'libvirt’s list; their images in the disks’ chains, their memory in files of its own',
    live: 'refused, by their names',
    cold: 'the chain goes as it is, and is not flattened; memory is fetched; metadata is made known again',
    compared: 'SHA-256; metadata by its text',
    afterwards: `${WITH_SOURCE}; memory elsewhere than in the guest’s own folder stays on the source`,
  },
  savedState: {
    steps: { found: ['vm.lookup'], live: [], cold: [], afterwards: ['source.discard'] },
    files: nowhere,
    name: 'a saved memory (managed save)',
    found: 'libvirt',
    live: 'the guest is off',
    cold: 'refused; given up with --discard-saved-state',
    compared: NO_COPY,
    afterwards: 'kept on the source until confirm; a revert finds it',
  },
  autostart: {
    steps: {
      found: ['vm.lookup'],
      live: ['definition.persist'],
      cold: ['guest.powerOff', 'definition.define'],
      afterwards: ['source.discard', 'source.destroy'],
    },
    files: nowhere,
    name: 'autostart',
    found: 'libvirt',
    live: 'set on the target, off on the source before it',
    cold: 'set on the target; off on the source while it is down',
    compared: 'by asking the target',
    afterwards: 'a revert sets it again',
  },
  texts: {
    steps: {
      found: ['definition.render'],
      live: ['definition.render', 'transfer.run', 'definition.persist'],
      cold: ['definition.render', 'definition.define'],
      afterwards: ['source.discard', 'source.destroy'],
    },
    files: nowhere,
    name: 'title, description, metadata, console passwords',
    found: 'the definition, read with its secrets on the host',
    live: 'in the rendered definition',
    cold: 'in the rendered definition',
    compared: 'by its digest',
    afterwards: WITH_SOURCE,
  },
  secrets: {
    steps: {
      found: ['vm.lookup', 'target.precheck'],
      live: ['secrets.carryToTarget', 'secrets.keepOnTarget'],
      cold: ['secrets.carryToTarget', 'secrets.keepOnTarget'],
      afterwards: [],
    },
    files: nowhere,
    name: 'libvirt’s secrets: keys of encrypted disks, passwords of volumes',
    found: '`encryption` and `auth` of a disk',
    live: 'used if the target has the same; with `--carry-secrets` brought if it lacks it',
    cold: 'the same',
    compared: 'by value, unless it is private',
    afterwards: 'stays on the source too: others may use it',
  },
  ownership: {
    steps: {
      found: ['storage.precheck'],
      live: ['disks.prepareTarget'],
      cold: ['disks.prepareCopy', 'disks.transfer'],
      afterwards: ['directory.setAside'],
    },
    files: nowhere,
    name: 'owner, group and mode of files',
    found: 'on the source',
    live: 'given to what is made on the target, by name',
    cold: 'the same',
    compared: 'set before the file gets its name',
    afterwards: 'a revert finds them as they were',
  },
  attributes: {
    steps: { found: ['storage.precheck'], live: [], cold: [], afterwards: [] },
    files: nowhere,
    name: 'ACLs, `user.` attributes and flags (chattr) of files',
    found:
      'on the source, of what a copy is made of; labels of SELinux and libvirt’s own attributes are set by each host itself',
    live: 'not brought; the dry run and the report name them, file by file',
    cold: 'the same',
    compared: NO_COPY,
    afterwards: 'stay with the source’s files',
  },
  logs: {
    steps: { found: [], live: [], cold: [], afterwards: [] },
    files: nowhere,
    name: 'what was logged or written to serial files',
    found: '`log` and `source` of character devices',
    live: 'stays on the source; the target begins a new file in the same folder',
    cold: 'the same',
    compared: NO_COPY,
    afterwards: 'stays on the source',
  },
} as const satisfies Readonly<Record<string, Belonging>>;

/** One of them. */
export type BelongingName = keyof typeof BELONGINGS;

/** All files of a guest's that its record names. */
export const filesOfGuest = (vm: Vm): HostPath[] =>
  Object.values(BELONGINGS).flatMap(({ files }) => files(vm));
