/** What Temporal takes: a larger command ends the run by termination, and nothing is taken back (S23). */
import { CodedError } from '../../model/errors.js';

/** Below Temporal's 2 MiB, with room for sealing and for what goes around it. */
const MAX_INPUT_BYTES = 1_500_000;

/** @throws TOO_LARGE, which is unwound like any failure */
export function refuseTooLarge(step: string, input: unknown): void {
  const bytes = bytesOf(input);
  if (bytes <= MAX_INPUT_BYTES) return;
  throw new CodedError(
    'TOO_LARGE',
    `what ${step} would be given has ${bytes} bytes, and at most ${MAX_INPUT_BYTES} are sent`,
    {
      hint: 'The guest has more disks, devices or long names than drover can carry in one run: `drover show VM` lists them.',
      facts: { step, bytes },
    },
  );
}

/** True for what no step is given: there is nothing that could be taken back. */
export const wasTooLarge = (input: unknown): boolean => bytesOf(input) > MAX_INPUT_BYTES;

const bytesOf = (input: unknown): number => new TextEncoder().encode(JSON.stringify(input)).length;
