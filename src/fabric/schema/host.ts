/** Hosts: machines with iSCSI adapters (RFC 7143 §4.2.1, initiator nodes) that log in to arrays of the fabric, or to any others. */
import { z } from 'zod';
import { parseBindAddress, parseConnectAddress } from '../address.ts';
import { parseDuration } from '../duration.ts';
import { parseIscsiName } from '../iscsi-name.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { CHAP_ALGORITHMS, secretSchema } from './access.ts';
import { settingsSchema } from './host-settings.ts';
import { machineShape } from './machine.ts';
import { publishSchema } from './publish.ts';
import { duration } from './session.ts';
import { smbSchema } from './smb.ts';
import { parseInterfaceAddress } from '../network/ip-prefix.ts';
import { choice, mapping, named, readBy, text, whole, yesNo } from './words.ts';

const serverNoun =
  'an array of this fabric such as `array1`, one of its portals such as `array1/left`, or an address such as `192.0.2.1:3260`';
const userNoun = 'a CHAP user name';
const aliasNoun = 'a text of 1 to 255 characters';
const bindNoun = 'a list of addresses of this machine, such as `- 192.0.2.7`';

const NAME = '[A-Za-z0-9_-]{1,64}';

export interface WrittenServer {
  /** What stands before the slash, or everything where there is none: a declared array if one is called so. */
  readonly array: string;
  readonly portal: string | undefined;
}

/** `array1` or `array1/left`; undefined for what can only be an address. */
export function namedServer(written: string): WrittenServer | undefined {
  const match = new RegExp(`^(${NAME})(?:/(${NAME}))?$`).exec(written.trim());
  return match === null ? undefined : { array: match[1]!, portal: match[2] };
}

const parseServer = (written: string): Parsed<unknown> => {
  if (namedServer(written) !== undefined) return { value: written };
  if (written.includes('/')) {
    return mistake(`\`${written}\` is neither an array with a portal nor an address.`, `Write ${serverNoun}.`);
  }
  return parseConnectAddress(written);
};

const server = () => text(serverNoun, parseServer);

const transport = () =>
  choice(['tcp', 'iser'])
    .optional()
    .meta({ description: 'What sessions run over: TCP, or iSER (RFC 7145) over RDMA. By default as the adapter has it.' });

const hostChapSchema = mapping('a mapping with `user` and `secret`', {
  user: z
    .string({ error: userNoun })
    .min(1, { error: userNoun })
    .max(255, { error: userNoun })
    .meta({ description: 'CHAP_N: the name to log in with.' }),
  secret: secretSchema,
  required: yesNo()
    .default(false)
    .meta({ description: 'Leaves a target that asks for no authentication. With `mutual` it does so anyway.' }),
  mutual: mapping('a mapping with `user` and `secret`', {
    user: z
      .string({ error: userNoun })
      .min(1, { error: userNoun })
      .max(255, { error: userNoun })
      .meta({ description: 'CHAP_N that the target has to answer with.' }),
    secret: secretSchema,
  })
    .optional()
    .meta({ description: 'The target has to prove itself too, with a secret of its own.' }),
  algorithms: z
    .array(choice(CHAP_ALGORITHMS), { error: 'a list of hash algorithms' })
    .min(1, { error: 'a list with at least one hash algorithm' })
    // Targets of the IET family take the number of SHA-256 for SHA1, and then refuse the right response: they are to meet others before.
    .default(['sha3-256', 'sha1', 'md5', 'sha256'])
    .meta({
      description:
        'Hash algorithms offered, the preferred first. Many targets know `md5` only; some mistake `sha256` for another, so it comes last.',
    }),
});

const serverSchema = z.union(
  [
    server().meta({
      description: 'Asked for its targets: an array of this fabric, one of its portals, or an address.',
      examples: ['array1'],
    }),
    mapping(serverNoun, {
      server: server().meta({
        description: 'Asked for its targets: an array of this fabric (its first portal), one of its portals by name, or an address.',
        examples: ['array1', 'array1/left', '192.0.2.1:3260'],
      }),
      chap: hostChapSchema.optional().meta({ description: 'For this server and the targets it names, instead of what the adapter has.' }),
      transport: transport(),
      settings: settingsSchema.prefault({}).meta({ description: 'For the targets it names, where it differs from the adapter.' }),
    }),
  ],
  { error: serverNoun },
);

const hostTargetSchema = mapping('a mapping with `name`', {
  name: text('the iSCSI name of a target', parseIscsiName).meta({
    description: 'iSCSI name of the target.',
    examples: ['iqn.2026-01.net.example:disk1'],
  }),
  address: server()
    .optional()
    .meta({
      description:
        'Where it is (static discovery): an array of this fabric, one of its portals by name, or an address. Without it the entry only says how a target that a server names is logged in to.',
      examples: ['array1/left', '192.0.2.1:3260'],
    }),
  transport: transport(),
  chap: hostChapSchema.optional().meta({ description: 'For this target, instead of what the adapter has.' }),
  settings: settingsSchema.prefault({}).meta({ description: 'For this target, where it differs from the adapter.' }),
});

function oneOfEach(written: readonly string[]): Parsed<unknown> {
  const families = written.map(parseBindAddress).map((parsed) => (isMistake(parsed) ? undefined : parsed.value.family));
  const twice = families.find((family, index) => family !== undefined && families.indexOf(family) !== index);
  if (twice === undefined) return { value: written };
  const version = twice === 'ipv4' ? 'IPv4' : 'IPv6';
  return mistake(`There are two ${version} addresses here.`, 'Keep one; for a second path declare a second adapter.');
}

const adapterSchema = mapping('a mapping with `initiator`', {
  initiator: text('the iSCSI name of the adapter', parseIscsiName).meta({
    description: 'iSCSI name of the adapter (`iqn.`, `eui.` or `naa.`): who it is to targets.',
    examples: ['iqn.1998-01.com.vmware:esx1'],
  }),
  alias: z
    .string({ error: aliasNoun })
    .min(1, { error: aliasNoun })
    .max(255, { error: aliasNoun })
    .optional()
    .meta({ description: 'InitiatorAlias: a name for people, shown by targets.' }),
  bind: z
    .array(text('an address of this machine such as `192.0.2.7`', parseBindAddress), { error: bindNoun })
    .min(1, { error: bindNoun })
    .superRefine(readBy(oneOfEach))
    .optional()
    .meta({
      description:
        'Local addresses that connections leave from: one of IPv4, one of IPv6, or both. By default whichever the machine takes.',
      examples: [['192.0.2.7', '2001:db8::7']],
    }),
  kind: choice(['software', 'dependent', 'independent']).default('software').meta({
    description: 'In software, with the help of the adapter (dependent), or all in the adapter, with addresses of its own (independent).',
  }),
  transport: transport(),
  nic: z
    .string({ error: 'the name of an adapter port' })
    .optional()
    .meta({ description: 'Port of an adapter that does iSCSI itself.', examples: ['vmnic4'] }),
  vlan: whole('a VLAN from 1 to 4094', 1, 4094).optional().meta({ description: 'VLAN of such an adapter.' }),
  address: text('an address with the length of its network, such as `192.0.2.11/24`', parseInterfaceAddress)
    .optional()
    .meta({ description: 'Own address of such an adapter.', examples: ['192.0.2.11/24'] }),
  portBinding: z
    .array(z.string({ error: 'the name of an interface' }), { error: 'a list of interfaces' })
    .optional()
    .meta({ description: 'Interfaces that its sessions are bound to, one path each (ESXi: port binding).', examples: [['vmk1', 'vmk2']] }),
  discovery: z
    .array(serverSchema, { error: 'a list of servers' })
    .default([])
    .meta({ description: 'Servers asked for their targets (dynamic discovery, SendTargets).' }),
  targets: z
    .array(hostTargetSchema, { error: 'a list of targets' })
    .default([])
    .meta({ description: 'Targets by address and name (static discovery), and settings for single targets.' }),
  chap: hostChapSchema.optional().meta({
    description:
      'How the adapter proves who it is, where a target asks for it. A discovery server without `chap` of its own is given it too, if it asks; it need not prove itself.',
  }),
  settings: settingsSchema.prefault({}).meta({ description: 'What is offered at login, and how long is waited.' }),
});

const failbackNoun = '`immediate`, `manual`, or a time such as `30s`';
const noPathNoun = '`fail`, `queue`, or a time such as `60s`';

const wordOrDuration =
  (...words: readonly string[]) =>
  (written: string): Parsed<unknown> =>
    words.includes(written) ? { value: written } : parseDuration(written);

const multipathSchema = mapping('a mapping with `policy`', {
  policy: choice(['round-robin', 'least-queue-depth', 'failover']).default('round-robin').meta({
    description: 'Which of the best paths a command takes: by turns, the one with the least to do, or always the first that works.',
  }),
  noPath: text(noPathNoun, wordOrDuration('fail', 'queue'))
    .default('60s')
    .meta({
      description: 'Without a path commands `fail` at once, `queue` until there is one, or wait so long.',
      examples: ['queue', '60s'],
    }),
  failback: text(failbackNoun, wordOrDuration('immediate', 'manual'))
    .default('immediate')
    .meta({ description: 'When commands go by a better path again: as soon as it is back, on request, or after it was there so long.' }),
  checkEvery: duration()
    .default('5s')
    .meta({ description: 'So often every path is asked whether it works.', examples: ['5s'] }),
});

export const hostSchema = mapping('a mapping with `nics` or `iscsi`', {
  ...machineShape,
  iscsi: named('a mapping from adapter name to adapter', adapterSchema)
    .default({})
    .meta({ description: 'iSCSI adapters by name, such as `vmhba64`.' }),
  publish: publishSchema.optional().meta({
    description:
      'Services of the fabric on sockets of the machine it runs on; what connects there goes on from this host over its own TCP. `LISTEN -> NODE:PORT`.',
    examples: ['127.0.0.1:3260 -> array1:3260'],
  }),
  smb: smbSchema.optional().meta({ description: 'SMB 3 of a Windows host.', examples: [{ multichannel: true }] }),
  multipath: multipathSchema.prefault({}).meta({ description: 'How the host uses a disk that it reaches by several paths.' }),
});

export type HostChapDeclaration = z.output<typeof hostChapSchema>;
export type ServerDeclaration = z.output<typeof serverSchema>;
export type HostTargetDeclaration = z.output<typeof hostTargetSchema>;
export type AdapterDeclaration = z.output<typeof adapterSchema>;
export type MultipathDeclaration = z.output<typeof multipathSchema>;
export type HostDeclaration = z.output<typeof hostSchema>;
