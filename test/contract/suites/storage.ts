/** What every host's storage promises, by subject. */
import { describeCopies } from './copies.js';
import { describeFetched } from './fetched.js';
import { describeFiles } from './files.js';
import { withSite } from './fresh.js';
import { describeImages } from './images.js';
import { describeKinds } from './kinds.js';
import { describeOwned } from './owned.js';
import { describeRenames } from './renames.js';
import type { OpenSite } from './site.js';
import { describeTraces } from './traces.js';

/** Declares its tests. */
export function describeStorage(name: string, open: OpenSite): void {
  describe(`a host’s storage, ${name}`, () => {
    const at = withSite(open);
    describe('files:', () => describeFiles(at));
    describe('files that are a migration’s own:', () => describeOwned(at));
    describe('files that are fetched:', () => describeFetched(at));
    describe('renamed:', () => describeRenames(at));
    describe('images and what lies below them:', () => describeImages(at));
    describe('copies:', () => describeCopies(at));
    describe('kinds of disks:', () => describeKinds(at));
    describe('what migrations leave:', () => describeTraces(at));
  });
}
