/** Failures with their message and stack trace in a payload, which the codec seals (S14): outside, they say only "Encoded failure". */
import { DefaultFailureConverter } from '@temporalio/common';

/** Found under this name by Temporal's SDK, in clients, workers and workflows. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
