/** The dry run: each step says what it would do; nothing is changed. */
import type { z } from 'zod';
import type { preview } from '../../workflows/steps/plan.js';
import { renderFor } from '../definition/rendering.js';
import { endsOf, type Deps } from '../kit/implement.js';
import { PROCEDURE } from '../procedure.js';
import { xmlDiff } from './xml-diff.js';

type Plan = z.output<typeof preview.input>;

/** What each step would do, and the XML's difference: against the guest as it runs, or cold against its definition. */
export async function describePlan(
  deps: Deps,
  plan: Plan,
): Promise<z.input<typeof preview.output>> {
  const { route, vm, disks, live } = plan;
  const ends = await endsOf(deps, route);
  const [before, rendering] = await Promise.all([
    ends.source.hypervisor.secretXml(route.uuid, live ? 'migratable' : 'definition'),
    renderFor(ends, { route, ports: vm.ports, disks, ejected: vm.ejected }),
  ]);
  const after = (live && rendering.live) ?? rendering.persistent;
  return {
    steps: await linesOf(deps, plan),
    xmlDiff: xmlDiff(route, before, after),
    dropped: [...rendering.dropped],
  };
}

/** Steps that would do nothing are left out. */
async function linesOf(deps: Deps, { steps, ...planned }: Plan) {
  const described: { name: string; lines: string[] }[] = [];
  for (const name of steps) {
    const found = PROCEDURE.find(({ step }) => step.name === name);
    const lines = await found?.bind(deps, () => Promise.resolve()).describe?.(planned);
    if (lines && lines.length > 0) described.push({ name, lines: [...lines] });
  }
  return described;
}
