/** `guest.confirmChanged`: what `forward` does where the source's definition was changed meanwhile. */
import { confirmChanged } from '../../workflows/steps/guest.js';
import { implement } from '../kit/implement.js';
import { isConfirmed } from './confirmation.js';

/** The same, whatever the source's definition says by now. */
export const confirmChangedActivity = implement(confirmChanged, (deps) => ({
  run: (input) => isConfirmed(deps, input),
}));
