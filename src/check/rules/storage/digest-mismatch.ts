/** RFC 7143 §13.1: initiator and target have to have a digest in common, or its absence. */
import type { DigestChoice } from '../../../fabric/model.ts';
import { exampleArray, hostExample } from '../../example.ts';
import { type Login, loginsOf } from '../../logins.ts';
import type { Finding, Rule } from '../../rule.ts';

const settings = (digests: string): string =>
  hostExample(`discovery: [array1]\nsettings: { dataDigest: [${digests}] }`, exampleArray('', 'negotiation: { dataDigest: [none] }\n'));

export const digestMismatch: Rule = {
  id: 'SW-1033',
  name: 'digest-mismatch',
  severity: 'error',
  title: 'A host and an array have no digest in common',
  meaning: 'One side insists on a digest, or on none, and the other refuses it: the login fails.',
  remedy: 'Let both have one choice in common.',
  ignored: 'The login ends during negotiation, and the host tries for ever.',
  source: ['RFC 7143 §13.1'],
  examples: { fail: settings('crc32c'), pass: settings('crc32c, none') },
  check(fabric) {
    const findings = new Map<string, Finding>();
    for (const login of loginsOf(fabric)) {
      for (const key of ['headerDigest', 'dataDigest'] as const) {
        const finding = compare(login, key);
        // One for each place, however many targets there are.
        if (finding !== undefined) findings.set(`${JSON.stringify(login.by.at)} ${key}`, finding);
      }
    }
    return [...findings.values()];
  },
};

const list = (choices: readonly DigestChoice[]): string => `\`[${choices.join(', ')}]\``;

function compare({ adapter, array, settings: offered, by }: Login, key: 'headerDigest' | 'dataDigest'): Finding | undefined {
  const [ours, theirs] = [offered[key], array.negotiation[key]];
  if (ours.some((choice) => theirs.includes(choice))) return undefined;
  return {
    at: by.at,
    message: `The adapter \`${adapter.name}\` offers ${list(ours)} for \`${key}\`, and \`${array.name}\` agrees to ${list(theirs)} only.`,
    remedy: `Add \`${theirs[0]}\` to \`${key}\` of the adapter, or \`${ours[0]}\` to that of the array.`,
    related: [{ at: [...array.negotiation.at, key], message: 'what the array agrees to' }],
    restsOn: [[...adapter.at, 'settings'], array.negotiation.at, ...adapter.targets.map(({ at }) => [...at, 'settings'])],
  };
}
