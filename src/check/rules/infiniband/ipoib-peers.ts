/** Stations of one IPoIB network have one mode and one MTU. */
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { subnetExample } from './examples.ts';
import { ipoibGroups, keyText, type Station, subnetsOf } from './subnets.ts';
import { USUAL_LINK_MTU_BYTES } from './ipoib-payload.ts';

const example = (second: string): string =>
  subnetExample('ipoib: { mode: datagram, addresses: [192.0.2.11/24] }', `ipoib: { mode: ${second}, addresses: [192.0.2.12/24] }`);

export const ipoibPeers: Rule = {
  id: 'SW-1212',
  name: 'ipoib-peers',
  severity: 'warning',
  title: 'Stations of one IPoIB network have different modes or MTUs',
  meaning:
    'A station in connected mode sends packets of up to 65520 bytes to others in that mode, and datagrams to the rest. With two MTUs in one network nobody tells the sender that a packet is too large.',
  remedy: 'Write the same `mode` and the same `mtu` at all ports of the partition.',
  ignored: 'Transfers between some pairs of hosts are slow or stop, between others they run; multicasts are lost at some.',
  source: ['RFC 4755 §5 and §7', 'RFC 4391 §7', WINOF_README],
  examples: { fail: example('connected'), pass: example('datagram') },
  check: (fabric) =>
    subnetsOf(fabric).flatMap((subnet) =>
      [...ipoibGroups(subnet)].flatMap(([partition, stations]) => {
        const first = stations[0]!;
        return stations.slice(1).flatMap((station) => differing(first, station, keyText(partition)));
      }),
    ),
};

/** Undefined: whatever the driver has. */
function mtuOf({ infiniband: { mtuBytes = USUAL_LINK_MTU_BYTES, ipoib } }: Station): number | undefined {
  return ipoib?.mtuBytes ?? (ipoib?.mode === 'datagram' ? mtuBytes - 4 : undefined);
}

function differing(first: Station, station: Station, partition: string): Finding[] {
  const [one, other] = [first.infiniband.ipoib!, station.infiniband.ipoib!];
  const shared = {
    related: [{ at: one.at, message: `\`${first.place}\`` }],
    restsOn: [first.nic.at, station.nic.at],
    cause: one.at,
  };
  if (one.mode !== other.mode)
    return [
      {
        ...shared,
        at: [...other.at, 'mode'],
        message: `\`${station.place}\` runs IPoIB in ${other.mode} mode, and \`${first.place}\` in the same partition ${partition} in ${one.mode} mode.`,
        remedy: `Write \`mode: ${one.mode}\`. On Linux: \`echo ${one.mode} > /sys/class/net/${station.nic.device ?? station.nic.name}/mode\`.`,
      },
    ];
  const [mtu, far] = [mtuOf(first), mtuOf(station)];
  if (mtu === undefined || far === undefined || mtu === far) return [];
  return [
    {
      ...shared,
      at: [...other.at, 'mtu'],
      missingFrom: other.at,
      message: `\`${station.place}\` sends IPoIB packets of ${far} bytes, and \`${first.place}\` in the same partition ${partition} of ${mtu}.`,
      remedy: 'Write the same `mtu` in both.',
    },
  ];
}
