/** Registers an array's targets and portals at its iSNS server (RFC 4171), for as long as the array is up. */
import { addTo } from '../../base/grouped.ts';
import { networkInterfaces } from 'node:os';
import type { EventSink } from '../../base/event.ts';
import type { IsnsPlan } from '../../fabric/isns-model.ts';
import type { ArrayPlan, TargetPlan } from '../../fabric/plan.ts';
import { formatAddress } from '../../fabric/address.ts';
import {
  defaultIsnsLimits,
  type GroupRegistration,
  type NodeRegistration,
  type PortalRegistration,
  Registrar,
} from '../../storage/isns/index.ts';
import { portalLeftOut } from '../../storage/isns/events.ts';
import { addressBytes, NODE_TARGET } from '../../wire/isns/index.ts';
import { dialFrom } from '../iscsi/dial.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { listenForNotices, type NoticeListener } from './notice-listener.ts';

/** Addresses one wildcard portal is registered with. */
const ADDRESSES_MAX = 32;

interface Reached {
  readonly address: string;
  readonly port: number;
  /** Target portal group tag. */
  readonly group: number;
  /** Places in the plan that it stands for. */
  readonly places: Set<number>;
  /** Ours to listen on: not what a translator of addresses shows of us. */
  readonly isLocal: boolean;
}

/** `listened`: the portals of the plan as they are listened on. Gives back how to deregister. */
export async function registerArray(
  plan: ArrayPlan,
  isns: IsnsPlan,
  listened: readonly { readonly address: string; readonly port: number }[],
  events: EventSink,
): Promise<() => Promise<void>> {
  const source = `${plan.name}/isns`;
  const clock = wallClock();
  const reached = reachedPortals(plan, listened, (portal, reason) => portalLeftOut(events, source, { portal, reason }));
  const listeners: NoticeListener[] = [];
  let registrar: Registrar | undefined;
  const closeListeners = async (): Promise<void> => {
    for (const listener of listeners.splice(0)) await listener.close();
  };
  const portals: PortalRegistration[] = [];
  try {
    for (const { address, port, isLocal } of reached) {
      const base = { address, port };
      if (isns.inquirySeconds === undefined || !isLocal) {
        portals.push(base);
        continue;
      }
      const services = { clock, events, source, owns: (entity: string) => registrar?.owns(entity) === true, handleNotice: () => {} };
      // RFC 4171 §6.3.5: at the portal's own address; on which port is ours to say.
      const listener = await listenForNotices(address, { port: 0, transport: 'tcp' }, defaultIsnsLimits, services);
      listeners.push(listener);
      portals.push({ ...base, inquiry: { port: listener.port, intervalSeconds: isns.inquirySeconds } });
    }
  } catch (error) {
    await closeListeners();
    throw error;
  }
  registrar = new Registrar(
    {
      server: isns.server,
      source,
      node: plan.targets[0]!.name,
      entity: {
        identifier: isns.entity,
        ...(isns.periodSeconds === undefined ? {} : { periodSeconds: isns.periodSeconds }),
        portals,
        nodes: plan.targets.map((target) => nodeOf(target, reached)),
      },
    },
    defaultIsnsLimits,
    { clock, rng: systemRng, dial: dialFrom(undefined), events },
  );
  registrar.start();
  return async () => {
    await new Promise<void>((resolve) => registrar.stop(resolve));
    await closeListeners();
  };
}

function nodeOf(target: TargetPlan, reached: readonly Reached[]): NodeRegistration {
  const groups = new Map<number | undefined, number[]>();
  for (const [index, portal] of reached.entries()) {
    const leads = target.portals.some((place) => portal.places.has(place));
    const tag = leads ? portal.group : undefined;
    addTo(groups, tag, index);
  }
  const authentication = authenticationOf(target);
  return {
    name: target.name,
    type: NODE_TARGET,
    ...(target.alias === undefined ? {} : { alias: target.alias }),
    ...(authentication === '' ? {} : { authentication }),
    groups: [...groups].map(([tag, portals]): GroupRegistration => ({ tag, portals })),
  };
}

/** RFC 4171 §6.4.8. */
function authenticationOf(target: TargetPlan): string {
  const methods = [
    ...(target.access.some((access) => access.chap !== undefined) ? ['CHAP'] : []),
    ...(target.access.some((access) => access.chap === undefined) ? ['none'] : []),
  ];
  return methods.join(',');
}

function reachedPortals(
  plan: ArrayPlan,
  listened: readonly { readonly port: number }[],
  leaveOut: (portal: string, reason: string) => void,
): Reached[] {
  const reached = new Map<string, Reached>();
  for (const [place, portal] of plan.portals.entries()) {
    const host = portal.announce?.host ?? portal.host;
    const port = portal.announce?.port ?? listened[place]?.port ?? portal.port;
    const shown = formatAddress(host, port);
    const addresses = portal.announce === undefined ? localAddresses(host) : [host];
    // An address is all that an attribute holds (RFC 4171 §6.3.1), and it means the same to everybody.
    if (addresses.every((address) => addressBytes(address) === undefined))
      leaveOut(shown, 'it is announced by a name, or by an address with a zone');
    for (const address of addresses.filter((one) => addressBytes(one) !== undefined)) {
      const key = formatAddress(address, port);
      const known = reached.get(key);
      if (known === undefined)
        reached.set(key, { address, port, group: portal.group, places: new Set([place]), isLocal: portal.announce === undefined });
      else if (known.group === portal.group) known.places.add(place);
      else leaveOut(shown, `${key} is registered in group ${known.group} already`);
    }
  }
  return [...reached.values()];
}

/** Of a wildcard every address that others may reach; the machine's own where there are no others. */
function localAddresses(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // The IPv6 wildcard takes IPv4 too.
  const fitting = all.filter(({ family, address }) => (host === '::' || family === 'IPv4') && !/^fe[89ab]/i.test(address));
  const others = fitting.filter(({ internal }) => !internal);
  return (others.length === 0 ? fitting : others).slice(0, ADDRESSES_MAX).map(({ address }) => address);
}
