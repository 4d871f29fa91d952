/** InfiniBand ports and subnet managers (IBTA 1.x, OpenSM), and IP over InfiniBand (RFC 4391, RFC 4755). */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { interfaceShape } from './interface.ts';
import { choice, mapping, named, text, whole, yesNo } from './words.ts';

const guidNoun = 'a GUID such as `00:02:c9:03:00:00:10:39`';
export const parseGuid = (written: string): Parsed<string> => {
  const plain = written.toLowerCase().replace(/^0x/, '').replaceAll(/[:-]/g, '');
  return /^[0-9a-f]{16}$/.test(plain) && !/^0{16}$/.test(plain)
    ? { value: plain }
    : mistake(`\`${written.slice(0, 40)}\` is no GUID.`, `Write ${guidNoun}.`);
};
const guid = () => text(guidNoun, parseGuid);

const pkeyNoun = 'a partition key from 0x0001 to 0xffff, such as `0x8001`';
const parsePkey = (written: string): Parsed<number> => {
  const value = /^0x[0-9a-fA-F]{1,4}$/.test(written) ? Number(written) : Number.NaN;
  return value > 0 ? { value } : mistake(`\`${written.slice(0, 20)}\` is no partition key.`, `Write ${pkeyNoun}.`);
};

const ipoibSchema = mapping('a mapping of settings', {
  mode: choice(['datagram', 'connected']).default('datagram').meta({ description: 'One packet a message, or a connection to each peer.' }),
  mtu: whole('a whole number from 68 to 65520', 68, 65_520)
    .optional()
    .meta({ description: 'Largest IP packet: 4 bytes less than the link’s.', examples: [2044] }),
  guidMask: whole('a mask from 0 to 255', 0, 255).optional().meta({
    description:
      'Which six of the eight bytes of the GUID the MAC address is made of, a bit a byte (Windows: GUID_MASK). 0: the usual ones.',
  }),
  ...interfaceShape,
});

export const infinibandSchema = mapping('a mapping of settings', {
  guid: guid().optional().meta({ description: 'GUID of the port.' }),
  nodeGuid: guid().optional().meta({ description: 'GUID of the adapter.' }),
  systemGuid: guid().optional().meta({ description: 'GUID of the system image.' }),
  mtu: z.literal([256, 512, 1024, 2048, 4096], { error: 'choice' }).optional().meta({ description: 'MTU of the port. By default 2048.' }),
  pkeys: z
    .array(text(pkeyNoun, parsePkey), { error: 'a list of partition keys' })
    .optional()
    .meta({ description: 'Partitions it is a member of; with 0x8000 a full one. By default 0xffff.', examples: [['0xffff', '0x8001']] }),
  width: choice(['1x', '4x', '8x', '12x']).optional().meta({ description: 'Lanes.' }),
  ipoib: ipoibSchema.optional().meta({ description: 'IP over InfiniBand.' }),
});

export const subnetManagerSchema = mapping('a mapping of settings', {
  nics: z
    .array(z.string({ error: 'the name of an adapter port' }), { error: 'a list of adapter ports' })
    .optional()
    .meta({ description: 'Ports whose subnets it manages.' }),
  priority: whole('a priority from 0 to 15', 0, 15)
    .default(0)
    .meta({ description: 'Of several the one with the highest number is master.' }),
  partitions: named('a mapping from partition to its key', text(pkeyNoun, parsePkey))
    .default({})
    .meta({ description: 'Partitions by name, with their keys.' }),
  standby: yesNo().default(false).meta({ description: 'Only takes over from another.' }),
});

export type InfinibandDeclaration = z.output<typeof infinibandSchema>;
export type SubnetManagerDeclaration = z.output<typeof subnetManagerSchema>;
