/** Between two machines that do RoCE or FCoE every hop keeps their priority from loss. */
import { addTo } from '../../../base/grouped.ts';
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { losslessPortOf, pfcOf, prioritiesText, samePriorities } from '../../lossless.ts';
import type { Trunk } from '../../network.ts';
import { endpointName, marksOf, type RdmaEndpoint, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { type Segment, segmentsByEndpoint } from '../../segments.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { fabricExample } from '../../example.ts';
import { PFC, pfcCommand } from './words.ts';

const host = (name: string, last: number): string =>
  `  ${name}:\n    nics:\n      nic0: { dcb: { pfc: [3] }, rdma: { kind: roce-v2, priority: 3 }, vlans: { 2: { addresses: [192.0.2.${last}/24] } } }\n`;
const tor = (name: string, pfc: string): string =>
  `  ${name}:\n    ports:\n      1: { trunk: [2], native: none, dcb: { pfc: [3] } }\n      48: { trunk: [2], native: none, dcb: { pfc: ${pfc} } }\n`;
const example = (pfc: string): string =>
  fabricExample(
    `hosts:\n${host('esx1', 11)}${host('esx2', 12)}switches:\n${tor('tor1', pfc)}${tor('tor2', pfc)}links:\n  - [esx1:nic0, tor1:1]\n  - [esx2:nic0, tor2:1]\n  - [tor1:48, tor2:48]`,
  );

export const pfcPath: Rule = {
  id: 'SW-1113',
  name: 'pfc-path',
  severity: 'error',
  title: 'A link between switches has a priority lossy that machines behind it need without loss',
  meaning: 'Without loss means on every hop: one link between switches where the priority may be dropped undoes all the others.',
  remedy: 'Turn PFC on for the priority at both ends of every link between the switches of the VLAN.',
  ignored: 'Machines at one switch work well together, and badly with those at the other.',
  source: [PFC, DEMARTEK_GUIDE],
  examples: { fail: example('false'), pass: example('[3]') },
  check: (fabric) => [...wantedOn(fabric)].flatMap(([trunk, wanted]) => trunkFindings(fabric, trunk, wanted)),
};

interface Wanted {
  readonly priority: number;
  readonly by: RdmaEndpoint;
  readonly at: Path;
}

function trunkFindings(fabric: Fabric, trunk: Trunk, wanted: ReadonlyMap<number, Wanted>): Finding[] {
  const ports = trunk.ends.flatMap(({ port }) => losslessPortOf(fabric, port) ?? []);
  const [one, other] = ports;
  if (one === undefined || other === undefined) return [];
  const [here, there] = [pfcOf(fabric, one), pfcOf(fabric, other)];
  // Where the ends differ, another rule says so.
  if (here === undefined || (there !== undefined && !samePriorities(here.value, there.value))) return [];
  return [...wanted.values()]
    .filter(({ priority }) => !here.value.includes(priority))
    .map(({ priority, by, at }) => ({
      at: here.at,
      message: `\`${endpointName(by.endpoint)}\` sends RoCE in priority ${priority}, and on the way \`${one.place}\`${there === undefined ? '' : ` and \`${other.place}\``} ${stateText(here.value, there === undefined)}.`,
      remedy: `Write \`pfc: [${[...here.value, priority].sort().join(', ')}]\` at both ends.${pfcCommand(one, [priority])}`,
      related: [
        { at, message: `RoCE of \`${endpointName(by.endpoint)}\`` },
        ...(there === undefined || there.at.join() === here.at.join() ? [] : [{ at: there.at, message: `\`${other.place}\`` }]),
      ],
      cause: here.at,
      restsOn: [at, ...(there === undefined ? [] : [there.at])],
    }));
}

/** By link between switches: priorities that RoCE on both sides of it needs, each with the first that does. */
const wantedOn = memoized((fabric: Fabric): ReadonlyMap<Trunk, ReadonlyMap<number, Wanted>> => {
  const bySegment = new Map<Segment, RdmaEndpoint[]>();
  for (const one of roceEndpointsOf(fabric))
    for (const segment of segmentsByEndpoint(fabric).get(one.endpoint) ?? []) {
      addTo(bySegment, segment, one);
    }
  const found = new Map<Trunk, Map<number, Wanted>>();
  for (const [segment, talkers] of bySegment) {
    if (new Set(talkers.map(({ endpoint }) => endpoint.node)).size < 2 || segment.trunks.length === 0) continue;
    const wantedHere = new Map<number, Wanted>();
    for (const by of talkers)
      for (const { priority, at } of wantedBy(fabric, by)) if (!wantedHere.has(priority)) wantedHere.set(priority, { priority, by, at });
    if (wantedHere.size === 0) continue;
    for (const trunk of between(segment, talkers)) {
      const wanted = found.get(trunk) ?? new Map<number, Wanted>();
      for (const [priority, one] of wantedHere) if (!wanted.has(priority)) wanted.set(priority, one);
      found.set(trunk, wanted);
    }
  }
  return found;
});

/** What it is marked with; else the one priority that its port keeps from loss. */
function wantedBy(fabric: Fabric, one: RdmaEndpoint): readonly { readonly priority: number; readonly at: Path }[] {
  const port = losslessPortOf(fabric, one.nic);
  const pfc = port === undefined ? undefined : pfcOf(fabric, port);
  // Who has PFC off, or does not say, may rely on congestion control alone.
  if (pfc === undefined || pfc.value.length === 0) return [];
  const marks = marksOf(one);
  // Of one that its own port has lossy another rule speaks.
  if (marks.length > 0) return marks.filter(({ priority }) => pfc.value.includes(priority));
  return pfc.value.length === 1 ? [{ priority: pfc.value[0]!, at: pfc.at }] : [];
}

/** Links of the segment that are not on the way to nobody: switches without any of these machines that only one link leads to are left out. */
function between(segment: Segment, talkers: readonly RdmaEndpoint[]): readonly Trunk[] {
  const own = new Set(talkers.map(({ endpoint }) => endpoint));
  const homes = new Set(segment.attached.filter(({ endpoint }) => own.has(endpoint)).map(({ uplink }) => uplink.at.node));
  const left = new Set(segment.trunks);
  const at = new Map<string, Set<Trunk>>();
  for (const trunk of left) for (const { node } of trunk.ends) at.set(node, (at.get(node) ?? new Set<Trunk>()).add(trunk));
  const neighboursOf = (node: string): Set<string> =>
    new Set([...at.get(node)!].flatMap(({ ends }) => ends.map((end) => end.node)).filter((name) => name !== node));
  const ends = [...at.keys()].filter((node) => !homes.has(node) && neighboursOf(node).size < 2);
  for (let node = ends.pop(); node !== undefined; node = ends.pop()) {
    const neighbours = neighboursOf(node);
    for (const trunk of at.get(node)!) {
      left.delete(trunk);
      for (const end of trunk.ends) at.get(end.node)?.delete(trunk);
    }
    for (const one of neighbours) if (!homes.has(one) && neighboursOf(one).size < 2) ends.push(one);
  }
  return [...left];
}

const stateText = (kept: readonly number[], one: boolean): string =>
  kept.length === 0 ? `${one ? 'has' : 'have'} PFC off` : `${one ? 'keeps' : 'keep'} only ${prioritiesText(kept)} from loss`;
