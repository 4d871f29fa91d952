/** A boot agent and its target agree on digests. */
import type { Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { bootLoginsOf } from './booting.ts';

const example = (agent: string): string => bootExample(targetBoot('', agent), { array: 'negotiation: { headerDigest: [none] }' });

export const bootDigest: Rule = {
  id: 'SW-1205',
  name: 'boot-digest',
  severity: 'error',
  title: 'A boot agent wants digests that its target does not, or the other way round',
  meaning: 'The agent offers digests or none, without a choice. What the array does not agree to ends the login.',
  remedy: 'Set the digests of the agent as the array has them, or let the array agree to both.',
  ignored: 'The login fails over digests (events 18 and 19 of offload adapters), after months in which nobody changed the agent.',
  source: [MARVELL_GUIDE, 'RFC 7143 §13.1'],
  examples: { fail: example(', headerDigest: true'), pass: example(', headerDigest: false') },
  check: (fabric) =>
    bootLoginsOf(fabric).flatMap(({ booting: { boot, place }, array, found }) =>
      found === undefined
        ? []
        : (['headerDigest', 'dataDigest'] as const)
            .filter((key) => !array.negotiation[key].includes(boot[key] ? 'crc32c' : 'none'))
            .map((key) => ({
              at: [...boot.at, key],
              message: `\`${place}\` boots with ${boot[key] ? 'a' : 'no'} ${key === 'headerDigest' ? 'header' : 'data'} digest, and \`${array.name}\` agrees to \`[${array.negotiation[key].join(', ')}]\` only.`,
              remedy: boot[key]
                ? `Write \`${key}: false\`, or add \`crc32c\` at the array.`
                : `Write \`${key}: true\`, or add \`none\` at the array.`,
              related: [{ at: [...array.negotiation.at, key], message: `what \`${array.name}\` agrees to` }],
              restsOn: [
                [...boot.at, key],
                [...array.negotiation.at, key],
              ],
            })),
    ),
};
