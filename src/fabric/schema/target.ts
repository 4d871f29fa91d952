/** Targets (RFC 7143 §4.2.1): a name that initiators log in to, and what is behind it. */
import { z } from 'zod';
import { parseAnnounceAddress } from '../address.ts';
import { accessSchema } from './access.ts';
import { lunsSchema } from './lun.ts';
import { mapping, text, yesNo } from './words.ts';

const aliasNoun = 'a text of 1 to 255 characters';
const redirectNoun = 'an address such as `192.0.2.7:3260`, or a mapping with `to`';
const redirectAddress = text('an address such as `192.0.2.7:3260`', parseAnnounceAddress);

export const targetSchema = mapping('a mapping with `luns`', {
  alias: z
    .string({ error: aliasNoun })
    .min(1, { error: aliasNoun })
    .max(255, { error: aliasNoun })
    .optional()
    .meta({ description: 'TargetAlias: a name for people, shown by initiators.' }),
  portals: z
    .array(z.string({ error: 'the name or address of a portal of this array' }), { error: 'a list of portals' })
    .min(1, { error: 'a list with at least one portal' })
    .optional()
    .meta({ description: 'The portals this target is reached through, by name or address. By default all portals of the array.' }),
  luns: lunsSchema.default([]),
  access: accessSchema.optional(),
  redirect: z
    .union(
      [
        redirectAddress,
        mapping(redirectNoun, {
          to: redirectAddress.meta({ description: 'Where initiators shall log in instead.' }),
          permanent: yesNo().default(false).meta({ description: 'Moved permanently (initiators may remember it) or temporarily.' }),
        }),
      ],
      { error: redirectNoun },
    )
    .optional()
    .meta({ description: 'Logins are sent elsewhere (RFC 7143 §11.13.5: target moved).' }),
});

export type TargetDeclaration = z.output<typeof targetSchema>;
