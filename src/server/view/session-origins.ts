/** Which node of the topology a session comes from, or by. */
import type { RunningFabric } from '../running-fabric.ts';
import type { SessionReport } from '../../os/running.ts';
import { formatIp } from '../../wire/ip/address.ts';
import { publishedNode } from './topology-of.ts';

/** Gives back a function that knows addresses as they are now; to be asked for anew when sessions have changed. */
export function sessionOrigins(fabric: Pick<RunningFabric, 'plans' | 'network'>): () => (session: SessionReport) => string | undefined {
  const { plans, network } = fabric;
  /** Undefined: more than one host logs in by this name, and the address has to say which. */
  const initiators = new Map<string, string | undefined>();
  for (const host of plans.hosts)
    for (const { initiator } of host.adapters) {
      const known = initiators.has(initiator) && initiators.get(initiator) !== host.name;
      initiators.set(initiator, known ? undefined : host.name);
    }
  const arraysOf = new Map(
    (plans.network?.machines ?? []).flatMap(({ name, nics }) =>
      nics.flatMap((nic) => nic.interfaces.flatMap((one) => one.addresses.map(({ address }) => [formatIp(address), name] as const))),
    ),
  );
  /** What is published of an array, by the host it is published from. */
  const published = new Map<string, string[]>();
  for (const { host, listen, to } of network?.ready.published ?? []) {
    const array = arraysOf.get(hostOf(to));
    if (array === undefined) continue;
    const key = `${host} ${array}`;
    published.set(key, [...(published.get(key) ?? []), publishedNode(listen)]);
  }

  return () => {
    const machines = new Map<string, string>();
    for (const machine of network?.network.machines ?? [])
      for (const one of machine.host.interfaces) for (const { address } of one.addresses) machines.set(formatIp(address), machine.name);
    return ({ array, initiator, remotes }) => {
      const host = initiators.get(initiator);
      if (host !== undefined) return host;
      const machine = remotes[0] === undefined ? undefined : machines.get(hostOf(remotes[0]));
      if (machine === undefined || initiators.has(initiator)) return machine;
      // It is not the host's own: somebody comes in by what the host publishes, if only one way is.
      const ways = published.get(`${machine} ${array}`) ?? [];
      return ways.length === 1 ? ways[0] : machine;
    };
  };
}

/** Of `192.0.2.7:51234` or `[2001:db8::7]:51234`. */
function hostOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(':'));
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
