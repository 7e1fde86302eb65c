/** `plan.previewCold`. */
import { previewCold } from '../../workflows/steps/plan.js';
import { implement } from '../kit/implement.js';
import { describePlan } from './describing.js';

/** Of a cold move. */
export const previewColdActivity = implement(previewCold, (deps) => ({
  run: (plan) => describePlan(deps, plan),
}));
