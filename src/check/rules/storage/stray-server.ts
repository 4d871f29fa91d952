/** An address of the fabric at which nothing of the fabric listens. */
import { formatAddress, isWildcard } from '../../../fabric/address.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { ServerReference } from '../../../fabric/host-model.ts';
import type { Fabric, StorageArray } from '../../../fabric/model.ts';
import { hostExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { adaptersOf, serversOf } from '../../walk.ts';

export const strayServer: Rule = {
  id: 'SW-1030',
  name: 'stray-server',
  severity: 'warning',
  title: 'A host connects to an address of an array, and the array has no portal there',
  meaning: 'Unless something else listens at that port, the host finds nothing.',
  remedy: 'Write the port of a portal, or the name of the array.',
  ignored: 'Discovery times out or is refused, and the host comes up without the disk.',
  source: ['RFC 7143 §13.8'],
  examples: { fail: hostExample('discovery: ["127.0.0.1:3261"]'), pass: hostExample('discovery: ["127.0.0.1:3260"]') },
  check: (fabric) =>
    adaptersOf(fabric)
      .flatMap(({ adapter }) => serversOf(adapter))
      .flatMap((server) => {
        const array = strayFrom(fabric, server);
        if (array === undefined) return [];
        const portals = array.portals.map(({ listen }) => `\`${formatAddress(listen.host, listen.port)}\``).join(', ');
        return [
          {
            at: server.at,
            message: `No portal of \`${array.name}\` listens at \`${server.text}\`.`,
            remedy: `Its portals are ${portals}. Write one of them, or \`${array.name}\`.`,
          },
        ];
      }),
};

/** The array that has the address, at another port. */
function strayFrom(fabric: Fabric, server: ServerReference): StorageArray | undefined {
  if (server.kind === 'array' || findServer(fabric, server) !== undefined) return undefined;
  const { host, port } = server.address;
  // A portal that listens everywhere may well be meant.
  if (fabric.arrays.some((array) => array.portals.some(({ listen }) => isWildcard(listen) && (listen.port === port || listen.port === 0))))
    return undefined;
  return fabric.arrays.find((array) => array.portals.some(({ listen }) => listen.host === host));
}
