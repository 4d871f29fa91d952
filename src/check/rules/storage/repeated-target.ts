/** The same server or target twice. */
import { EXAMPLE_TARGET, hostExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';
import type { Path } from '../../../fabric/problem.ts';
import { adaptersOf } from '../../walk.ts';

const targets = (second: string): string =>
  hostExample(`targets:\n  - { name: ${EXAMPLE_TARGET}, address: array1 }\n  - { name: ${EXAMPLE_TARGET}${second} }`);

export const repeatedTarget: Rule = {
  id: 'SW-1038',
  name: 'repeated-target',
  severity: 'error',
  title: 'An adapter is told twice of the same server or target',
  meaning: 'Only one of the entries can say how it is logged in to.',
  remedy: 'Keep one of them.',
  ignored: 'The adapter logs in by the settings of the other entry, or twice.',
  source: [OWN],
  examples: { fail: targets(', address: array1'), pass: targets('') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { adapter } of adaptersOf(fabric)) {
      const seen = new Map<string, Path>();
      const look = (key: string, at: Path, what: string): void => {
        const first = seen.get(key);
        if (first === undefined) seen.set(key, at);
        else
          findings.push({
            at,
            message: `${what} is listed twice.`,
            remedy: 'Keep one of them.',
            related: [{ at: first, message: 'the first one' }],
            restsOn: [first],
          });
      };
      for (const { at, server } of adapter.servers) look(`server ${server.text}`, at, `\`${server.text}\``);
      for (const { at, name, address } of adapter.targets) {
        const where = address === undefined ? '' : ` at \`${address.text}\``;
        look(`target ${name} ${address?.text ?? ''}`, at, `\`${name}\`${where}`);
      }
    }
    return findings;
  },
};
