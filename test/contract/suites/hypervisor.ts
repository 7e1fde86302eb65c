/** What every hypervisor promises, by subject. */
import { describeDefinitions } from './definitions.js';
import { describeFacts } from './facts.js';
import { withGuest } from './fresh.js';
import { describeKept } from './kept.js';
import { describeMarks } from './marks.js';
import { describePower } from './power.js';
import { describeSecrets } from './secrets.js';
import type { OpenSite } from './site.js';
import { describeSurroundings } from './surroundings.js';
import { describeTransfers } from './transfers.js';
import { describeTrials } from './trials.js';

/** Declares its tests. */
export function describeHypervisor(name: string, open: OpenSite): void {
  describe(`a hypervisor, ${name}`, () => {
    const at = withGuest(open, 91);
    describe('says what is there:', () => describeFacts(at));
    describe('keeps definitions:', () => describeDefinitions(at));
    describe('keeps what belongs to a definition:', () => describeKept(at));
    describe('starts and stops:', () => describePower(at));
    describe('transfers:', () => describeTransfers(at));
    describe('tries out:', () => describeTrials(at));
    describe('surroundings:', () => describeSurroundings(at));
    describe('secrets:', () => describeSecrets(at));
    describe('marks:', () => describeMarks(at));
  });
}
