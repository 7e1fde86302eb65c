/** The search attributes that drover registers and sets; operators filter by them in the Web UI. */
import { defineSearchAttributeKey } from '@temporalio/common';

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
