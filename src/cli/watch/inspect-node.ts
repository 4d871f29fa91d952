/** Everything of one node of a fabric that is up. */
import type { Colors } from 'picocolors/types.js';
import type { SwitchReport } from '../../device/network-report.ts';
import type { NodeDetail } from '../../server/view/node-detail.ts';
import type { FabricState } from '../../server/view/state.ts';
import type { Topology, TopologyNode } from '../../server/view/topology.ts';
import { hostTables } from '../iscsi/sessions.ts';
import { machineTables } from '../network/machine-tables.ts';
import { switchTables } from '../network/switch-tables.ts';
import { attachmentRow, faultsText, rateOrDash } from '../network/words.ts';
import { paint } from '../paint.ts';
import { paintedTable } from '../painted-table.ts';
import { plainLine } from '../plain-text.ts';
import { linkName, linkTone } from './columns.ts';
import { countText, gigabitsText, loadText } from './figures.ts';
import { joined, sessionTable, unitTable } from './inspect-tables.ts';
import { hostTrouble } from './trouble.ts';

export interface InspectedNode {
  readonly node: TopologyNode;
  readonly detail: NodeDetail;
  readonly topology: Topology;
  readonly state: FabricState;
  /** All of them, to name the root of the spanning tree. */
  readonly switches: readonly SwitchReport[];
}

export function nodeText({ node, detail, topology, state, switches }: InspectedNode, colors: Colors): string {
  const trouble = detail.host === undefined ? [] : hostTrouble(detail.host);
  return joined([
    `${colors.bold(plainLine(node.name))}  ${plainLine(`${node.kind}: ${node.description}`)}\n`,
    trouble.map(({ text, tone }) => `${paint(colors, tone)(plainLine(text))}\n`).join(''),
    detail.machine === undefined ? '' : machineTables(detail.machine, colors),
    detail.switch === undefined ? '' : switchTables(detail.switch, switches, colors),
    linkTable(node, topology, state, colors),
    paintedTable(['attached', 'what', 'state', 'in', 'out', 'lost'], detail.attached.map(attachmentRow), colors, [3, 4, 5]),
    detail.host === undefined ? '' : hostTables([detail.host], colors),
    unitTable(detail.units, colors),
    sessionTable(detail.sessions, Infinity, colors),
    detail.leftOut === 0 ? '' : `... and ${detail.leftOut} more entries of these tables\n`,
  ]);
}

/** Each way: what the first end sends, and what comes back. */
function linkTable({ id }: TopologyNode, topology: Topology, { links }: FabricState, colors: Colors): string {
  const own = links.filter(({ index }) => topology.links[index]?.ends.some(({ node }) => node === id));
  return paintedTable(
    ['link', 'state', 'speed', 'Gb/s', 'load', 'back', 'load', 'dropped', 'faults'],
    own.map((link) => {
      const [one, other] = link.ends;
      return {
        cells: [
          linkName(topology, link),
          link.up ? 'up' : 'down',
          rateOrDash(topology.links[link.index]!.rateBitsPerSecond),
          gigabitsText(one.bitsPerSecond),
          loadText(one.load),
          gigabitsText(other.bitsPerSecond),
          loadText(other.load),
          countText(one.drops + other.drops),
          faultsText(link.faults) || 'none',
        ],
        tone: linkTone(link),
      };
    }),
    colors,
    [3, 4, 5, 6, 7],
  );
}
