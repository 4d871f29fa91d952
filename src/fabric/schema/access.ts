/** Who may log in to a target, and how they prove who they are (RFC 7143 §12.1: CHAP; RFC 1994). */
import { z } from 'zod';
import { parseIscsiName } from '../iscsi-name.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { choice, mapping, text } from './words.ts';

/** CHAP_A values (RFC 7143 §12.1.3 and the IANA registry of PPP authentication algorithms): 5, 6, 7 and 8. */
export const CHAP_ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha3-256'] as const;
export type ChapAlgorithm = (typeof CHAP_ALGORITHMS)[number];

const userNoun = 'a CHAP user name';

const environmentName = (written: string): Parsed<string> =>
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(written)
    ? { value: written }
    : mistake(
        'This is not the name of an environment variable.',
        'Write a name of letters, digits and `_`, such as `DISK_SECRET`; the secret itself stays out of the file.',
      );

export const secretSchema = mapping('`{ env: NAME }` or `{ file: PATH }`', {
  env: text('the name of an environment variable', environmentName)
    .optional()
    .meta({ description: 'Name of the environment variable that holds the secret.', examples: ['DISK_SECRET'] }),
  file: z
    .string({ error: 'the path of a file' })
    .min(1, { error: 'the path of a file' })
    .optional()
    .meta({ description: 'File that holds the secret (one line), relative to this file.', examples: ['secrets/disk'] }),
})
  .superRefine((secret, context) => {
    if ((secret.env === undefined) !== (secret.file === undefined)) return;
    const wrong = secret.env === undefined ? 'The secret has no source.' : 'The secret has two sources.';
    context.addIssue({ code: 'custom', message: wrong, params: { remedy: 'Write `{ env: NAME }` or `{ file: PATH }`.' } });
  })
  .meta({
    description: 'Where the secret comes from. It never stands in this file itself. RFC 7143 §9.2.1 asks for at least 12 random bytes.',
  });

export const chapSchema = mapping('a mapping with `user` and `secret`', {
  user: z
    .string({ error: userNoun })
    .min(1, { error: userNoun })
    .max(255, { error: userNoun })
    .meta({ description: 'CHAP_N: the name the initiator logs in with.' }),
  secret: secretSchema,
  mutual: mapping('a mapping with `user` and `secret`', {
    user: z
      .string({ error: userNoun })
      .min(1, { error: userNoun })
      .max(255, { error: userNoun })
      .meta({ description: 'CHAP_N that the target answers with.' }),
    secret: secretSchema,
  })
    .optional()
    .meta({ description: 'The target proves itself to the initiator too, with a secret of its own.' }),
  algorithms: z
    .array(choice(CHAP_ALGORITHMS), { error: 'a list of hash algorithms' })
    .min(1, { error: 'a list with at least one hash algorithm' })
    .default(['sha3-256', 'sha256', 'sha1', 'md5'])
    .meta({ description: 'Hash algorithms the target accepts. libiscsi, QEMU and Windows know `md5` only.' }),
});

const initiatorNoun = 'the name of an initiator, or `any`';

const parseInitiator = (written: string): Parsed<string> => {
  if (written === 'any') return { value: written };
  const parsed = parseIscsiName(written);
  if (!isMistake(parsed)) return parsed;
  const everybody = written === '*' || written.toLowerCase() === 'any' || written === 'all';
  return everybody ? mistake(`\`${written}\` is not an initiator.`, 'For every initiator write `any`.') : parsed;
};

const initiatorSchema = text(initiatorNoun, parseInitiator);

export const accessSchema = z
  .array(
    z.union(
      [
        initiatorSchema.meta({ description: 'An initiator that may log in without CHAP.' }),
        mapping('a mapping with `initiator`', {
          initiator: initiatorSchema.meta({
            description: 'iSCSI name of the initiator, or `any`.',
            examples: ['iqn.1994-05.com.redhat:client1', 'any'],
          }),
          chap: chapSchema.optional().meta({ description: 'The initiator has to log in with CHAP.' }),
        }),
      ],
      { error: initiatorNoun },
    ),
    { error: 'a list of initiators' },
  )
  .meta({ description: 'Who may log in. Without it anyone who reaches the portals may, which is allowed on loopback only.' });

export type SecretDeclaration = z.output<typeof secretSchema>;
export type ChapDeclaration = z.output<typeof chapSchema>;
export type AccessDeclaration = z.output<typeof accessSchema>[number];
