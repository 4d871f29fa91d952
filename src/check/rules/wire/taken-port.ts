/** One port, one plug. */
import type { Path } from '../../../fabric/problem.ts';
import { uplinkExample } from '../../example.ts';
import { attachesOf } from '../../listening.ts';
import { endPlace } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (more: string): string => uplinkExample('mtu: 1500', 'vlan: 10').replace(/\n$/, `\n  - [${more}, tor1:2]\n`);

export const takenPort: Rule = {
  id: 'SW-1040',
  name: 'taken-port',
  severity: 'error',
  title: 'Two plugs are in one port',
  meaning: 'A port takes one cable, or one plug of the world (`attach`).',
  remedy: 'Use another port for one of them.',
  ignored: 'One of the two stays unplugged, and nobody knows which.',
  source: [OWN],
  examples: {
    fail: example('esx1:nic0'),
    pass: example('esx1:nic1').replace('nic0: { mtu: 1500 }', 'nic0: { mtu: 1500 }\n      nic1: { mtu: 1500 }'),
  },
  check(fabric) {
    const findings: Finding[] = [];
    const taken = new Map<string, { readonly at: Path; readonly what: string }>();
    for (const { place, attach } of attachesOf(fabric)) taken.set(place, { at: attach.at, what: 'it is attached to the world here' });
    for (const { ends } of fabric.links) {
      for (const end of ends) {
        const place = endPlace(end);
        const first = taken.get(place);
        if (first === undefined) taken.set(place, { at: end.at, what: 'the other plug' });
        else {
          const own = first.at === ends[0].at;
          findings.push({
            at: end.at,
            message: own ? `Both ends of this link are in \`${place}\`.` : `There is a plug in \`${place}\` already.`,
            remedy: own ? 'Write another port at one end.' : 'Use another port.',
            related: [{ at: first.at, message: first.what }],
          });
        }
      }
    }
    return findings;
  },
};
