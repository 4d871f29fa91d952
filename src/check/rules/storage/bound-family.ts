/** Connections leave from an address of the same family as the one they go to (RFC 4291, RFC 791): IPv4 or IPv6. */
import { isWildcard } from '../../../fabric/address.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { ServerReference } from '../../../fabric/host-model.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { hostExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { adaptersOf, serversOf } from '../../walk.ts';

const bind = (addresses: string): string => hostExample(`bind: [${addresses}]\ndiscovery: ["[2001:db8::1]"]`);

export const boundFamily: Rule = {
  id: 'SW-1032',
  name: 'bound-family',
  severity: 'error',
  title: 'An adapter has no address of the kind it would need',
  meaning: 'From an IPv4 address nobody connects to an IPv6 address, nor the other way round.',
  remedy: 'Add an address of that kind to `bind`, or connect to another.',
  ignored: 'The adapter never sends a packet to the target: there is no route from the address that it is bound to.',
  source: ['RFC 791', 'RFC 4291'],
  examples: { fail: bind('192.0.2.7'), pass: bind('192.0.2.7, "2001:db8::7"') },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ adapter }) => {
      const { bind: bound } = adapter;
      if (bound === undefined) return [];
      return serversOf(adapter).flatMap((server) => {
        const family = familyOf(fabric, server);
        if (family === undefined || bound[family] !== undefined) return [];
        const word = family === 'ipv4' ? 'IPv4' : 'IPv6';
        return [
          {
            at: server.at,
            message: `\`${server.text}\` is reached by ${word}, and the adapter has no ${word} address.`,
            remedy: `Add an ${word} address to \`bind\`.`,
            related: [{ at: [...adapter.at, 'bind'], message: 'the addresses of the adapter' }],
            restsOn: [[...adapter.at, 'bind']],
          },
        ];
      });
    }),
};

/** Undefined: a name, or a portal that listens everywhere. */
function familyOf(fabric: Fabric, server: ServerReference): 'ipv4' | 'ipv6' | undefined {
  const found = findServer(fabric, server);
  const address = found?.portal.listen ?? (server.kind === 'address' ? server.address : undefined);
  return address === undefined || address.family === 'name' || isWildcard(address) ? undefined : address.family;
}
