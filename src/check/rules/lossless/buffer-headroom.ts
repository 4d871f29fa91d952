/** Headroom takes what is still on the way when the neighbour is told to stop. */
import { adapterPortSpeeds, commonSpeed, switchPortSpeeds } from '../../../fabric/network/port-speeds.ts';
import { formatRate } from '../../../fabric/network/rate.ts';
import { bothWays, losslessLinks, type LosslessLink, type LosslessPort } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (length: string): string =>
  linkExample({
    nic: 'speed: 100G, dcb: { pfc: [3] }',
    tor: 'speed: 100G',
    port: 'vlan: 10, dcb: { pfc: [3], buffers: { iPort.pg3: { priorities: [3], lossless: true, reserved: 90000, xoff: 17000, xon: 17000 } } }',
    link: `{ ends: [esx1:nic0, tor1:1], length: ${length} }`,
  });

export const bufferHeadroom: Rule = {
  id: 'SW-1140',
  name: 'buffer-headroom',
  severity: 'warning',
  title: 'The headroom of a buffer without loss is too small for its link',
  meaning:
    'Until a pause works, the cable is full both ways, each end finishes a frame it has begun, and the neighbour may take the time that the standard allows it to obey.',
  remedy: 'Raise `reserved`, lower `xoff`, or shorten the cable; the finding has the numbers.',
  ignored: 'Without loss, except under full load on long cables: rare drops that each cost RoCE a timeout.',
  source: [`${PFC}, Annex N (buffer requirements)`, 'IEEE 802.3 §31B.3.7', 'SONiC, Dynamically Headroom Calculation', DEMARTEK_GUIDE],
  examples: { fail: example('600m'), pass: example('100m') },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link) =>
      bothWays(link).flatMap(([one, other]): Finding[] =>
        (one.dcb.buffers?.value ?? []).flatMap(({ at, name, lossless, direction, reservedBytes, xoffBytes }): Finding[] => {
          if (!lossless || direction !== 'ingress' || reservedBytes === undefined || xoffBytes === undefined) return [];
          const headroom = reservedBytes - xoffBytes;
          const rate = rateOf(link);
          if (headroom <= 0 || !Number.isFinite(rate)) return [];
          const { cable, frames, response, total } = headroomNeeded(rate, link.link.delayNanos, frameBytes(other), frameBytes(one));
          if (headroom >= total) return [];
          return [
            {
              at: [...at, 'reserved'],
              message: `Buffer \`${name}\` of \`${one.place}\` has a headroom of ${headroom} bytes, and the link to \`${other.place}\` needs ${total}: ${cable} on the cable (${link.link.delayNanos} ns at ${formatRate(rate)}, both ways), ${frames} in two frames, ${response} until \`${other.place}\` obeys.`,
              remedy: `Write \`reserved: ${xoffBytes + total}\` or more, or a lower \`xoff\`.`,
              related: [
                { at: [...at, 'xoff'], message: 'the headroom is above it' },
                { at: link.link.at, message: 'the link' },
              ],
              restsOn: [[...at, 'xoff'], link.link.at, other.at],
            },
          ];
        }),
      ),
    ),
};

function rateOf({ link, ends }: LosslessLink): number {
  const [one, other] = ends.map(({ port }) =>
    port.kind === 'machine' ? adapterPortSpeeds(port.machine, port.nic) : switchPortSpeeds(port.port),
  );
  return link.rateBitsPerSecond ?? commonSpeed(one!, other!) ?? Number.POSITIVE_INFINITY;
}

/** Ethernet header with tag, and check sequence; preamble and gap are not buffered. */
const FRAME_OVERHEAD_BYTES = 22;
const frameBytes = ({ port }: LosslessPort): number =>
  (port.kind === 'machine' ? port.nic.mtuBytes : Math.min(port.port.mtu?.value ?? port.one.mtuBytes, LONGEST_BYTES)) + FRAME_OVERHEAD_BYTES;
/** What a switch lets pass says little about what is sent. */
const LONGEST_BYTES = 1500;

/** IEEE 802.3 §31B.3.7: quanta of 512 bit times that a station may take to obey a pause, up to each speed. */
const RESPONSE_QUANTA: readonly (readonly [number, number])[] = [
  [100e6, 1],
  [1e9, 2],
  [10e9, 67],
  [25e9, 80],
  [40e9, 118],
  [50e9, 147],
  [100e9, 394],
  [200e9, 453],
  [400e9, 905],
];
const QUANTUM_BYTES = 64;

/** What may still come after the decision to ask for a pause. Exported for its test. */
export function headroomNeeded(rate: number, delayNanos: number, theirFrame: number, ownFrame: number) {
  const cable = Math.ceil((2 * delayNanos * rate) / 8e9);
  const frames = theirFrame + ownFrame;
  const quanta = (RESPONSE_QUANTA.find(([most]) => rate <= most) ?? RESPONSE_QUANTA.at(-1)!)[1];
  const response = quanta * QUANTUM_BYTES;
  return { cable, frames, response, total: cable + frames + response };
}
