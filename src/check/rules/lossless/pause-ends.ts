/** Pause frames (IEEE 802.3 Annex 31B): what one end sends, the other has to obey. */
import type { FlowControl, Said } from '../../../fabric/lossless/model.ts';
import { type FabricPort, joinedPorts, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { uplinkExample } from '../../example.ts';

export const pauseEnds: Rule = {
  id: 'SW-1231',
  name: 'pause-ends',
  severity: 'warning',
  title: 'One end of a link sends pause frames, and the other does not obey them',
  meaning:
    'An end that sends pause frames counts on the other to stop. One that takes none goes on sending, and the buffer overflows as if there were no pause at all.',
  remedy: 'Write the same `flowControl` at both ends, or `auto` where both agree on it by themselves.',
  ignored:
    'Frames are dropped under load on a link that everybody believes to be lossless, and counters of sent pause frames grow at one end only.',
  source: ['IEEE 802.3 Annex 31B', DEMARTEK_GUIDE],
  examples: {
    fail: uplinkExample('flowControl: both', 'flowControl: none'),
    pass: uplinkExample('flowControl: both', 'flowControl: both'),
  },
  check: (fabric) => joinedPorts(fabric).flatMap(({ ends: [one, other] }) => [unheard(one, other) ?? [], unheard(other, one) ?? []].flat()),
};

const pauseOf = (port: FabricPort): Said<FlowControl> | undefined => (port.kind === 'machine' ? port.nic : port.port).flowControl;

/** What `from` sends and `to` does not obey. */
function unheard(from: FabricPort, to: FabricPort): Finding | undefined {
  const [sent, taken] = [pauseOf(from), pauseOf(to)];
  if (sent === undefined || taken === undefined) return undefined;
  const sends = sent.value === 'send' || sent.value === 'both';
  const obeys = taken.value === 'receive' || taken.value === 'both' || taken.value === 'auto';
  if (!sends || obeys) return undefined;
  return {
    at: sent.at,
    message: `\`${placeOf(from)}\` sends pause frames, and \`${placeOf(to)}\` does not obey them.`,
    remedy: `Write \`flowControl: none\` here (with PFC, or where loss is no harm), or \`both\` at \`${placeOf(to)}\`.`,
    related: [{ at: taken.at, message: `\`${placeOf(to)}\` takes none` }],
    restsOn: [taken.at],
  };
}
