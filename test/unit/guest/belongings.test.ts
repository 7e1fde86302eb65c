/** The list of what belongs to a guest names steps; they must be there, and in the runbook that is meant. */
import { BELONGINGS, type Belonging } from '../../../guest/belongings.js';
import { coldMigrationSteps } from '../../../workflows/runbooks/cold-migration.js';
import { liveMigrationSteps } from '../../../workflows/runbooks/live-migration.js';
import type { Step } from '../../../workflows/kit/step.js';

const namesOf = (steps: readonly Step[]) => steps.map(({ name }) => name);
const live = namesOf(liveMigrationSteps);
const cold = namesOf(coldMigrationSteps);
const rows: [string, Belonging][] = Object.entries(BELONGINGS);
const before = (pivot: string, steps: readonly string[]) => steps.slice(0, steps.indexOf(pivot));

describe.each(rows)('%s', (_name, { steps, live: ofLive, cold: ofCold }) => {
  it('is found before anything is changed', () => {
    for (const step of steps.found)
      expect([...before('network.bindTarget', live), 'definition.render']).toContain(step);
  });

  it('is brought by steps of the runbook, or nothing is promised', () => {
    expect(live).toEqual(expect.arrayContaining([...steps.live]));
    expect(cold).toEqual(expect.arrayContaining([...steps.cold]));
    for (const [words, by] of [
      [ofLive, steps.live],
      [ofCold, steps.cold],
    ] as const)
      if (by.length === 0) expect(words).toMatch(/refused|not brought|stays|is off|the same/);
  });

  it('is set aside or removed by steps of one of them, the removal last', () => {
    for (const step of steps.afterwards) expect([...live, ...cold]).toContain(step);
    for (const step of steps.afterwards.filter((name) => name.startsWith('source.')))
      expect([before(step, live), before(step, cold)]).toContainEqual(
        expect.arrayContaining([step === 'source.destroy' ? 'guest.locate' : 'guest.confirm']),
      );
  });
});
