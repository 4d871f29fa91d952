/** The identifier of a logical network comes from the pools. */
import type { Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { NSX_GUIDE } from './documents.ts';
import { overlayExample, UNICAST } from './examples.ts';

const example = (segment: number): string => overlayExample({ vxlan: UNICAST.replace('5001', `${segment}`) });

export const segmentPool: Rule = {
  id: 'SW-1099',
  name: 'segment-pool',
  severity: 'error',
  title: 'A logical network has an identifier outside of all pools',
  meaning: 'The controller gives identifiers out of its segment ID pools: one beyond them is not given, or belongs to somebody else.',
  remedy: 'Write an identifier of the pools in `vxlan.segments`, or widen a pool.',
  ignored: 'The network that the controller makes has another identifier than its documents say, and a capture shows an unknown one.',
  source: [CHELSIO_GUIDE, NSX_GUIDE, 'RFC 7348 §4'],
  examples: { fail: example(6000), pass: example(5999) },
  check({ vxlan }) {
    if (vxlan === undefined || vxlan.segments.length === 0) return [];
    const pools = vxlan.segments.map(({ first, last }) => `${first}-${last}`).join(', ');
    return vxlan.networks
      .filter(({ segment }) => !vxlan.segments.some(({ first, last }) => segment >= first && segment <= last))
      .map(({ at, name, segment }) => ({
        at: [...at, 'segment'],
        message: `\`${name}\` has the identifier ${segment}, and the pools are ${pools}.`,
        remedy: 'Write one of the pools, or widen a pool.',
        related: vxlan.segments.map((pool) => ({ at: pool.at, message: 'a pool' })),
        restsOn: [[...vxlan.at, 'segments']],
      }));
  },
};
