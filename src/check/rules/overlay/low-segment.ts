/** Identifiers below 5000 are left alone. */
import type { Finding, Rule } from '../../rule.ts';
import { NSX_GUIDE } from './documents.ts';
import { overlayExample, UNICAST } from './examples.ts';

const example = (pool: string): string => overlayExample({ vxlan: UNICAST.replace('5000-5999', pool) });

/** NSX takes no pools from below: numbers up to 4094 look like VLANs. */
const SEGMENT_MIN = 5000;

export const lowSegment: Rule = {
  id: 'SW-1109',
  name: 'low-segment',
  severity: 'warning',
  title: 'Identifiers of an overlay begin below 5000',
  meaning:
    'Controllers such as NSX refuse pools that begin below 5000, so that an identifier is never mistaken for a VLAN. VXLAN itself knows no such limit.',
  remedy: 'Begin pools at 5000.',
  ignored: 'The pool is refused when it is entered, or 100 means a VLAN to one engineer and a network to the other.',
  source: [NSX_GUIDE, 'RFC 7348 §4.1'],
  examples: { fail: example('4000-5999'), pass: example('5000-5999') },
  check({ vxlan, hosts }) {
    // Without a host of ESXi there is no such controller.
    if (vxlan === undefined || hosts.every(({ machine }) => machine.os !== undefined && machine.os !== 'esxi')) return [];
    const pools = vxlan.segments
      .filter(({ first }) => first < SEGMENT_MIN)
      .map(({ at, first }) => tell(at, `This pool begins at ${first}`));
    // What is in a low pool has been told with it.
    const loose = vxlan.segments.length > 0 ? [] : vxlan.networks.filter(({ segment }) => segment < SEGMENT_MIN);
    return [...pools, ...loose.map(({ at, name, segment }) => tell([...at, 'segment'], `\`${name}\` has the identifier ${segment}`))];
  },
};

const tell = (at: Finding['at'], what: string): Finding => ({
  at,
  message: `${what}: controllers such as NSX begin at ${SEGMENT_MIN}.`,
  remedy: `Begin at ${SEGMENT_MIN}.`,
});
