/** Priorities that the operating system of a host gives to traffic (Windows: NetQosPolicy). */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { priority } from './dcb.ts';
import { mapping, text, whole } from './words.ts';

/** Templates that New-NetQosPolicy knows, besides ports and protocols. */
const WORDS = ['default', 'smb', 'iscsi', 'nfs', 'fcoe', 'live-migration', 'cluster', 'tcp', 'udp'] as const;
const matchNoun = '`default`, `smb`, `iscsi`, `live-migration`, `cluster`, `tcp`, `udp`, or such as `net-direct:445`, `tcp:3260`';
const parseMatch = (written: string): Parsed<string> => {
  if ((WORDS as readonly string[]).includes(written)) return { value: written };
  const match = /^(net-direct|tcp|udp|port):(\d{1,5})$/.exec(written);
  return match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 65_535
    ? { value: written }
    : mistake(`\`${written.slice(0, 40)}\` matches nothing.`, `Write ${matchNoun}.`);
};

export const qosPolicySchema = mapping('a mapping with `match` and `priority`', {
  match: text(matchNoun, parseMatch).meta({ description: 'Traffic meant.', examples: ['net-direct:445'] }),
  priority: priority().optional().meta({ description: 'Priority it is sent with (PCP).' }),
  dscp: whole('a DSCP from 0 to 63', 0, 63).optional().meta({ description: 'DSCP it is sent with.' }),
});

export type QosPolicyDeclaration = z.output<typeof qosPolicySchema>;
