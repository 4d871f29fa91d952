/** An adapter that is told of no target. */
import { hostExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';
import { adaptersOf } from '../../walk.ts';

export const idleAdapter: Rule = {
  id: 'SW-1037',
  name: 'idle-adapter',
  severity: 'warning',
  title: 'An adapter has nowhere to log in',
  meaning: 'It finds no disk.',
  remedy: 'Add servers to `discovery`, or `targets` with an `address`.',
  ignored: 'A rescan ends at once and finds nothing, without any error.',
  source: [OWN],
  examples: { fail: hostExample('alias: First'), pass: hostExample('alias: First\ndiscovery: [array1]') },
  check: (fabric) =>
    adaptersOf(fabric)
      .filter(({ adapter }) => adapter.servers.length === 0 && adapter.targets.every(({ address }) => address === undefined))
      .map(({ adapter }) => ({
        at: [...adapter.at, 'discovery'],
        missingFrom: adapter.at,
        restsOn: [[...adapter.at, 'targets']],
        message: `The adapter \`${adapter.name}\` is told of no target.`,
        remedy: 'Add `discovery: [array1]` with an array or an address, or `targets` with an `address`.',
      })),
};
