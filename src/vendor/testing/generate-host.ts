/** Random but sound hosts of each operating system. */
import { generateDcb } from './generate-dcb.ts';
import { type Generated, generated } from './generated.ts';
import { generateAdapter } from './generate-iscsi.ts';
import { generateVirtual } from './generate-virtual.ts';
import {
  type Around,
  around,
  generateAddresses,
  generateDrivers,
  generateNic,
  generatePolicies,
  generateVlans,
  type HostOptions,
  mac,
  maybe,
  type Os,
} from './host-parts.ts';
import { picker, type Written, written } from './pick.ts';

/** The same seed and options, the same host, called `host1`. */
export function generateHost(seed: number, os: Os, options: HostOptions = {}): Generated {
  const pick = picker(seed);
  const about = around(pick, options);
  const { has } = about;
  const name = options.nics ?? ((index: number) => (os === 'esxi' ? `vmnic${index}` : `p${index}`));
  const names = Array.from({ length: pick.between(2, 6) }, (_, index) => name(index));

  // Ports of a team or a virtual switch have nothing of IP themselves.
  const free = [...names];
  const take = (count: number): string[] => free.splice(0, Math.min(count, Math.max(0, free.length - 1)));
  const teams: Written = {};
  if (os !== 'esxi' && has('teams') && pick.maybe(0.5)) {
    const ports = take(2);
    if (ports.length === 2) teams[os === 'linux' ? 'bond0' : 'Team1'] = generateTeam(about, os, ports);
  }
  const virtual = has('virtualSwitches') && pick.maybe(os === 'esxi' ? 0.9 : 0.5) ? generateVirtual(about, os, take) : {};
  const taken = new Set(names.filter((one) => !free.includes(one)));
  const nics = Object.fromEntries(names.map((one, index) => [one, generateNic(about, index, taken.has(one) || os === 'esxi')]));

  return generated(
    'host1',
    {
      hosts: {
        host1: written({
          os,
          dcb: maybe(about, 'hostDcb', 0.5, () => generateDcb(pick, has)),
          nics,
          teams,
          ...virtual,
          policies: os === 'windows' ? maybe(about, 'policies', 0.6, () => generatePolicies(about)) : undefined,
          drivers: maybe(about, 'drivers', 0.4, () => generateDrivers(about, DRIVERS[os])),
          routes: maybe(about, 'routes', 0.2, () => routesOf(nics)),
          iscsi: maybe(about, 'iscsi', 0.6, () => generateAdapters(about, os, names, virtual)),
        }),
      },
    },
    `generateHost(${seed}, '${os}', ${JSON.stringify(options)})`,
  );
}

const DRIVERS: Readonly<Record<Os, NonNullable<HostOptions['drivers']>>> = {
  linux: { mlx5_core: { prof_sel: [1, 2] }, cxgb4: { num_vf: ['0,0,0,4', '4,4,0,0'] } },
  windows: {},
  esxi: {
    nmlx5_core: { pfctx: [8], pfcrx: [8], max_vfs: ['4,4', '8,0'], trust_state: [1, 2] },
    cxl: { max_vfs: ['2,2', '1,1,1,1'] },
  },
};

function generateTeam(about: Around, os: Os, nics: readonly string[]): Written {
  const { pick } = about;
  const mode = pick.one(
    os === 'linux'
      ? (['active-backup', 'round-robin', 'static', 'lacp', 'transmit-balance', 'smart-balance'] as const)
      : (['active-backup', 'port-id', 'static', 'lacp', 'load-based'] as const),
  );
  const aggregated = mode === 'lacp' || (mode === 'static' && os === 'linux');
  const mtu = maybe(about, 'mtu', 0.4, () => pick.one([1500, 9000]));
  return written({
    nics,
    mode,
    hash: aggregated && pick.maybe(0.4) ? pick.one(os === 'linux' ? ['layer2', 'layer2+3', 'layer3+4'] : ['layer3+4']) : undefined,
    lacpRate: mode === 'lacp' && pick.maybe(0.5) ? pick.one(['slow', 'fast']) : undefined,
    standby: mode === 'active-backup' && os === 'windows' ? [nics[1]] : undefined,
    mac: os === 'linux' ? maybe(about, 'mac', 0.2, () => mac(pick)) : undefined,
    mtu: os === 'linux' ? mtu : undefined,
    ...generateAddresses(about),
    vlans: generateVlans(about, mtu),
  });
}

/** A route needs a router in a network of the machine. */
function routesOf(nics: Readonly<Record<string, unknown>>): unknown {
  for (const nic of Object.values(nics)) {
    const address = (nic as { addresses?: readonly string[] }).addresses?.[0];
    if (address === undefined) continue;
    const net = address.split('.').slice(0, 3).join('.');
    // The router may not be the host itself; a /25 ends before 127 or begins after it.
    const host = Number(address.split('.')[3]!.split('/')[0]);
    const via = host < 128 ? (host === 1 ? 2 : 1) : host === 254 ? 253 : 254;
    return [{ to: '198.51.100.0/24', via: `${net}.${via}` }];
  }
  return undefined;
}

function generateAdapters(about: Around, os: Os, nics: readonly string[], virtual: Written): Written {
  const { pick } = about;
  if (os !== 'esxi') return { [os === 'linux' ? 'iscsi0' : 'msft']: generateAdapter(about, {}) };
  const adapters: Written = {};
  const interfaces = Object.keys((virtual['virtualNics'] ?? {}) as Written);
  const binding = interfaces.length > 0 && pick.maybe(0.5) ? pick.some(interfaces, 1, 2) : undefined;
  adapters['vmhba64'] = generateAdapter(about, written({ portBinding: binding }));
  if (pick.maybe(0.3))
    adapters['vmhba33'] = generateAdapter(about, {
      kind: 'independent',
      nic: nics.at(-1),
      ...(pick.maybe(0.5) ? { vlan: pick.between(2, 4000) } : {}),
      address: `192.168.${about.subnet()}.${pick.between(1, 254)}/24`,
    });
  return adapters;
}
