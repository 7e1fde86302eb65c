/** Temporal ends a run whose command is too large without taking anything back (S23). */
import { refuseTooLarge, wasTooLarge } from '../../../workflows/engine/size.js';
import { CodedError } from '../../../model/errors.js';
import { codeThrownBy } from '../../helpers/thrown.js';

const disks = (count: number) => ({
  disks: Array.from({ length: count }, (_, index) => ({
    path: `/data/${'ä'.repeat(1000)}/${index}`,
  })),
});

it('five hundred disks with long names are sent', () => {
  expect(codeThrownBy(() => refuseTooLarge('disks.prepareTarget', disks(500)))).toBe('nothing');
  expect(wasTooLarge(disks(500))).toBe(false);
});

it('more than Temporal takes is refused by name and size, in bytes and not letters', () => {
  const tooLarge = disks(900);
  expect(JSON.stringify(tooLarge).length).toBeLessThan(1_500_000);

  let refused: unknown;
  try {
    refuseTooLarge('disks.prepareTarget', tooLarge);
  } catch (error) {
    refused = error;
  }

  expect(refused).toBeInstanceOf(CodedError);
  expect(refused).toMatchObject({ code: 'TOO_LARGE', facts: { step: 'disks.prepareTarget' } });
  // It is not sent, so that its undo has nothing to take back.
  expect(wasTooLarge(tooLarge)).toBe(true);
});
