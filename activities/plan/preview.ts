/** `plan.preview`. */
import { preview } from '../../workflows/steps/plan.js';
import { implement } from '../kit/implement.js';
import { describePlan } from './describing.js';

/** Of a live move. */
export const previewActivity = implement(preview, (deps) => ({
  run: (plan) => describePlan(deps, plan),
}));
