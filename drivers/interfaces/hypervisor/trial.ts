/** What speaks against a definition on a host, in its hypervisor's words. */
export interface TrialVerdict {
  /** `schema`: the hypervisor's schema does not have it, and would drop it; `start`: it cannot be started there. */
  readonly of: 'schema' | 'start';
  readonly words: string;
}
