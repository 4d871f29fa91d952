/** Links and publications know hosts, arrays and switches by name alone. */
import { fabricExample } from '../../example.ts';
import { type Node, nodesOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (name: string): string => fabricExample(`hosts:\n  node1:\n    nics: { nic0: {} }\nswitches:\n  ${name}: { portCount: 8 }`);

export const duplicateNode: Rule = {
  id: 'SW-1042',
  name: 'duplicate-node',
  severity: 'error',
  title: 'Two nodes have the same name',
  meaning: 'A link to that name could end at either; so could what is published.',
  remedy: 'Give each host, array and switch a name of its own.',
  ignored: 'A cable is drawn to the wrong machine.',
  source: [OWN],
  examples: { fail: example('node1'), pass: example('tor1') },
  check(fabric) {
    const findings: Finding[] = [];
    const seen = new Map<string, Node>();
    for (const node of nodesOf(fabric)) {
      const first = seen.get(node.name);
      if (first === undefined) seen.set(node.name, node);
      else {
        findings.push({
          at: node.at,
          missingFrom: node.at,
          message: `\`${node.name}\` is the name of ${first.kind === 'array' ? 'an array' : `a ${first.kind}`} already.`,
          remedy: 'Write another name.',
          related: [{ at: first.at, message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
