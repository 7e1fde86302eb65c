/** What a guest's definition needs of the target, asked of it before anything is touched: no guest is powered off for what is missing. */
import { objectionTo } from './lacks.js';
import { lookFor } from './needs-seen.js';
import type { Question } from './objections.js';

/** Every need that the target does not meet, in words. */
export async function needObjections(question: Question): Promise<string[]> {
  const { vm, move } = question;
  const needs = vm.needs.filter(({ moves }) => moves.includes(move));
  if (needs.length === 0) return [];
  const seen = await lookFor(question, needs);
  return [...new Set(needs.flatMap((one) => objectionTo(one, seen)))];
}
