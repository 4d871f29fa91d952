/** RFC 7143 §9.2.1: a secret that authenticates one direction must not serve for the other. */
import type { Chap } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { chapsOf } from '../../walk.ts';

const access = (env: string): string =>
  targetExample(
    `luns: [{ store: memory, size: 64MiB }]\naccess:\n  - initiator: any\n    chap: { user: disk, secret: { env: DISK_SECRET }, mutual: { user: array, secret: { env: ${env} } } }`,
  );

export const sameSecret: Rule = {
  id: 'SW-1008',
  name: 'same-secret',
  severity: 'error',
  title: 'Mutual CHAP uses one secret for both directions',
  meaning: 'With one secret for both, an attacker answers a challenge by sending it back. RFC 7143 §9.2.1 forbids it.',
  remedy: 'Give `mutual` a secret of its own.',
  ignored: 'The login is refused by initiators that compare the secrets; with the others an attacker logs in without knowing any.',
  source: ['RFC 7143 §9.2.1'],
  examples: { fail: access('DISK_SECRET'), pass: access('ARRAY_SECRET') },
  check: (fabric) =>
    chapsOf(fabric)
      .filter(isSame)
      .map((chap) => ({
        at: [...chap.at, 'mutual', 'secret'],
        message: 'The target and the initiator prove themselves with the same secret.',
        remedy: 'Give `mutual` a secret of its own.',
        related: [{ at: [...chap.at, 'secret'], message: 'the secret of the initiator' }],
      })),
};

function isSame({ secret, mutual }: Chap): boolean {
  if (mutual === undefined) return false;
  const other = mutual.secret;
  if (secret.kind === 'env') return other.kind === 'env' && secret.name === other.name;
  return other.kind === 'file' && secret.path === other.path;
}
