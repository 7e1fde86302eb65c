/** The search attributes that drover registers and sets; operators filter by them in the Web UI. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD');

/** All of them, by name. */
export const SEARCH_ATTRIBUTES = {
  VmName: keyword('VmName'),
  SourceHost: keyword('SourceHost'),
  TargetHost: keyword('TargetHost'),
  Step: keyword('Step'),
  MigrationState: keyword('MigrationState'),
  Project: keyword('Project'),
  RequestedBy: keyword('RequestedBy'),
} as const;

/** The attributes of one run. */
export interface Indexed {
  /** Sets what differs from before: every upsert costs the server a write. */
  set(values: Partial<Record<keyof typeof SEARCH_ATTRIBUTES, string>>): void;
}

/** Nothing is set yet. */
export function createIndexed(): Indexed {
  const known = new Map<string, string>();
  return {
    set(values) {
      const changed = Object.entries(values).filter(([name, value]) => known.get(name) !== value);
      if (changed.length === 0) return;
      for (const [name, value] of changed) known.set(name, value);
      upsertSearchAttributes(
        changed.map(([name, value]) => ({
          key: SEARCH_ATTRIBUTES[name as keyof typeof SEARCH_ATTRIBUTES],
          value,
        })),
      );
    },
  };
}
