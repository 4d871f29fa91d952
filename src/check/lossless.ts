/**
 * Lossless Ethernet over a fabric: ports with what is said of them, the two ends of each link, and what DCBX makes of both (IEEE 802.1Q
 * clause 38 and Annex D.2).
 */
import { memoized } from '../base/memoized.ts';
import type { Dcb, FlowControl, Said, TrafficClass } from '../fabric/lossless/model.ts';
import type { Fabric } from '../fabric/model.ts';
import type { FabricLink, Nic, SwitchPort } from '../fabric/network/model.ts';
import type { Path } from '../fabric/problem.ts';
import type { Finding } from './rule.ts';
import { bridgePortsOf, type FabricPort, joinedPorts, machinePortsOf, placeOf, settingsPlace } from './network.ts';

export interface LosslessPort {
  readonly port: FabricPort;
  /** `esx1:nic0`. */
  readonly place: string;
  /** Where its settings are, or would be. */
  readonly at: Path;
  readonly dcb: Dcb;
  readonly flowControl: Said<FlowControl> | undefined;
}

const losslessPort = (port: FabricPort): LosslessPort =>
  port.kind === 'machine'
    ? { port, place: placeOf(port), at: port.nic.at, dcb: port.nic.dcb, flowControl: port.nic.flowControl }
    : { port, place: placeOf(port), at: settingsPlace(port), dcb: port.port.dcb, flowControl: port.port.flowControl };

/** By adapter port or switch port. */
const portsByThing = memoized((fabric: Fabric): ReadonlyMap<Nic | SwitchPort, LosslessPort> => {
  const ports = new Map<Nic | SwitchPort, LosslessPort>();
  for (const one of machinePortsOf(fabric)) if (one.nic.portType !== 'infiniband') ports.set(one.nic, losslessPort(one));
  for (const one of bridgePortsOf(fabric)) if (one.one.kind === 'ethernet') ports.set(one.port, losslessPort(one));
  return ports;
});

const thingOf = (port: FabricPort): Nic | SwitchPort => (port.kind === 'machine' ? port.nic : port.port);

/** All Ethernet ports of adapters and switches. */
export const losslessPortsOf = memoized((fabric: Fabric): readonly LosslessPort[] => [...portsByThing(fabric).values()]);

export const losslessPortOf = (fabric: Fabric, thing: Nic | SwitchPort): LosslessPort | undefined => portsByThing(fabric).get(thing);

/** Of ports that have these settings from the same places, as all of a switch have, the first. */
export function distinct(
  ports: readonly LosslessPort[],
  settings: (port: LosslessPort) => readonly (Said<unknown> | undefined)[],
): LosslessPort[] {
  const seen = new Set<string>();
  return ports.filter((one) => {
    const key = settings(one).map(placeKey).join();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** A short word for the place of a setting. Ports share what they have from their machine or switch, so that few are asked for anew. */
const placeKey = (said: Said<unknown> | undefined): string => (said === undefined ? '' : placeText(said));
const placeText = memoized((said: Said<unknown>): string => JSON.stringify(said.at));

/** Whose a setting is: the port's, all the machine's or switch's, or, where it came by DCBX, the neighbour's. */
export function whose({ port, place }: LosslessPort, { at: [, node, key, ports] }: Said<unknown>): string {
  if (key === 'dcb') return String(node);
  return node === port.node ? place : `${node}:${ports}`;
}

export interface LosslessLink {
  readonly link: FabricLink;
  readonly ends: readonly [LosslessPort, LosslessPort];
}

/** Those of which no end is shut down. */
export const losslessLinks = memoized((fabric: Fabric): readonly LosslessLink[] => {
  const ports = portsByThing(fabric);
  return joinedPorts(fabric).flatMap(({ link, ends }) => {
    const [one, other] = ends.map((end) => (end.kind === 'switch' && end.port.disabled ? undefined : ports.get(thingOf(end))));
    return one === undefined || other === undefined ? [] : [{ link, ends: [one, other] as const }];
  });
});

/** Both ways round. */
export const bothWays = ({ ends: [one, other] }: LosslessLink): readonly (readonly [LosslessPort, LosslessPort])[] => [
  [one, other],
  [other, one],
];

export type Exchange =
  /** Nobody is said to take over anything: what each end says counts. */
  | 'fixed'
  /** One end takes over what the other says. */
  | 'decided'
  /** One end is willing, and it is not said what the other is. */
  | 'open'
  | 'agents'
  | 'no-lldp'
  | 'one-sided'
  | 'versions'
  | 'both-willing'
  /** They speak, and neither takes over anything. */
  | 'neither-willing';

const speaksDcbx = ({ dcb }: LosslessPort): boolean => dcb.dcbx !== undefined && dcb.dcbx.value !== 'none';
export const isWilling = ({ dcb }: LosslessPort): boolean => dcb.willing?.value === true && dcb.dcbx?.value !== 'none';
const isSilent = ({ dcb }: LosslessPort): boolean => dcb.dcbx?.value === 'none';
export const withoutLldp = ({ port }: LosslessPort): boolean => port.kind === 'switch' && !port.one.lldp;
export const answersTwice = ({ dcb }: LosslessPort): boolean => (dcb.agents?.value.length ?? 0) > 1 && dcb.dcbx?.value !== 'none';

/** IEEE 802.1Q Annex D.2 and the versions before it have TLVs of their own: nobody reads another's. `auto` follows the other end. */
const versionsMeet = (one: LosslessPort, other: LosslessPort): boolean => {
  const [a, b] = [one.dcb.dcbx?.value, other.dcb.dcbx?.value];
  return a === undefined || b === undefined || a === 'auto' || b === 'auto' || a === b;
};

/** What becomes of DCBX between the ends of a link. */
export function exchangeOf({ ends: [one, other] }: LosslessLink): Exchange {
  const willing = [one, other].filter(isWilling);
  // Where nobody takes over anything, it does not matter what is heard.
  if (willing.length > 0) {
    if (answersTwice(one) || answersTwice(other)) return 'agents';
    if (withoutLldp(one) || withoutLldp(other)) return 'no-lldp';
    if (isSilent(one) || isSilent(other)) return 'one-sided';
    if (!versionsMeet(one, other)) return 'versions';
  }
  if (willing.length === 2) return 'both-willing';
  if (willing.length === 1) return (willing[0] === one ? other : one).dcb.willing === undefined ? 'open' : 'decided';
  return speaksDcbx(one) && speaksDcbx(other) && one.dcb.willing !== undefined && other.dcb.willing !== undefined
    ? 'neither-willing'
    : 'fixed';
}

/** What a port works with, as far as that can be known. */
interface Operational {
  readonly pfc: Dcb['pfc'];
  readonly classes: Dcb['classes'];
}

const operationalOf = memoized((fabric: Fabric): ReadonlyMap<LosslessPort, Operational> => {
  const found = new Map<LosslessPort, Operational>();
  for (const link of losslessLinks(fabric)) {
    const exchange = exchangeOf(link);
    for (const [one, other] of bothWays(link)) {
      if (exchange === 'both-willing' || (exchange === 'open' && isWilling(one))) {
        // Whoever decides, what both say comes out.
        const [here, there] = [one.dcb.pfc, other.dcb.pfc];
        const agreed = here !== undefined && there !== undefined && samePriorities(here.value, there.value);
        found.set(one, { pfc: agreed ? here : undefined, classes: undefined });
      } else if (exchange === 'decided' && isWilling(one))
        found.set(one, { pfc: other.dcb.pfc ?? one.dcb.pfc, classes: other.dcb.classes ?? one.dcb.classes });
    }
  }
  return found;
});

/** Priorities without loss after DCBX; undefined: that can't be known. */
export const pfcOf = (fabric: Fabric, port: LosslessPort): Said<readonly number[]> | undefined => {
  const found = operationalOf(fabric).get(port);
  return found === undefined ? port.dcb.pfc : found.pfc;
};

export const classesOf = (fabric: Fabric, port: LosslessPort): Said<readonly TrafficClass[]> | undefined => {
  const found = operationalOf(fabric).get(port);
  return found === undefined ? port.dcb.classes : found.classes;
};

/** Windows has a class for priorities that no other lists, with what the others leave. */
export const hasDefaultClass = ({ port, dcb }: LosslessPort): boolean =>
  port.kind === 'machine' && port.machine.os === 'windows' && new Set(dcb.classes?.value.flatMap(({ priorities }) => priorities)).size < 8;

export const samePriorities = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();

/** `priority 3`, `priorities 3 and 5`, `no priority`. */
export const prioritiesText = (priorities: readonly number[]): string =>
  priorities.length === 0 ? 'no priority' : `${priorities.length === 1 ? 'priority' : 'priorities'} ${listText(priorities.map(String))}`;

/** `a, b and c`. */
export const listText = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;

/** Of a command with eight places: `0,0,0,1,0,0,0,0`. */
export const pfcVector = (priorities: readonly number[]): string =>
  Array.from({ length: 8 }, (_, priority) => (priorities.includes(priority) ? 1 : 0)).join();

/** Of findings at one place about the same other places the first: VLANs of a port and ports of a team have much from one place. */
export const oncePerPlace = (findings: readonly Finding[]): Finding[] =>
  [...new Map(findings.toReversed().map((one) => [JSON.stringify([one.at, one.related?.map(({ at }) => at)]), one])).values()].toReversed();
