/** What the world plugs in is plugged into one port. */
import { ANY_IPV4, ANY_IPV6, formatIp, isIpv4 } from '../../../wire/ip/address.ts';
import type { Attach } from '../../../fabric/network/model.ts';
import { isSocketPath } from '../../../fabric/schema/attach.ts';
import { fabricExample } from '../../example.ts';
import { attachesOf, collide, type ListeningSocket, socketOf, socketText } from '../../listening.ts';
import { plainPath } from '../../plain-path.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (second: string): string =>
  fabricExample(`switches:\n  tor1:\n    ports:\n      1: { attach: { qemu: ./vm1.sock } }\n      2: { attach: { qemu: ${second} } }`);

export const attachedTwice: Rule = {
  id: 'SW-1063',
  name: 'attached-twice',
  severity: 'error',
  title: 'Two ports are attached to the same socket or interface',
  meaning: 'Only one can have it: the second port would fail when the fabric comes up.',
  remedy: 'Attach each port to something of its own.',
  ignored: '`samewire up` ends with an address or a device that is in use.',
  source: [OWN],
  examples: { fail: example('vm1.sock'), pass: example('./vm2.sock') },
  check(fabric) {
    const findings: Finding[] = [];
    const earlier: { readonly place: string; readonly plug: Plug; readonly attach: Attach }[] = [];
    for (const { place, attach } of attachesOf(fabric)) {
      const plug = plugOf(attach);
      if (plug === undefined) continue;
      const first = earlier.find((other) => isSame(plug, other.plug));
      if (first !== undefined) {
        findings.push({
          at: attach.at,
          message: `\`${typeof plug === 'string' ? plug.replace(/^[a-z]+ /, '') : socketText(plug)}\` is in use by \`${first.place}\` already.`,
          remedy: 'Use another.',
          related: [{ at: first.attach.at, message: 'the other one' }],
        });
      }
      earlier.push({ place, plug, attach });
    }
    return findings;
  },
};

/** A path or an interface by its kind and name, or a UDP socket. */
type Plug = string | ListeningSocket;

const isSame = (a: Plug, b: Plug): boolean => (typeof a === 'string' || typeof b === 'string' ? a === b : collide(a, b));

/** VXLAN (RFC 7348 §5). */
const VXLAN_PORT = 4789;

/** Undefined: a TCP port, which is looked at together with portals. */
function plugOf(attach: Attach): Plug | undefined {
  switch (attach.kind) {
    case 'qemu':
      return isSocketPath(attach.socket) ? `path ${plainPath(attach.socket)}` : undefined;
    case 'qemu-datagrams':
      return isSocketPath(attach.local) ? `path ${plainPath(attach.local)}` : socketOf(attach.local);
    // A TAP device is an interface, too.
    case 'tap':
    case 'interface':
      return `interface ${attach.name}`;
    case 'tunnel': {
      const local = attach.local ?? (isIpv4(attach.remote) ? ANY_IPV4 : ANY_IPV6);
      return { host: formatIp(local), port: attach.port ?? VXLAN_PORT };
    }
  }
}
