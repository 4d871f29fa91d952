/**
 * The whole declaration, one section a key: a new kind of thing is a file beside this one and a line below.
 * This schema says what can be written; what must hold between the parts is for the rules of `check/`.
 */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { arraySchema } from './array.ts';
import { hostSchema } from './host.ts';
import { linkSchema } from './link.ts';
import { switchSchema } from './switch.ts';
import { distributedSwitchSchema } from './virtual-switch.ts';
import { vxlanSchema } from './vxlan.ts';
import { mapping, named, whole } from './words.ts';

const reasonNoun = 'a reason of 1 to 200 characters';
const nameNoun = 'a name of letters, digits, `-` and `_`';

export const parseName = (written: string): Parsed<string> =>
  /^[A-Za-z0-9_-]{1,64}$/.test(written)
    ? { value: written }
    : mistake(`\`${written.slice(0, 64)}\` is not a good name.`, `Write ${nameNoun}.`);

/** `SW-1182`, or `SW-1182 hosts.esx1`: the rule, and where what is accepted begins. */
export const splitAccept = (key: string): readonly [string, string | undefined] => {
  const space = key.indexOf(' ');
  return space === -1 ? [key, undefined] : [key.slice(0, space), key.slice(space + 1).trim()];
};

export const parseAccept = (key: string): Parsed<string> =>
  /^SW-\d{4}( \S[^\n]{0,300})?$/.test(key)
    ? { value: key }
    : mistake(
        `\`${key.slice(0, 60)}\` is not the number of a rule.`,
        'Write a rule such as `SW-1182`, or a rule and a place such as `SW-1182 hosts.esx1`.',
      );

export const fabricSchema = mapping('a fabric: a mapping with `version`, `name` and what it is made of', {
  version: z.literal(1, { error: 'choice' }).meta({ description: 'Version of this format: 1.' }),
  name: z
    .string({ error: nameNoun })
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: nameNoun })
    .meta({ description: 'Name of the fabric.' }),
  arrays: named('a mapping from array name to array', arraySchema).default({}).meta({ description: 'Storage arrays by name.' }),
  hosts: named('a mapping from host name to host', hostSchema)
    .default({})
    .meta({ description: 'Hosts by name: machines that use disks, of these arrays or of others.' }),
  switches: named('a mapping from switch name to switch', switchSchema).default({}).meta({ description: 'Physical switches by name.' }),
  distributedSwitches: named('a mapping from distributed switch to its settings', distributedSwitchSchema).default({}).meta({
    description: 'Virtual switches that span several hosts, by name. Hosts take part with one of that name in `virtualSwitches`.',
  }),
  vxlan: vxlanSchema.optional().meta({ description: 'VXLAN over the hosts (RFC 7348).' }),
  links: z
    .array(linkSchema, { error: 'a list of links such as `- [esx1:nic0, tor1:1]`' })
    .default([])
    .meta({ description: 'Links between ports of hosts, arrays and switches.' }),
  accept: named(
    'a mapping from rule to reason',
    z.string({ error: reasonNoun }).min(1, { error: reasonNoun }).max(200, { error: reasonNoun }),
  )
    .default({})
    .meta({
      description:
        'Warnings that are known and right here, with the reason: they are not told. By rule, or by rule and the place where it starts: `SW-1182`, `SW-1182 hosts.esx1`.',
      examples: [{ 'SW-1182 hosts.esx1': 'the slot is split' }],
    }),
  seed: whole('a whole number from 0 to 4294967295', 0, 4_294_967_295)
    .default(1)
    .meta({ description: 'What chance starts from: the same seed, the same faults.' }),
});

export type FabricDeclaration = z.output<typeof fabricSchema>;
