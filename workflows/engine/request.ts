/** What a run is asked with. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { z } from 'zod';
import { inWords } from '../../model/in-words.js';

/** What every run is started with. */
export interface RunRequest {
  readonly requestedBy: string;
  readonly reason: string;
  /** @default rollback */
  readonly onFailure?: 'rollback' | 'hold';
}

/** @throws BAD_INPUT, which ends the run as refused */
export function parseRequest<Request extends RunRequest>(
  { name, request }: { readonly name: string; readonly request: z.ZodType<Request> },
  input: unknown,
): Request {
  const parsed = request.safeParse(input);
  if (parsed.success) return parsed.data;
  const end = {
    outcome: 'refused',
    hint: `docs/client.md lists what a request of ${name} takes.`,
    leftovers: [],
  };
  throw ApplicationFailure.create({
    type: 'BAD_INPUT',
    message: `bad request: ${inWords(request, input, { names: 'paths' })}`,
    nonRetryable: true,
    details: [end],
  });
}
