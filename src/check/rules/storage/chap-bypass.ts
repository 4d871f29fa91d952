/** An initiator that doesn't like its entry calls itself something else. */
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const access = (any: string): string =>
  targetExample(
    `luns: [{ store: memory, size: 64MiB }]\naccess:\n  - { initiator: iqn.1994-05.com.redhat:client1, chap: { user: disk, secret: { env: DISK_SECRET } } }\n  - ${any}`,
  );

export const chapBypass: Rule = {
  id: 'SW-1021',
  name: 'chap-bypass',
  severity: 'warning',
  title: 'An initiator has to use CHAP, and any other has not',
  meaning: 'The name of an initiator is only a claim: whoever lacks the secret logs in under another name.',
  remedy: 'Ask for CHAP in the entry for `any` too, or leave that entry out.',
  ignored: 'CHAP seems to be on, and a host with a mistyped name still gets in without a secret.',
  source: ['RFC 7143 §9.2'],
  examples: { fail: access('any'), pass: access('{ initiator: any, chap: { user: guest, secret: { env: GUEST_SECRET } } }') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { access = [] } of fabric.arrays.flatMap((array) => array.targets)) {
      const open = access.find((entry) => entry.initiator === 'any' && entry.chap === undefined);
      const guarded = access.find((entry) => entry.chap !== undefined);
      if (open === undefined || guarded === undefined) continue;
      findings.push({
        at: open.at,
        message: 'Whoever lacks the CHAP secret can log in under another name.',
        remedy: 'Ask for CHAP here too, or leave this entry out.',
        related: [{ at: guarded.at, message: 'the entry with CHAP' }],
      });
    }
    return findings;
  },
};
