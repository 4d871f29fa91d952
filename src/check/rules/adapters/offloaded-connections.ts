/** An adapter carries as many connections by itself as it has room for. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Adapter } from '../../../fabric/host-model.ts';
import { settingsOf } from '../../../fabric/host-model.ts';
import { discoveriesOf, staticsOf } from '../../logins.ts';
import type { Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, MARVELL_GUIDE } from '../../sources.ts';
import { fabricExample } from '../../example.ts';
import { adaptersOf } from '../../walk.ts';
import { slotsOf } from '../../slots.ts';

const example = (targets: number): string => {
  const each = (line: (name: string) => string): string =>
    Array.from({ length: targets }, (_, index) => line(`iqn.2026-01.net.example:disk${index}`)).join('\n');
  return fabricExample(`arrays:
  array1:
    nics: { eth0: { addresses: ["2001:db8::20/64"] } }
    portals: ["[2001:db8::20]:3260"]
    limits: { connectionsPerSession: 64 }
    targets:
${each((name) => `      ${name}: { luns: [{ store: memory, size: 64MiB }], access: [iqn.1998-01.com.vmware:esx1] }`)}
hosts:
  esx1:
    os: esxi
    adapters:
      slot1: { model: chelsio-t6225-so-cr, ports: [vmnic0, vmnic1] }
    nics: { vmnic0: { addresses: ["2001:db8::11/64"] }, vmnic1: {} }
    iscsi:
      vmhba64:
        initiator: iqn.1998-01.com.vmware:esx1
        kind: independent
        nic: vmnic0
        address: 2001:db8::12/64
        settings: { connections: 64 }
        targets:
${each((name) => `          - { name: "${name}", address: array1 }`)}
switches:
  tor1: { ports: { 1-2: {} } }
links:
  - [esx1:vmnic0, tor1:1]
  - [array1:eth0, tor1:2]`);
};

export const offloadedConnections: Rule = {
  id: 'SW-1184',
  name: 'offloaded-connections',
  severity: 'error',
  title: 'An adapter is to carry more connections than it has room for',
  meaning: 'An adapter without memory of its own keeps the state of a limited number of TCP connections: fewer of IPv6 than of IPv4.',
  remedy: 'Use fewer sessions or connections, software iSCSI for some of them, or a model with memory.',
  ignored: 'The last logins fail for want of resources (event 6 of offload adapters), and which they are changes with every restart.',
  source: [CHELSIO_GUIDE, MARVELL_GUIDE],
  examples: { fail: example(3), pass: example(2) },
  check(fabric) {
    const limited = slotsOf(fabric).filter(({ adapter }) => adapter.model.offloadedConnectionsMax !== undefined);
    if (limited.length === 0) return [];
    const counts = connectionsOf(fabric);
    return limited.flatMap(({ node, adapter, machine, ports }) => {
      const names = new Set(ports.map(({ nic }) => nic.name));
      const using = adaptersOf(fabric).filter(
        ({ host, adapter: one }) => host.machine === machine && one.kind !== 'software' && one.nic !== undefined && names.has(one.nic.text),
      );
      return (['ipv4', 'ipv6'] as const).flatMap((family) => {
        const most = adapter.model.offloadedConnectionsMax![family];
        const total = using.reduce((sum, one) => sum + (counts.get(one.adapter)?.[family] ?? 0), 0);
        if (total <= most) return [];
        const version = family === 'ipv4' ? 'IPv4' : 'IPv6';
        return [
          {
            at: using[0]!.adapter.at,
            message: `\`${node}:${adapter.name}\` is to carry ${total} connections over ${version}, and \`${adapter.model.key}\` carries ${most}.`,
            remedy: 'Write fewer `connections` in `settings`, or leave targets to another adapter.',
            related: [
              { at: [...adapter.at, 'model'], message: 'the adapter' },
              ...using.slice(1).map((one) => ({ at: one.adapter.at, message: `\`${one.adapter.name}\` uses it too` })),
            ],
          },
        ];
      });
    });
  },
};

interface Counts {
  ipv4: number;
  ipv6: number;
}

/** The least that each adapter will have: a session for each target, and as many connections as both ends have said. */
function connectionsOf(fabric: Fabric): ReadonlyMap<Adapter, Counts> {
  const counts = new Map<Adapter, Counts>();
  const add = (adapter: Adapter, family: string, connections: number): void => {
    const sum = counts.get(adapter) ?? { ipv4: 0, ipv6: 0 };
    if (family === 'ipv4' || family === 'ipv6') sum[family] += connections;
    counts.set(adapter, sum);
  };
  for (const { adapter, given, array, portal } of staticsOf(fabric))
    add(adapter, portal.listen.family, Math.min(settingsOf(adapter, given.changes).connections, array.limits.connectionsPerSession));
  for (const { adapter, server, array, portal } of discoveriesOf(fabric))
    for (const target of array.targets)
      if (target.access?.some(({ initiator }) => initiator === adapter.initiator || initiator === 'any') ?? true)
        add(adapter, portal.listen.family, Math.min(settingsOf(adapter, server.changes).connections, array.limits.connectionsPerSession));
  return counts;
}
