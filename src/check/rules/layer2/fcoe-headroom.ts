/** A whole Fibre Channel frame fits into an Ethernet frame where FCoE goes. */
import { portMtu } from '../../bridge-ports.ts';
import { uplinkExample } from '../../example.ts';
import { placeOf, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (mtu: number): string =>
  uplinkExample('fcoe: { vlan: 20 }', 'trunk: [20], native: 20').replace('  tor1:\n', `  tor1:\n    mtu: ${mtu}\n`);

/** FCoE header and trailer (14 and 4 bytes) around a frame of 2140: header 24, data 2112, CRC 4. */
const FCOE_PAYLOAD_BYTES = 2158;

export const fcoeHeadroom: Rule = {
  id: 'SW-1079',
  name: 'fcoe-headroom',
  severity: 'error',
  title: 'The way of FCoE is too narrow for a whole Fibre Channel frame',
  meaning:
    'Fibre Channel does not fragment frames, and one of full size needs 2158 bytes of payload: a port with 1500, or one for small jumbo frames, drops it.',
  remedy: 'Write `mtu: 2240` or more at the switch and the link. On NX-OS: `network-qos` with `mtu 2158` for the class of FCoE.',
  ignored: 'Fabric login works, as its frames are short; the first long read fails and is tried again for ever.',
  source: ['FC-BB-5 §7.7', 'FC-FS-3'],
  examples: { fail: example(1500), pass: example(2240) },
  check: (fabric) =>
    uplinksOf(fabric).flatMap(({ link, station, at: end }): Finding[] => {
      const { fcoe } = station.nic;
      if (fcoe === undefined) return [];
      const needed = fcoe.mtuBytes ?? FCOE_PAYLOAD_BYTES;
      const port = portMtu(end);
      const limits = [
        { ...port, name: `\`${placeOf(end)}\`` },
        { mtuBytes: link.mtuBytes, at: [...link.at, 'mtu'], name: `the link to \`${placeOf(end)}\`` },
      ];
      return limits
        .filter(({ mtuBytes }) => mtuBytes < needed)
        .map(({ mtuBytes, at, name }) => ({
          at: fcoe.at,
          message: `FCoE of \`${placeOf(station)}\` needs payloads of ${needed} bytes, and ${name} carries ${mtuBytes}.`,
          remedy: `Write \`mtu: ${needed}\` or more there; 2240 and 2500 are usual.`,
          related: [{ at, message: name }],
          cause: at,
          restsOn: [at],
        }));
    }),
};
