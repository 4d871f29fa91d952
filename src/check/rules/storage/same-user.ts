/** Mutual CHAP with one name for both sides. */
import { targetExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { chapsOf } from '../../walk.ts';

const access = (user: string): string =>
  targetExample(
    `luns: [{ store: memory, size: 64MiB }]\naccess:\n  - initiator: any\n    chap: { user: disk, secret: { env: DISK_SECRET }, mutual: { user: ${user}, secret: { env: ARRAY_SECRET } } }`,
  );

export const sameUser: Rule = {
  id: 'SW-1009',
  name: 'same-user',
  severity: 'warning',
  title: 'Mutual CHAP uses one user name for both directions',
  meaning: 'It works, but it is easily mistaken for one account with one secret, and some initiators look the secret up by this name.',
  remedy: 'Give `mutual` a user name of its own.',
  ignored: 'After the next change of a secret the login fails in one direction, and the log says that the right secret is wrong.',
  source: ['RFC 7143 §12.1.3'],
  examples: { fail: access('disk'), pass: access('array') },
  check: (fabric) =>
    chapsOf(fabric)
      .filter((chap) => chap.mutual?.user === chap.user)
      .map((chap) => ({
        at: [...chap.at, 'mutual', 'user'],
        message: 'The target and the initiator have the same CHAP user name.',
        remedy: 'Give `mutual` a user name of its own.',
      })),
};
