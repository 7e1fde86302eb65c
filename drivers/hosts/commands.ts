/** Every command that drover runs on hosts. A new module of commands is added here, and nowhere else. */
import * as around from './surroundings-script.js';
import * as images from '../images/scripts.js';
import * as guests from '../libvirt/scripts.js';
import * as network from '../network/scripts.js';
import type { HostCommand } from '../interfaces/shell.js';
import * as copies from '../storage/copy-scripts.js';
import * as devices from '../storage/device-scripts.js';
import * as digests from '../storage/digest-script.js';
import * as rbd from '../storage/rbd-scripts.js';
import * as looks from '../storage/look-scripts.js';
import * as files from '../storage/scripts.js';
import * as taken from '../storage/taken-scripts.js';

const isCommand = (value: unknown): value is HostCommand =>
  typeof value === 'object' && value !== null && 'text' in value && 'as' in value;

/** All of them, by their names: modules of different build tools list their exports in different orders. */
export const HOST_COMMANDS: readonly HostCommand[] = [
  files,
  looks,
  rbd,
  copies,
  devices,
  taken,
  digests,
  guests,
  network,
  images,
  around,
]
  .flatMap((module) => Object.values(module).filter(isCommand))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
