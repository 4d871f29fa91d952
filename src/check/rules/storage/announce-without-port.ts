/** RFC 7143 §13.8: a TargetAddress without a port means the default port. */
import { formatAddress, ISCSI_PORT } from '../../../fabric/address.ts';
import { arrayExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

const portal = (announce: string): string =>
  arrayExample(
    `portals: [{ listen: "127.0.0.1:13260", announce: "${announce}" }]\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const announceWithoutPort: Rule = {
  id: 'SW-1010',
  name: 'announce-without-port',
  severity: 'error',
  title: 'An announced address has no port, and the portal listens on another than 3260',
  meaning: 'Initiators connect to port 3260 of an address that comes without one.',
  remedy: 'Write the port that initiators reach, also where it is 3260.',
  ignored: 'Discovery succeeds and names the target; the login to it is refused, or ends at another service.',
  source: ['RFC 7143 §13.8'],
  examples: { fail: portal('203.0.113.7'), pass: portal('203.0.113.7:3260') },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.portals)
      .filter((portal) => portal.announce !== undefined && portal.announce.port === undefined && portal.listen.port !== ISCSI_PORT)
      .map((portal) => {
        const at = [...portal.at, 'announce'];
        const { host } = portal.announce!;
        const remedy = `Write \`${formatAddress(host, ISCSI_PORT)}\`, or the port that initiators reach.`;
        return { at, message: `Initiators would connect to port ${ISCSI_PORT}, and this portal listens on another.`, remedy };
      }),
};
