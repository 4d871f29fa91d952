/** Random but sound virtual switches of hosts, with what is plugged into them. */
import { type Around, generateAddresses, mac, maybe, type Os } from './host-parts.ts';
import { type Written, written } from './pick.ts';

/** `take`: names of adapter ports that nobody uses yet, fewer where there are not so many. */
export function generateVirtual(about: Around, os: Os, take: (count: number) => string[]): Written {
  if (os === 'esxi') return generateEsxi(about, take);
  return os === 'windows' ? generateHyperV(about, take) : generateBridges(about, take);
}

function generateTeaming(about: Around, uplinks: readonly string[]): Written {
  const { pick } = about;
  const mode = pick.maybe(0.7) ? pick.one(['port-id', 'source-mac', 'ip-hash', 'active-backup'] as const) : undefined;
  const order = pick.shuffled(uplinks);
  // All ports of an aggregation are in use.
  const splits = order.length > 1 && mode !== 'ip-hash' && pick.maybe(0.5);
  return written({
    mode,
    active: splits ? order.slice(0, 1) : undefined,
    standby: splits ? order.slice(1) : undefined,
    detection: mode !== 'ip-hash' && pick.maybe(0.3) ? pick.one(['link', 'beacon']) : undefined,
    failback: pick.maybe(0.3) ? pick.maybe(0.5) : undefined,
    notifySwitches: pick.maybe(0.3) ? pick.maybe(0.5) : undefined,
  });
}

const generateSecurity = ({ pick }: Around): Written =>
  written({
    promiscuous: pick.maybe(0.5) ? pick.maybe(0.5) : undefined,
    macChanges: pick.maybe(0.5) ? pick.maybe(0.5) : undefined,
    forgedTransmits: pick.maybe(0.5) ? pick.maybe(0.5) : undefined,
  });

function generateEsxi(about: Around, take: (count: number) => string[]): Written {
  const { pick, has } = about;
  const switches: Written = {};
  const virtualNics: Written = {};
  for (let count = pick.between(1, 2), index = 0; index < count; index += 1) {
    const uplinks = take(pick.between(0, 2));
    const groups: Written = {};
    const names = has('portGroups')
      ? pick.some(['Management Network', 'VM Network', 'iSCSI-1', 'vMotion'], 1, 3).map((name) => `${name}${index === 0 ? '' : ' 2'}`)
      : [];
    for (const name of names)
      groups[name] = written({
        vlan: pick.maybe(0.6) ? pick.one([0, 4095, pick.between(2, 4000)]) : undefined,
        teaming: uplinks.length > 0 ? maybe(about, 'groupTeaming', 0.3, () => generateTeaming(about, uplinks)) : undefined,
        security: maybe(about, 'security', 0.2, () => generateSecurity(about)),
      });
    const mtu = maybe(about, 'mtu', 0.5, () => pick.one([1500, 9000]));
    const name = `vSwitch${index}`;
    switches[name] = written({
      uplinks: uplinks.length > 0 ? uplinks : undefined,
      ports: pick.maybe(0.2) ? pick.one([128, 256, 1024]) : undefined,
      mtu,
      teaming: uplinks.length > 0 && pick.maybe(0.5) ? generateTeaming(about, uplinks) : undefined,
      security: maybe(about, 'security', 0.3, () => generateSecurity(about)),
      portGroups: groups,
    });
    if (!has('virtualNics')) continue;
    for (const group of pick.some(
      names.filter((one) => !one.startsWith('VM ')),
      0,
      2,
    )) {
      virtualNics[`vmk${Object.keys(virtualNics).length}`] = written({
        portGroup: group,
        mtu: maybe(about, 'mtu', 0.4, () => (mtu === 9000 ? pick.one([1500, 9000]) : 1500)),
        mac: maybe(about, 'mac', 0.2, () => mac(pick)),
        services: maybe(about, 'services', 0.4, () => pick.some(['management', 'vmotion', 'vsan', 'fault-tolerance'], 1, 2)),
        ...generateAddresses(about, 0.8),
      });
    }
  }
  return written({ virtualSwitches: switches, virtualNics });
}

function generateHyperV(about: Around, take: (count: number) => string[]): Written {
  const { pick, has } = about;
  const uplinks = take(pick.between(1, 2));
  if (uplinks.length === 0) return {};
  const embedded = uplinks.length > 1 ? true : pick.maybe(0.3) ? true : undefined;
  const virtualNics: Written = {};
  if (has('virtualNics'))
    for (let count = pick.between(0, 3), index = 0; index < count; index += 1)
      virtualNics[`SMB${index + 1}`] = written({
        virtualSwitch: 'S2DSwitch',
        vlan: pick.maybe(0.7) ? pick.between(2, 4000) : undefined,
        mtu: maybe(about, 'mtu', 0.4, () => pick.one([1500, 9000])),
        mac: maybe(about, 'mac', 0.2, () => mac(pick)),
        rdma: maybe(about, 'rdma', 0.5, () => pick.maybe(0.7)),
        uplink: embedded === true && pick.maybe(0.4) ? pick.one(uplinks) : undefined,
        ...generateAddresses(about, 0.8),
      });
  return written({
    virtualSwitches: {
      S2DSwitch: written({ kind: 'hyper-v', uplinks, embeddedTeaming: embedded, sriov: pick.maybe(0.3) ? pick.maybe(0.7) : undefined }),
    },
    virtualNics,
  });
}

function generateBridges(about: Around, take: (count: number) => string[]): Written {
  const { pick, has } = about;
  const uplinks = take(1);
  if (uplinks.length === 0) return {};
  const kind = has('openVswitch') && pick.maybe(0.3) ? 'open-vswitch' : 'bridge';
  return { virtualSwitches: { br0: written({ kind, uplinks, mtu: maybe(about, 'mtu', 0.3, () => pick.one([1500, 9000])) }) } };
}
