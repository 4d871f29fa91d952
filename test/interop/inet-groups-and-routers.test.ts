/** Hosts of ours beside Linux: addresses from our router advertisements and from radvd's, and our groups in a bridge that watches them. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RouterAdvertiser } from '../../src/inet/router-advertiser.ts';
import { RouterDiscovery } from '../../src/inet/router-discovery.ts';
import { attachInterface } from '../../src/os/ports/packet-socket.ts';
import { attachTap } from '../../src/os/ports/tap.ts';
import { address } from '../../src/wire/ip/address.ts';
import { describeWithNamespaces, makeNamespace, type Namespace } from './namespaces.ts';
import { describeWithPeers } from './peers.ts';
import { type SwitchedHost, switchedHost } from './switched-host.ts';

const DAY = 86_400;
/** Of HOST_MAC, 02:00:5e:00:00:01. */
const IDENTIFIER = '5eff:fe00:1';

let namespace: Namespace;
const cleanUp: (() => void)[] = [];

beforeEach(() => {
  namespace = makeNamespace();
});

afterEach(() => {
  for (const action of cleanUp.splice(0).toReversed()) action();
  namespace.remove();
});

function host(addresses: readonly (readonly [string, number])[]): SwitchedHost {
  const made = switchedHost({ addresses });
  cleanUp.push(() => made.close());
  return made;
}

function tapped(made: SwitchedHost): void {
  const tap = namespace.within(() => attachTap(made.ports[0]!, 'sw0', { events: (event) => made.events.push(event) }));
  cleanUp.push(() => tap.close());
}

describeWithNamespaces('router advertisements of ours', () => {
  it('give the kernel an address, a route and an MTU, and it answers from there', async () => {
    const ours = host([['2001:db8:7::1', 64]]);
    tapped(ours);
    const prefix = { prefix: address('2001:db8:7::'), bits: 64, validSeconds: 30 * DAY, preferredSeconds: 7 * DAY };
    const advertiser = new RouterAdvertiser(ours.host, ours.nic, { prefixes: [prefix], mtuBytes: 1400 });
    namespace.run('sysctl -qw net.ipv6.conf.sw0.accept_dad=0; ip link set sw0 address 02:00:5e:00:00:02 addrgenmode eui64 up');
    const addresses = (): string => namespace.run('ip -6 -o addr show dev sw0 scope global');
    await expect.poll(addresses, { timeout: 10_000 }).toContain('2001:db8:7::5eff:fe00:2/64');
    expect(addresses()).toMatch(/valid_lft 2\d{6}sec preferred_lft 604[78]\d\dsec/);
    expect(namespace.run('ip -6 route show dev sw0')).toMatch(/^2001:db8:7::\/64 proto kernel/m);
    expect(namespace.run('ip -6 route show default')).toBe('');
    expect(namespace.run('cat /proc/sys/net/ipv6/conf/sw0/mtu')).toBe('1400\n');
    expect(await ours.ping('2001:db8:7::5eff:fe00:2', 3000)).toMatchObject({ kind: 'reply', intact: true });
    expect(advertiser.sent).toBeGreaterThanOrEqual(1);
  });
});

describeWithPeers(['radvd'], "radvd's advertisements", () => {
  describeWithNamespaces('in a namespace', () => {
    it('give ours an address, a default route, hop limit and MTU; its farewell takes the route', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'samewire-radvd-'));
      cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
      const configuration = join(folder, 'radvd.conf');
      writeFileSync(
        configuration,
        `interface sw0 {
        AdvSendAdvert on; AdvLinkMTU 1420; AdvCurHopLimit 77; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;
        prefix 2001:db8:9::/64 { AdvOnLink on; AdvAutonomous on; };
      };\n`,
      );
      const ours = host([]);
      tapped(ours);
      const discovery = new RouterDiscovery(ours.host, ours.nic);
      namespace.run(
        'sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.sw0.accept_dad=0; ip link set sw0 up; ip addr add 2001:db8:9::1/64 dev sw0 nodad',
      );
      const radvd = spawn(
        'ip',
        ['netns', 'exec', namespace.name, 'radvd', '-n', '-C', configuration, '-p', join(folder, 'pid'), '-m', 'stderr'],
        { stdio: 'ignore' },
      );
      cleanUp.push(() => radvd.kill('SIGKILL'));
      await expect.poll(() => discovery.addresses, { timeout: 10_000 }).toEqual([`2001:db8:9::${IDENTIFIER}`]);
      expect(discovery.routers).toHaveLength(1);
      const path = ours.host.path(address('2001:db8:ffff::1'));
      expect([path?.mtuBytes, ours.nic.hopLimit]).toEqual([1420, 77]);
      expect(await ours.ping('2001:db8:9::1', 3000)).toMatchObject({ kind: 'reply', intact: true });
      // Beyond the link: an address of the kernel's that only the router knows.
      namespace.run('ip addr add 2001:db8:ffff::1/128 dev lo');
      expect(await ours.ping('2001:db8:ffff::1', 56)).toMatchObject({ kind: 'reply', intact: true });
      radvd.kill('SIGTERM');
      await expect.poll(() => discovery.routers, { timeout: 5000 }).toEqual([]);
      expect(discovery.addresses).toHaveLength(1);
    });
  });
});

/** A bridge of the kernel's that asks by these versions, with a host of ours at it: joins, stays, leaves. */
async function watched(igmp: number, mld: number): Promise<void> {
  const [bridge, near, far] = [`br${igmp}`, `near${igmp}`, `far${igmp}`];
  // Every second a query, with a second to answer; what is not answered for is forgotten after two and a half.
  const intervals =
    'mcast_startup_query_interval 50 mcast_query_interval 100 mcast_query_response_interval 100 mcast_membership_interval 250';
  namespace.run(
    `ip link add ${bridge} type bridge mcast_snooping 1 mcast_querier 1 mcast_last_member_interval 10 ${intervals}
     ip link set ${bridge} type bridge mcast_igmp_version ${igmp} mcast_mld_version ${mld}
     ip link add ${near} type veth peer name ${far}; ip link set ${near} addrgenmode none; ip link set ${far} master ${bridge}
     ip addr add 192.0.2.9/24 dev ${bridge}; ip link set ${near} up; ip link set ${far} up; ip link set ${bridge} up`,
  );
  const ours = host([
    ['192.0.2.1', 24],
    ['fe80::1', 64],
  ]);
  const cable = namespace.within(() => attachInterface(ours.ports[0]!, near, { events: (event) => ours.events.push(event) }));
  cleanUp.push(() => cable.close());
  const known = (): string[] =>
    namespace
      .run(`bridge mdb show dev ${bridge}`)
      .split('\n')
      .map((line) => /port far\d grp (\S+)/.exec(line)?.[1])
      .filter((group) => group !== undefined)
      .toSorted();
  const wanted = ['239.1.2.3', 'ff05::1234'].map((text) => address(text));
  const all = ['239.1.2.3', 'ff02::1:ff00:1', 'ff05::1234'];
  for (const group of wanted) ours.nic.groups.join(group);
  await expect.poll(known, { timeout: 5000 }).toEqual(all);
  const { counters } = ours.nic.groups;
  await expect.poll(() => Math.min(counters.igmp.queries, counters.mld.queries), { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
  await expect.poll(known, { timeout: 5000 }).toEqual(all);
  expect([counters.igmp.ignored, counters.mld.ignored]).toEqual([0, 0]);
  for (const group of wanted) ours.nic.groups.leave(group);
  await expect.poll(known, { timeout: 8000 }).toEqual(['ff02::1:ff00:1']);
}

describeWithNamespaces('bridges of Linux that watch groups', () => {
  it('learn ours, keep them by their queries, and forget those that are left: IGMPv2 and MLDv1, IGMPv3 and MLDv2', async () => {
    namespace.run('sysctl -qw net.ipv6.conf.default.accept_dad=0');
    await Promise.all([watched(2, 1), watched(3, 2)]);
  });
});
