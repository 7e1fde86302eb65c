/** The table that decides where a guest is: what must hold for every pair of answers. */
import { rule } from '../../../model/arbiter.js';
import { lives, SIDES, sideOf } from '../../../model/side.js';

const PAIRS = SIDES.flatMap((source) => SIDES.map((target) => ({ source, target })));

it.each(PAIRS)(
  '$source on the source, $target on the target: one safe answer',
  ({ source, target }) => {
    const { verdict, why, hint } = rule(source, target);

    expect(why).not.toBe('');
    if (verdict === 'source') {
      expect(['running', 'paused']).toContain(source);
      expect(['off', 'absent', 'migrating']).toContain(target);
    }
    if (verdict === 'target') {
      expect(['off', 'absent']).toContain(source);
      expect(['running', 'paused']).toContain(target);
    }
    if (verdict === 'hold') expect(hint).not.toBe('');
  },
);

it.each(PAIRS.filter(({ source, target }) => source === 'unknown' || target === 'unknown'))(
  'nothing is decided while a host cannot be asked: $source, $target',
  ({ source, target }) => expect(rule(source, target).verdict).toBe('hold'),
);

it.each(PAIRS.filter(({ source, target }) => source === 'postcopy' || target === 'postcopy'))(
  'neither side is given up after a switch to post-copy: $source, $target',
  ({ source, target }) => expect(rule(source, target).verdict).toBe('hold'),
);

it('a guest that libvirt paused for a migration is told from one that a person paused', () => {
  expect(sideOf({ state: 'paused', reason: 'migration' })).toBe('migrating');
  expect(sideOf({ state: 'paused', reason: 'other' })).toBe('paused');
  expect(sideOf({ state: 'running', reason: 'postcopy' })).toBe('postcopy');
  expect(sideOf({ state: 'shutoff', reason: 'other' })).toBe('off');
  expect(sideOf(undefined)).toBe('absent');
  expect(lives('unknown')).toBe(false);
});
