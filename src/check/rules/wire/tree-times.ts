/** The times of spanning tree go together (IEEE 802.1D-2004 §17.14). */
import { timesFault } from '../../../link/spanning-tree/protocol-times.ts';
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (delay: number): string =>
  fabricExample(`switches:\n  tor1:\n    spanningTree: { maxAge: 20, helloTime: 2, forwardDelay: ${delay} }`);

export const treeTimes: Rule = {
  id: 'SW-1060',
  name: 'tree-times',
  severity: 'error',
  title: 'The times of spanning tree do not go together',
  meaning: 'Ports would forward before old news is gone from the network: there would be loops for a while.',
  remedy: 'Keep 2 x (`forwardDelay` - 1) at or above `maxAge`, and `maxAge` at or above 2 x (`helloTime` + 1).',
  ignored: 'Loops for seconds after each change of the topology, gone before anybody can look.',
  source: ['IEEE 802.1D-2004 §17.14'],
  examples: { fail: example(10), pass: example(11) },
  check: (fabric) =>
    fabric.switches.flatMap(({ at, spanningTree }): Finding[] => {
      const fault = spanningTree === undefined ? undefined : timesFault({ messageAgeSeconds: 0, ...spanningTree });
      if (fault === undefined) return [];
      return [
        {
          at: [...at, 'spanningTree'],
          message: `These times do not go together: ${fault}.`,
          remedy: 'Keep 2 x (`forwardDelay` - 1) >= `maxAge` >= 2 x (`helloTime` + 1).',
        },
      ];
    }),
};
