/** What people do by hand on the fake data centre's hosts while a move waits. */
import { hostOf } from '../../drivers/fake/world.js';
import { HostName } from '../../model/ids.js';
import { buildSite, type FakeSite } from './fake-migration.js';

/** vm1 is off, and moves so. */
export async function off(disks: Parameters<typeof buildSite>[0]): Promise<FakeSite> {
  const site = await buildSite(disks);
  const { guests } = hostOf(site.world, HostName.parse('h1'));
  for (const guest of guests.values()) guest.state = 'shutoff';
  return site;
}

const filesWith = (site: FakeSite, host: HostName, word: string) => {
  const { files } = hostOf(site.world, host);
  return [...files].filter(([path, { isFolder }]) => path.includes(word) && !isFolder);
};

/** Somebody writes to what has `word` in its name, without a change of its length or place. */
export const overwrite = (site: FakeSite, host: HostName, word: string): void => {
  const { files } = hostOf(site.world, host);
  for (const [path, file] of filesWith(site, host, word))
    files.set(path, { ...file, content: file.content.replace(/^../, 'XX') });
};

/** Somebody takes what has `word` in its name away. @returns what puts it back */
export const lose = (site: FakeSite, host: HostName, word: string): (() => void) => {
  const { files } = hostOf(site.world, host);
  const gone = filesWith(site, host, word);
  for (const [path] of gone) files.delete(path);
  return () => gone.forEach(([path, file]) => files.set(path, file));
};

/** The contents of what has `word` in its name. */
export const contentsOf = (site: FakeSite, host: HostName, word: string): string[] =>
  filesWith(site, host, word).map(([, { content }]) => content);

/** Its operator empties the devices that it has left on h1: else nothing is written into them again. */
export const emptyDevices = ({ world }: FakeSite): void => {
  for (const device of hostOf(world, HostName.parse('h1')).devices.values())
    if (device.ids.dm !== undefined) device.content = '';
};
