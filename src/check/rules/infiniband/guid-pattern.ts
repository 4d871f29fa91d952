/** Adapters of the InfiniHost and ConnectX families have four GUIDs in a row. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { slotPortByNic } from '../../slots.ts';
import { fabricExample } from '../../example.ts';
import { type Station, stationsOf } from './subnets.ts';

const example = (guid: string): string =>
  fabricExample(`hosts:
  win1:
    os: windows
    adapters:
      slot1: { model: mellanox-connectx-qdr, ports: [ib0] }
    nics:
      ib0: { portType: infiniband, infiniband: { nodeGuid: "0002:c903:0000:1038", guid: "${guid}" } }`);

export const guidPattern: Rule = {
  id: 'SW-1216',
  name: 'guid-pattern',
  severity: 'warning',
  title: 'The GUIDs of an adapter are not in the row that its firmware makes',
  meaning:
    'Burnt with one GUID, an adapter uses four: that one itself, the next for its first port, the next for its second, the fourth for the system image. The next adapter begins four later.',
  remedy: 'Write the GUIDs as `vstat` or `ibstat` tell them, and burn adapters with GUIDs that are four apart.',
  ignored: 'The ports of two adapters get in each other’s way, or a GUID was copied wrongly and rules of the subnet manager match nobody.',
  source: [WINOF_README],
  examples: { fail: example('0002:c903:0000:103a'), pass: example('0002:c903:0000:1039') },
  check: (fabric) => [...stationsOf(fabric).flatMap((station) => rowFindings(fabric, station)), ...overlaps(fabric)],
};

/** GUIDs of one adapter. */
const ROW = 4n;
const numberOf = (guid: string): bigint => BigInt(`0x${guid}`);
const textOf = (guid: bigint): string =>
  guid
    .toString(16)
    .padStart(16, '0')
    .replace(/(....)(?=.)/g, '$1:');

/** Later models count otherwise: those with firmware that the guide names. */
const rowModel = (fabric: Fabric, { nic }: Station) => {
  const port = slotPortByNic(fabric).get(nic);
  return port?.slot.adapter.model.vendor === 'Mellanox' && port.slot.adapter.model.firmware !== undefined ? port : undefined;
};

function rowFindings(fabric: Fabric, station: Station): Finding[] {
  const { nodeGuid, guid, systemGuid, at } = station.infiniband;
  const port = rowModel(fabric, station);
  if (port === undefined || nodeGuid === undefined) return [];
  const node = numberOf(nodeGuid);
  const expected = [
    { key: 'guid', said: guid, wanted: node + BigInt(port.index) + 1n, what: `port ${port.index + 1}` },
    { key: 'systemGuid', said: systemGuid, wanted: node + ROW - 1n, what: 'the system image' },
  ];
  return expected.flatMap(({ key, said, wanted, what }): Finding[] =>
    said === undefined || numberOf(said) === wanted
      ? []
      : [
          {
            at: [...at, key],
            message: `The adapter of \`${station.place}\` has the GUID ${textOf(node)}: that of ${what} would be ${textOf(wanted)}, not ${textOf(numberOf(said))}.`,
            remedy: `Write ${textOf(wanted)}, or look what \`vstat\` tells.`,
            related: [{ at: [...at, 'nodeGuid'], message: 'the GUID of the adapter' }],
            restsOn: [[...port.slot.machine.at, 'adapters']],
          },
        ],
  );
}

function overlaps(fabric: Fabric): Finding[] {
  const nodes = stationsOf(fabric).flatMap((station) => {
    const { nodeGuid } = station.infiniband;
    return nodeGuid === undefined || rowModel(fabric, station) === undefined ? [] : [{ station, node: numberOf(nodeGuid) }];
  });
  const sorted = nodes.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
  return sorted.flatMap(({ station, node }, index): Finding[] => {
    const before = sorted[index - 1];
    if (before === undefined || node === before.node || node - before.node >= ROW) return [];
    return [
      {
        at: [...station.infiniband.at, 'nodeGuid'],
        message: `The four GUIDs of the adapter of \`${station.place}\` begin ${node - before.node} after those of \`${before.station.place}\`: they overlap.`,
        remedy: `Burn it with ${textOf(before.node + ROW)} or later.`,
        related: [{ at: [...before.station.infiniband.at, 'nodeGuid'], message: `\`${before.station.place}\`` }],
      },
    ];
  });
}
