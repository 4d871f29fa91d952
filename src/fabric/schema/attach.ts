/** What of the world a port is plugged into. */
import { z } from 'zod';
import { parseConnectAddress } from '../address.ts';
import { parseUnicast } from '../network/ip-prefix.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { mapping, text, whole } from './words.ts';

const attachNoun = '`{ qemu: ./vm1.sock }`, `{ tap: sw0 }`, `{ interface: veth0 }`, or `{ tunnel: { remote: 192.0.2.7, network: 42 } }`';
const socketNoun = 'the path of a Unix socket such as `./vm1.sock`, or an address such as `127.0.0.1:9001`';
const interfaceNoun = 'the name of a network interface, of 1 to 15 characters';

/** What holds a slash or does not end in a port is a path. */
export const isSocketPath = (written: string): boolean => written.includes('/') || !/:\d{1,5}$/.test(written);

/** sun_path of unix(7), less its closing zero. */
const PATH_BYTES_MAX = 107;

const parseSocket = (written: string): Parsed<unknown> => {
  if (!isSocketPath(written)) return parseConnectAddress(written);
  const bytes = new TextEncoder().encode(written).length;
  return bytes === 0 || bytes > PATH_BYTES_MAX || written.includes('\0')
    ? mistake('This can not be the path of a socket.', `Write ${socketNoun}; a path has ${PATH_BYTES_MAX} bytes at most.`)
    : { value: written };
};

/** Linux: IFNAMSIZ is 16 with the closing zero; neither slash nor space, and neither `.` nor `..`. */
const parseInterfaceName = (written: string): Parsed<string> =>
  /^(?!\.{1,2}$)[^\s/:]{1,15}$/.test(written)
    ? { value: written }
    : mistake(`\`${written.slice(0, 40)}\` is no name of an interface.`, `Write ${interfaceNoun}.`);

const parseDatagram = (written: string): Parsed<unknown> => {
  const parsed = parseSocket(written);
  if (isMistake(parsed) || isSocketPath(written)) return parsed;
  const { family } = parsed.value as { readonly family: string };
  return family === 'name'
    ? mistake('Datagrams go to an IP address, not to a name.', 'Write an address such as `127.0.0.1:9001`.')
    : parsed;
};

const tunnelSchema = mapping('a mapping with `remote` and `network`', {
  remote: text('an IP address', parseUnicast).meta({ description: 'The machine at the other end.', examples: ['192.0.2.7'] }),
  network: whole('a whole number from 0 to 16777215', 0, 0xff_ffff).meta({ description: 'VXLAN network identifier (RFC 7348).' }),
  local: text('an IP address', parseUnicast).optional().meta({ description: 'Address of this machine to come from. By default any.' }),
  port: whole('a whole number from 1 to 65535', 1, 65_535).optional().meta({ description: 'UDP port at both ends. By default 4789.' }),
});

const datagramsSchema = mapping('a mapping with `local` and `remote`', {
  local: text(socketNoun, parseDatagram).meta({ description: 'Where this end receives.' }),
  remote: text(socketNoun, parseDatagram).meta({ description: 'Where QEMU receives.' }),
});

export const attachSchema = mapping(attachNoun, {
  qemu: z
    .union([text(socketNoun, parseSocket), datagramsSchema], { error: `${socketNoun}, or a mapping with \`local\` and \`remote\`` })
    .optional()
    .meta({
      description: 'A machine of QEMU: a socket that it connects to (`-netdev stream`), or two that exchange datagrams (`-netdev dgram`).',
      examples: ['./vm1.sock'],
    }),
  tap: text(interfaceNoun, parseInterfaceName)
    .optional()
    .meta({
      description: 'A TAP device of this machine, made if it is not there. Linux, and needs a privilege (CAP_NET_ADMIN).',
      examples: ['sw0'],
    }),
  interface: text(interfaceNoun, parseInterfaceName)
    .optional()
    .meta({
      description: 'A network interface of this machine, such as one end of a veth pair. Linux, and needs a privilege (CAP_NET_RAW).',
      examples: ['veth0'],
    }),
  tunnel: tunnelSchema.optional().meta({ description: 'A VXLAN tunnel over UDP to a machine elsewhere.' }),
}).superRefine((attach, context) => {
  const count = Object.values(attach).filter((one) => one !== undefined).length;
  if (count === 1) return;
  const message = count === 0 ? 'Nothing is attached here.' : 'A port takes one plug.';
  context.addIssue({ code: 'custom', message, params: { remedy: `Write one of ${attachNoun}.` } });
});

export type AttachDeclaration = z.output<typeof attachSchema>;
