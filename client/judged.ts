/** What the checks say of one kind of move, for those who are told of both. */
import { defined } from '../model/defined.js';
import { CodedError, messageOf, type ErrorCode, type Facts } from '../model/errors.js';
import type { Move } from '../model/objection.js';
import type { MigrationReport } from '../model/report.js';

/** The verdict on one kind of move. */
export interface Judged {
  readonly move: Move;
  /** `unknown`: the checks could not be made. */
  readonly verdict: 'would move' | 'refused' | 'unknown';
  /** True if the operator insisted on this one: then the other is only mentioned. */
  readonly wasAsked: boolean;
  /** Where it would move to. */
  readonly target?: string;
  readonly code?: ErrorCode;
  /** Each with its way out. */
  readonly reasons: readonly string[];
  readonly hint?: string;
}

/** A move that its checks would let through. */
export const judgedMovable = (move: Move, { target }: MigrationReport): Judged => ({
  move,
  verdict: 'would move',
  wasAsked: false,
  target,
  reasons: [],
});

/** A move that was refused, or whose checks could not be made. */
export const judgedRefused = (move: Move, error: unknown, wasAsked: boolean): Judged => ({
  move,
  verdict: error instanceof CodedError && isRefused(error) ? 'refused' : 'unknown',
  wasAsked,
  reasons: reasonsOf(error),
  ...defined({
    code: error instanceof CodedError ? error.code : undefined,
    hint: error instanceof CodedError && error.hint !== '' ? error.hint : undefined,
  }),
});

/** The reasons, each by itself, where the refusal lists them. */
function reasonsOf(error: unknown): readonly string[] {
  const { objections, hosts }: Facts = error instanceof CodedError ? error.facts : {};
  const listed = [objections, hosts].flatMap((each): unknown[] =>
    Array.isArray(each) ? each : [],
  );
  return listed.length > 0 ? listed.map(String) : [messageOf(error)];
}

const isRefused = (error: CodedError): boolean => 'outcome' in error && error.outcome === 'refused';

/** In lines: each reason by itself, or all of it in one line where the operator insisted on the other move. */
export function judgedLines(judged: readonly Judged[]): string[] {
  const isInsisted = judged.some(({ wasAsked }) => wasAsked);
  return judged.flatMap((each) => {
    if (each.verdict === 'would move')
      return [`${each.move}: would move to ${each.target ?? ''} (--${each.move})`];
    const head = `${each.move}: ${each.verdict === 'refused' ? 'refused' : 'not known'}`;
    const [only, ...others] = each.reasons;
    if (others.length === 0 || (isInsisted && !each.wasAsked))
      return [`${head}: ${each.reasons.join('; ')}`];
    return [`${head}:`, `  ${only ?? ''}`, ...others.map((reason) => `  ${reason}`)];
  });
}

/** A refusal's sentence without its reasons, where these are listed below it. */
export function headlineOf(message: string, judged: readonly Judged[]): string {
  const told = judged.map(({ reasons }) => `: ${reasons.join('; ')}`);
  const listed = told.find((reasons) => message.endsWith(reasons));
  return listed === undefined ? message : message.slice(0, -listed.length);
}
