/** A host's part of a distributed switch is of one that is declared, and fits into it. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import { suggest } from '../../../fabric/suggest.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { VSPHERE_NETWORKING } from './documents.ts';
import { twoSwitches } from './examples.ts';

const example = (uplinks: number): string =>
  twoSwitches('os: esxi\nvirtualSwitches:\n  dvs1: { kind: distributed, uplinks: [p1, p2] }').replace(
    'switches:\n  tor1',
    `distributedSwitches: { dvs1: { uplinks: ${uplinks} } }\nswitches:\n  tor1`,
  );

export const distributedUplinks: Rule = {
  id: 'SW-1092',
  name: 'distributed-uplinks',
  severity: 'error',
  title: 'A host does not fit into its distributed switch',
  meaning: 'The distributed switch says how many uplinks a host may have, and in what port groups; a host is part of one that exists.',
  remedy: 'Declare it in `distributedSwitches`, with as many `uplinks` as the host with the most has.',
  ignored: 'The adapter cannot be assigned when the host is added, and stays without use.',
  source: [CHELSIO_GUIDE, VSPHERE_NETWORKING],
  examples: { fail: example(1), pass: example(2) },
  check(fabric) {
    const byName = new Map(fabric.distributedSwitches.map((one) => [one.name, one]));
    return machinesOf(fabric).flatMap(({ name: node, machine }) =>
      machine.virtualSwitches.flatMap((part): Finding[] => {
        if (part.kind !== 'distributed') return [];
        const wide = byName.get(part.name);
        if (wide === undefined) {
          const meant = suggest(part.name, [...byName.keys()]);
          return [
            {
              at: part.at,
              missingFrom: part.at,
              message: `\`${node}\` has a part of the distributed switch \`${part.name}\`, and there is none such.`,
              remedy: meant === undefined ? `Declare \`${part.name}\` in \`distributedSwitches\`.` : `Did you mean \`${meant}\`?`,
              restsOn: [['distributedSwitches']],
            },
          ];
        }
        if (part.uplinks.length <= wide.uplinks) return [];
        return [
          {
            at: [...part.at, 'uplinks'],
            message: `\`${node}:${part.name}\` has ${part.uplinks.length} uplinks, and the distributed switch lets a host have ${wide.uplinks}.`,
            remedy: `Write \`uplinks: ${part.uplinks.length}\` for the distributed switch, or take out ${part.uplinks.length - wide.uplinks}.`,
            related: [{ at: [...wide.at, 'uplinks'], message: 'the distributed switch' }],
            cause: [...wide.at, 'uplinks'],
            restsOn: [wide.at],
          },
        ];
      }),
    );
  },
};
