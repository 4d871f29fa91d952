/** What a host gives for CHAP has to be what the target asks for (RFC 7143 §12.1). */
import type { HostChap } from '../../../fabric/host-model.ts';
import type { Chap } from '../../../fabric/model.ts';
import { exampleArray, hostExample } from '../../example.ts';
import { discoveriesOf, loginsOf } from '../../logins.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = exampleArray('access: [{ initiator: any, chap: { user: esx1, secret: { env: ESX1_SECRET } } }]');
const adapter = (chap: string): string => hostExample(`discovery: [array1]${chap}`, array);

export const chapMismatch: Rule = {
  id: 'SW-1034',
  name: 'chap-mismatch',
  severity: 'error',
  title: 'A host does not give what a target asks for, or asks for what it does not give',
  meaning: 'The login fails.',
  remedy: 'Give the adapter the `chap` that the target has in its access list.',
  ignored:
    'The login ends with status 0201h, authentication failure. It often shows months later, at the first restart after a secret was changed.',
  source: ['RFC 7143 §12.1', 'RFC 7143 §11.13.5'],
  examples: { fail: adapter(''), pass: adapter('\nchap: { user: esx1, secret: { env: ESX1_SECRET } }') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { adapter: one, server, array: asked } of discoveriesOf(fabric)) {
      const wrong = compare(asked.discoveryChap, server.chap ?? whereAsked(one.chap), `\`${asked.name}\` for discovery`);
      if (wrong !== undefined)
        findings.push({
          at: server.at,
          ...wrong,
          restsOn: [
            [...one.at, 'chap'],
            [...asked.at, 'discovery'],
          ],
        });
    }
    const told = new Set<string>();
    for (const { adapter: one, target, access, chap, by } of loginsOf(fabric)) {
      // A target that two servers name is wrong once.
      const key = `${JSON.stringify(one.at)} ${target.name}`;
      const wrong = told.has(key) ? undefined : compare(access?.chap, chap, `\`${target.name}\``);
      if (wrong === undefined) continue;
      told.add(key);
      findings.push({
        at: by.at,
        ...wrong,
        restsOn: [
          [...one.at, 'chap'],
          [...one.at, 'targets'],
          [...target.at, 'access'],
        ],
        ...(access === undefined ? {} : { related: [{ at: access.at, message: 'what the target asks for' }] }),
      });
    }
    return findings;
  },
};

/** What an adapter has for its targets, a server is given if it asks. */
const whereAsked = (chap: HostChap | undefined): HostChap | undefined =>
  chap === undefined ? undefined : { ...chap, required: false, mutual: undefined };

function compare(asked: Chap | undefined, given: HostChap | undefined, who: string): { message: string; remedy: string } | undefined {
  if (asked === undefined) {
    if (given === undefined || (!given.required && given.mutual === undefined)) return undefined;
    return {
      message: `${who} asks for no CHAP, and the adapter insists on it.`,
      remedy: 'Add `chap` to the access list, or take `required` and `mutual` from the adapter.',
    };
  }
  if (given === undefined)
    return { message: `${who} asks for CHAP, and the adapter gives none.`, remedy: `Add \`chap: { user: ..., secret: { env: NAME } }\`.` };
  if (given.user !== asked.user)
    return { message: `${who} knows another CHAP user than the adapter gives.`, remedy: 'Write the `user` of its access list.' };
  if (!given.algorithms.some((algorithm) => asked.algorithms.includes(algorithm)))
    return {
      message: `${who} and the adapter have no hash algorithm in common.`,
      remedy: `Add \`${asked.algorithms[0]}\` to \`algorithms\`.`,
    };
  if (given.mutual === undefined) return undefined;
  if (asked.mutual === undefined)
    return {
      message: `The adapter wants ${who} to prove itself, and it has nothing to do so with.`,
      remedy: 'Add `mutual` to the access list, or take it from the adapter.',
    };
  if (given.mutual.user !== asked.mutual.user)
    return {
      message: `${who} proves itself under another name than the adapter wants.`,
      remedy: 'Write the same `user` in both `mutual`.',
    };
  return undefined;
}
