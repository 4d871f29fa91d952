/**
 * Data Center Bridging of a machine, an adapter port, a switch or a switch port: priority flow control (IEEE 802.1Qbb), enhanced transmission
 * selection (IEEE 802.1Qaz), its exchange protocol DCBX, and the buffers and marks that go with them. One shape at all four places: what a port
 * says counts, and what it does not say is taken from its machine or switch.
 */
import { z } from 'zod';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { parseSize } from '../size.ts';
import { choice, mapping, named, readBy, text, whole, yesNo } from './words.ts';

const prioritiesNoun = 'a list of priorities from 0 to 7, such as `[3]`';
export const priority = () => whole('a priority from 0 to 7', 0, 7);
const priorityList = () => z.array(priority(), { error: prioritiesNoun });

const sizeNoun = 'a size such as `90000` or `150KB`';
export const bufferSize = () =>
  z.union([z.string(), z.number()], { error: sizeNoun }).superRefine(
    readBy((written: string | number): Parsed<unknown> => {
      if (written === 0) return { value: 0 };
      const parsed = parseSize(written);
      return !isMistake(parsed) && parsed.value > 2 ** 30
        ? mistake(`\`${written}\` is too large for a buffer.`, 'The most is `1GiB`.')
        : parsed;
    }),
  );

/** How a frame's priority is found: by its tag (PCP), by its IP header (DSCP), or by both (DSCP first). */
export const TRUSTS = ['pcp', 'dscp', 'both'] as const;
/** Before IEEE 802.1Qaz there was one of Converged Enhanced Ethernet (CEE), and one before that (CIN). */
export const DCBX_VERSIONS = ['none', 'cin', 'cee', 'ieee', 'auto'] as const;
/** Who on a host can answer DCBX. Two of them on one port are one too many. */
export const DCBX_AGENTS = ['firmware', 'driver', 'os'] as const;
export const FLOW_CONTROL = ['none', 'receive', 'send', 'both', 'auto'] as const;

const classSchema = mapping('a mapping with `priorities` and `bandwidth`', {
  priorities: priorityList().meta({ description: 'Priorities of the class.', examples: [[3]] }),
  bandwidth: whole('a percentage from 0 to 100', 0, 100)
    .optional()
    .meta({ description: 'Its share, in percent (ETS). All of a port add up to 100.' }),
  strict: yesNo().default(false).meta({ description: 'Goes before every class with a share.' }),
  name: z
    .string({ error: 'a text' })
    .max(64, { error: 'a text of at most 64 characters' })
    .optional()
    .meta({ description: 'What the system calls it.' }),
});

/** Traffic that an application entry names (IEEE 802.1Q D.2.9): by EtherType, or by TCP or UDP port. */
const PROTOCOLS = ['fcoe', 'fip', 'iscsi', 'roce-v1', 'roce-v2', 'iwarp', 'nvme-tcp', 'default'] as const;
const protocolNoun = '`fcoe`, `iscsi`, `roce-v1`, `roce-v2`, or such as `tcp:3260`, `udp:4791`, `ethertype:0x8906`';
const parseProtocol = (written: string): Parsed<string> => {
  if ((PROTOCOLS as readonly string[]).includes(written)) return { value: written };
  const match = /^(tcp|udp|port|dscp):(\d{1,5})$/.exec(written);
  if (match !== null && Number(match[2]) <= (match[1] === 'dscp' ? 63 : 65_535)) return { value: written };
  return /^ethertype:0x[0-9a-fA-F]{4}$/.test(written)
    ? { value: written.toLowerCase() }
    : mistake(`\`${written.slice(0, 40)}\` is no protocol that DCBX names.`, `Write ${protocolNoun}.`);
};

const applicationSchema = mapping('a mapping with `protocol` and `priority`', {
  protocol: text(protocolNoun, parseProtocol).meta({ description: 'Traffic meant.', examples: ['roce-v2', 'tcp:3260'] }),
  priority: priority().meta({ description: 'Priority it is sent with.' }),
});

const alphaNoun = 'a number such as `8` or `1/4`, or `inf`';
const parseAlpha = (written: string | number): Parsed<unknown> =>
  /^(\d{1,4}(\.\d{1,4})?|\d{1,4}\/\d{1,4}|inf)$/.test(String(written))
    ? { value: written }
    : mistake(`\`${String(written).slice(0, 20)}\` is no alpha.`, `Write ${alphaNoun}.`);

const bufferSchema = mapping('a mapping with `reserved`', {
  direction: choice(['ingress', 'egress']).default('ingress').meta({ description: 'Frames that came in, or that wait to go out.' }),
  priorities: priorityList().optional().meta({ description: 'Priorities that it holds.' }),
  lossless: yesNo().default(false).meta({ description: 'Asks the neighbour to stop before it is full.' }),
  pool: z
    .string({ error: 'the name of a pool' })
    .regex(/^[A-Za-z0-9_.-]{1,32}$/, { error: 'the name of a pool' })
    .optional()
    .meta({ description: 'Pool it is a part of.', examples: ['iPool0'] }),
  reserved: bufferSize()
    .optional()
    .meta({ description: 'Bytes that are its own.', examples: [90_000] }),
  xoff: bufferSize().optional().meta({ description: 'Fill in bytes at which the neighbour is told to stop; what is above is headroom.' }),
  xon: bufferSize().optional().meta({ description: 'Fill in bytes at which it may go on.' }),
  alpha: z
    .union([z.string(), z.number()], { error: alphaNoun })
    .superRefine(readBy(parseAlpha))
    .optional()
    .meta({ description: 'Part of what is free of the pool that it may take besides.', examples: [2, 'inf'] }),
});

const marksSchema = mapping('a mapping with `min` and `max`', {
  min: bufferSize().meta({ description: 'From so many bytes in the queue on, packets may be marked.' }),
  max: bufferSize().meta({ description: 'From so many on, all are.' }),
  probability: whole('a percentage from 0 to 100', 0, 100).default(100).meta({ description: 'Percentage marked just below `max`.' }),
});

export const dcbSchema = mapping('a mapping of settings', {
  dcbx: choice(DCBX_VERSIONS).optional().meta({ description: 'DCBX spoken: the version of IEEE 802.1Qaz, of CEE, of before; or none.' }),
  willing: yesNo().optional().meta({ description: 'Takes over what the neighbour says.' }),
  agents: z
    .array(choice(DCBX_AGENTS), { error: 'a list such as `[firmware]`' })
    .optional()
    .meta({
      description: 'Who answers DCBX here: the firmware of the adapter, its driver, or the operating system.',
      examples: [['firmware']],
    }),
  trust: choice(TRUSTS).optional().meta({ description: 'Where the priority of a frame is read: its VLAN tag, its DSCP, or both.' }),
  pfc: z
    .union([yesNo(), priorityList()], { error: `${prioritiesNoun}, \`true\` or \`false\`` })
    .optional()
    .meta({ description: 'Priorities without loss (PFC). At a port `true` means those of its machine or switch.', examples: [[3]] }),
  classes: named('a mapping from traffic class to its settings', classSchema)
    .optional()
    .meta({
      description: 'Traffic classes by number from 0 to 7, with their priorities and shares (ETS).',
      examples: [{ 3: { priorities: [3], bandwidth: 50 } }],
    }),
  applications: z
    .array(applicationSchema, { error: 'a list of applications' })
    .optional()
    .meta({ description: 'Priorities of applications, as DCBX tells them.' }),
  dscp: named('a mapping from DSCP to priority', priority())
    .optional()
    .meta({ description: 'Priority of a DSCP from 0 to 63, where the DSCP is trusted.', examples: [{ 26: 3 }] }),
  buffers: named('a mapping from buffer to its settings', bufferSchema)
    .optional()
    .meta({
      description: 'Buffers of a port by name.',
      examples: [{ 'iPort.pg3': { priorities: [3], lossless: true, reserved: 90_000, xoff: 17_000, xon: 17_000 } }],
    }),
  marks: named('a mapping from traffic class to its thresholds', marksSchema)
    .optional()
    .meta({
      description: 'Marks packets of a traffic class when its queue grows (ECN, RFC 3168), as RoCE v2 with DCQCN wants.',
      examples: [{ 3: { min: '150KB', max: '1500KB' } }],
    }),
});

export type DcbDeclaration = z.output<typeof dcbSchema>;
