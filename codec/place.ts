/** Where a sealed payload belongs: what was sealed for one call of one run is not taken for another's (S1). */
import type { SerializationContext } from '@temporalio/common';

/** The place that Temporal's SDK says a payload has; empty where it says none. */
export function placeOf(context: SerializationContext | undefined): string {
  if (!context) return '';
  const of = [context.namespace, context.workflowId ?? ''];
  if (context.type === 'activity') of.push(context.activityId ?? '');
  return [context.type, ...of.map(encodeURIComponent)].join('/');
}

/** What Temporal adds to the id of a workflow that a schedule starts. */
const SCHEDULED = /^-\d{4}-\d{2}-\d{2}T\d{2}%3A\d{2}%3A\d{2}Z$/;

/** True if what was sealed for one place may be opened at the other. Who states no place only reads. */
export const belongs = (sealedFor: string, place: string): boolean =>
  place === '' ||
  place === sealedFor ||
  (place.startsWith(sealedFor) && SCHEDULED.test(place.slice(sealedFor.length)));
