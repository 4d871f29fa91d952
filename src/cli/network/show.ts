/** `samewire network show`: machines, switches and links of a fabric that is up. */
import type { Colors } from 'picocolors/types.js';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { fabricPlace } from '../fabric-place.ts';
import { paintedTable } from '../painted-table.ts';
import type { NetworkAnswer } from '../../server/api/network.ts';
import { machineTables } from './machine-tables.ts';
import { switchHeading, switchTables } from './switch-tables.ts';
import {
  attachmentRow,
  byName,
  linkRow,
  nicRow,
  NIC_HEADINGS,
  LINK_HEADINGS,
  LINK_RIGHT,
  rateOrDash,
  vlansText,
  portTone,
  treeText,
} from './words.ts';

export interface ShowOptions {
  readonly json?: boolean;
}

/** The fabric file and a node, each of which may be left out: the only fabric that is up, an overview of all. */
export async function show(
  first: string | undefined,
  second: string | undefined,
  options: ShowOptions,
  context: CommandContext,
): Promise<number> {
  const { file, node } = await fabricPlace(first, second, context);
  const whole = (await askFabric(file, 'GET', '/api/network', undefined, context)) as NetworkAnswer;
  const answer = node === undefined ? whole : ofNode(whole, node);
  if (options.json === true) context.out(`${JSON.stringify(answer)}\n`);
  else context.out(node === undefined ? overview(answer, context.outColors) : details(answer, whole, context.outColors));
  return 0;
}

function ofNode(answer: NetworkAnswer, node: string): NetworkAnswer {
  const machines = answer.machines.filter(({ machine }) => machine === node);
  const switches = answer.switches.filter((one) => one.switch === node);
  if (machines.length + switches.length === 0) {
    const names = [...answer.machines.map(({ machine }) => machine), ...answer.switches.map((one) => one.switch)];
    throw new UserError(`There is no ${node} in the network of ${answer.fabric}; there are ${names.join(', ')}.`);
  }
  return {
    ...answer,
    machines,
    switches,
    links: answer.links.filter(({ ends }) => ends.some((end) => end.node === node)),
    attached: answer.attached.filter(({ port }) => port.startsWith(`${node}:`)),
    published: answer.published.filter(({ host }) => host === node),
  };
}

/** A line for each port, and for each link. */
function overview(answer: NetworkAnswer, colors: Colors): string {
  const { machines, switches, links, attached } = answer;
  return joined([
    paintedTable(
      NIC_HEADINGS,
      machines.flatMap((one) => one.ports.map((port) => nicRow(one, port))),
      colors,
    ),
    ...switches.map((one) => switchHeading(one, switches, colors)),
    paintedTable(
      ['port', 'state', 'speed', 'VLANs', 'spanning tree'],
      switches.flatMap((one) =>
        one.ports
          .filter(({ rateBitsPerSecond }) => rateBitsPerSecond !== undefined)
          .toSorted((a, b) => byName(a.port, b.port))
          .map((port) => ({
            cells: [
              `${one.switch}:${port.port}`,
              port.carrier ? 'up' : 'down',
              rateOrDash(port.rateBitsPerSecond),
              vlansText(port.vlans),
              treeText(port),
            ],
            tone: portTone(port),
          })),
      ),
      colors,
    ),
    paintedTable(LINK_HEADINGS, links.map(linkRow), colors, LINK_RIGHT),
    worldTables({ ...answer, attached }, colors),
  ]);
}

function details(answer: NetworkAnswer, whole: NetworkAnswer, colors: Colors): string {
  const { machines, switches, links } = answer;
  return joined([
    ...machines.map((one) => machineTables(one, colors)),
    ...switches.map((one) => switchTables(one, whole.switches, colors)),
    paintedTable(LINK_HEADINGS, links.map(linkRow), colors, LINK_RIGHT),
    worldTables(answer, colors),
  ]);
}

const worldTables = ({ attached, published }: NetworkAnswer, colors: Colors): string =>
  joined([
    paintedTable(['attached', 'what', 'state', 'in', 'out', 'lost'], attached.map(attachmentRow), colors, [3, 4, 5]),
    paintedTable(
      ['published', 'leads to', 'from'],
      published.map(({ listen, to, host }) => ({ cells: [listen, to, host], tone: 'plain' })),
      colors,
    ),
  ]);

/** A blank line between. */
const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n');
