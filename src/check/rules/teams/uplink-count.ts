/** A distributed switch counts on uplinks that its hosts have. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { twoSwitches } from './examples.ts';

const example = (uplinks: number): string =>
  twoSwitches('os: esxi\nvirtualSwitches:\n  dvs1: { kind: distributed, uplinks: [p1, p2] }').replace(
    'switches:\n  tor1',
    `distributedSwitches: { dvs1: { uplinks: ${uplinks} } }\nswitches:\n  tor1`,
  );

/** What stands there when nobody says anything. */
const DEFAULT_UPLINKS = 4;

export const uplinkCount: Rule = {
  id: 'SW-1094',
  name: 'uplink-count',
  severity: 'warning',
  title: 'A distributed switch has more uplinks than a host has adapters for',
  meaning: 'Each uplink stands for an adapter port of every host: those that a host cannot fill are listed as active and carry nothing.',
  remedy: 'Write as many `uplinks` as adapter ports that each host uses for it.',
  ignored: 'Port groups that fail over to the empty uplink have no way out on that host.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example(3), pass: example(2) },
  check(fabric) {
    const byName = new Map(fabric.distributedSwitches.map((one) => [one.name, one]));
    return machinesOf(fabric).flatMap(({ name: node, machine }) =>
      machine.virtualSwitches.flatMap((part): Finding[] => {
        const wide = part.kind === 'distributed' ? byName.get(part.name) : undefined;
        if (wide === undefined || wide.uplinks === DEFAULT_UPLINKS || part.uplinks.length === 0 || part.uplinks.length >= wide.uplinks)
          return [];
        return [
          {
            at: [...wide.at, 'uplinks'],
            message: `\`${wide.name}\` has ${wide.uplinks} uplinks a host, and \`${node}\` gives it ${part.uplinks.length}.`,
            remedy: `Write \`uplinks: ${part.uplinks.length}\`, or give \`${node}\` more.`,
            related: [{ at: [...part.at, 'uplinks'], message: `those of \`${node}\`` }],
            cause: [...wide.at, 'uplinks'],
            restsOn: [part.at],
          },
        ];
      }),
    );
  },
};
