/** `samewire inspect`: a fabric that is up at a glance, or everything of one of its nodes. */
import type { FabricAnswer } from '../../server/api/fabric.ts';
import type { NetworkAnswer } from '../../server/api/network.ts';
import type { NodeDetail } from '../../server/view/node-detail.ts';
import type { FabricState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { fabricPlace, namesOf } from '../fabric-place.ts';
import type { Inspection } from './inspection.ts';
import { nodeText } from './inspect-node.ts';
import { overviewText } from './inspect-overview.ts';

export interface InspectOptions {
  readonly json?: boolean;
  /** Every session, however many there are. */
  readonly all?: boolean;
}

export async function inspect(
  first: string | undefined,
  second: string | undefined,
  options: InspectOptions,
  context: CommandContext,
): Promise<number> {
  const { file, node } = await fabricPlace(first, second, context);
  const ask = <Answer>(url: string): Promise<Answer> => askFabric(file, 'GET', url, undefined, context) as Promise<Answer>;
  const [fabric, topology, state] = await Promise.all([
    ask<FabricAnswer>('/api/fabric'),
    ask<Topology>('/api/topology'),
    ask<FabricState>('/api/state'),
  ]);
  const hasNetwork = fabric.counts.machines + fabric.counts.switches > 0;
  const askNetwork = (): Promise<NetworkAnswer | undefined> =>
    hasNetwork ? ask<NetworkAnswer>('/api/network') : Promise.resolve(undefined);
  if (node === undefined) {
    const inspection: Inspection = { fabric, topology, state, network: await askNetwork() };
    if (options.json === true) context.out(`${JSON.stringify(inspection)}\n`);
    else context.out(overviewText(inspection, options.all === true, context.outColors));
    return 0;
  }
  const found = topology.nodes.find(({ id }) => id === node);
  if (found === undefined) throw new UserError(`There is no ${node} in ${topology.fabric}; there are ${namesOf(topology)}.`);
  const detail = await ask<NodeDetail>(`/api/nodes/detail?node=${encodeURIComponent(node)}`);
  if (options.json === true) context.out(`${JSON.stringify({ fabric: fabric.name, ...found, ...detail })}\n`);
  else {
    const switches = detail.switch === undefined ? [] : ((await askNetwork())?.switches ?? []);
    context.out(nodeText({ node: found, detail, topology, state, switches }, context.outColors));
  }
  return 0;
}
