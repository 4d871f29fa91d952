/** What an endpoint sends fits through every port and link on its way, not only through the first. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Switch } from '../../../fabric/network/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { portMtu } from '../../bridge-ports.ts';
import type { Endpoint } from '../../endpoints.ts';
import { placeOf, type Trunk, type Uplink } from '../../network.ts';
import { fullName, mtuPlaces } from '../../networks.ts';
import type { Finding, Rule } from '../../rule.ts';
import { endpointsOf } from '../../endpoints.ts';
import { type Attached, segmentsOf, type Segment, uplinksByNic } from '../../segments.ts';
import { CHELSIO_GUIDE, LOWE_BLOG, WINOF_README } from '../../sources.ts';
import { pairExample } from './examples.ts';

const example = (mtu: number): string => pairExample('vlan: 10', `trunk: [10, 20], native: none, mtu: ${mtu}`, [9000, 9000]);

export const pathMtu: Rule = {
  id: 'SW-1075',
  name: 'path-mtu',
  severity: 'error',
  title: 'Large frames fit only part of the way',
  meaning:
    'A port of a switch or a link between two stations carries less than they send. Switches do not fragment and say nothing: what is too long is gone.',
  remedy:
    'Write an `mtu` that is large enough at each port and link on the way, or a smaller one at the stations. On NX-OS: `mtu 9216` at the interface; on ESXi: `esxcfg-vswitch -m 9000 vSwitch1`.',
  ignored: 'Ping works and logins work; the first large read stands still. `vmkping -d -s 8972` gets no answer.',
  source: ['RFC 2923 §2.1', LOWE_BLOG, WINOF_README, CHELSIO_GUIDE],
  examples: { fail: example(1500), pass: example(9216) },
  check: (fabric) => [...endpointsOf(fabric).flatMap((one) => firstHop(fabric, one)), ...segmentsOf(fabric).flatMap(onTrunks)],
};

interface Limit {
  readonly mtuBytes: number;
  readonly at: Path;
  readonly name: string;
}

/** Adapter ports themselves, and iSCSI adapters that are part of them, have a rule of their own. */
function firstHop(fabric: Fabric, endpoint: Endpoint): Finding[] {
  if (endpoint.kind === 'nic' || endpoint.kind === 'hba') return [];
  return endpoint.nics
    .flatMap((nic) => uplinksByNic(fabric).get(nic) ?? [])
    .flatMap((uplink): Finding[] => {
      const least = leastAt(uplink);
      // Where the adapter port itself sends too much, that is told of it.
      if (endpoint.mtuBytes <= least.mtuBytes || uplink.station.nic.mtuBytes > least.mtuBytes) return [];
      return [
        {
          ...tooLarge(endpoint, least),
          related: [
            { at: least.at, message: least.name },
            { at: uplink.station.nic.at, message: `the uplink \`${uplink.station.nic.name}\`` },
          ],
        },
      ];
    });
}

const tooLarge = (endpoint: Endpoint, limit: Limit): Omit<Finding, 'related'> => ({
  at: [...endpoint.on.at, 'mtu'],
  message: `\`${fullName(endpoint)}\` sends packets of up to ${endpoint.mtuBytes} bytes, and ${limit.name} carries ${limit.mtuBytes}.`,
  remedy: `Write \`mtu: ${endpoint.mtuBytes}\` or more there, or \`mtu: ${limit.mtuBytes}\` here.`,
  cause: limit.at,
  restsOn: [limit.at, ...mtuPlaces(endpoint), endpoint.at],
});

function leastAt({ link, at: end }: Uplink): Limit {
  const port = portMtu(end);
  return link.mtuBytes < port.mtuBytes
    ? { mtuBytes: link.mtuBytes, at: [...link.at, 'mtu'], name: `the link to \`${placeOf(end)}\`` }
    : { ...port, name: `\`${placeOf(end)}\`` };
}

function leastOf(trunk: Trunk): Limit {
  const limits = trunk.ends.map((end): Limit => ({ ...portMtu(end), name: `\`${placeOf(end)}\`` }));
  const names = trunk.ends.map((end) => `\`${placeOf(end)}\``).join(' and ');
  limits.push({ mtuBytes: trunk.link.mtuBytes, at: [...trunk.link.at, 'mtu'], name: `the link between ${names}` });
  return limits.reduce((a, b) => (b.mtuBytes < a.mtuBytes ? b : a));
}

function onTrunks(segment: Segment): Finding[] {
  // Whose first hop is too narrow already has been told.
  const senders = segment.attached.filter(({ endpoint, uplink }) => endpoint.mtuBytes <= leastAt(uplink).mtuBytes);
  const largest = senders.reduce((most, { endpoint }) => Math.max(most, endpoint.mtuBytes), 0);
  const narrow = segment.trunks.map((trunk) => ({ trunk, least: leastOf(trunk) })).filter(({ least }) => least.mtuBytes < largest);
  const told = new Set<string>();
  return narrow.flatMap(({ trunk, least }): Finding[] => {
    const large = senders.filter(({ endpoint }) => endpoint.mtuBytes > least.mtuBytes);
    const homes = new Set(large.map(({ uplink }) => uplink.at.one));
    if (homes.size < 2 || !isBetween(segment, trunk, homes) || told.has(JSON.stringify(least.at))) return [];
    told.add(JSON.stringify(least.at));
    const [one, other] = twoOf(large);
    if (one === undefined || other === undefined) return [];
    return [
      {
        at: least.at,
        message: `${least.name.replace(/^t/, 'T')} carries ${least.mtuBytes} bytes, and it is on the way between \`${fullName(one.endpoint)}\` and \`${fullName(other.endpoint)}\`, which send up to ${Math.min(one.endpoint.mtuBytes, other.endpoint.mtuBytes)}.`,
        remedy: `Write \`mtu: ${Math.min(one.endpoint.mtuBytes, other.endpoint.mtuBytes)}\` or more.`,
        related: [one, other].map(({ endpoint }) => ({ at: [...endpoint.on.at, 'mtu'], message: `\`${fullName(endpoint)}\`` })),
        cause: least.at,
        restsOn: [...mtuPlaces(one.endpoint), ...mtuPlaces(other.endpoint), ['links'], ['switches']],
      },
    ];
  });
}

/** Two machines at different switches, or nothing. */
function twoOf(large: readonly Attached[]): readonly Attached[] {
  for (const one of large) {
    const other = large.find(({ endpoint, uplink }) => endpoint.node !== one.endpoint.node && uplink.at.one !== one.uplink.at.one);
    if (other !== undefined) return [one, other];
    // All others are at its switch, or its own: no second look finds more of them.
    if (large.every(({ endpoint }) => endpoint.node === one.endpoint.node)) return [];
  }
  return [];
}

/** What is left when switches at the edge, where none of those stations is, are taken away one after the other. */
function isBetween({ trunks }: Segment, trunk: Trunk, homes: ReadonlySet<Switch>): boolean {
  const around = new Map<Switch, Set<Switch>>();
  for (const { ends } of trunks)
    for (const [near, far] of [ends, ends.toReversed()]) {
      const list = around.get(near!.one) ?? new Set<Switch>();
      list.add(far!.one);
      around.set(near!.one, list);
    }
  const waiting = [...around.keys()];
  for (let index = 0; index < waiting.length; index += 1) {
    const one = waiting[index]!;
    const far = around.get(one);
    if (far === undefined || far.size > 1 || homes.has(one)) continue;
    around.delete(one);
    for (const next of far) {
      around.get(next)?.delete(one);
      waiting.push(next);
    }
  }
  return trunk.ends.every(({ one }) => around.has(one));
}
