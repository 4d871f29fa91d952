/** What others can reach says who may use it. */
import { formatAddress, isLoopback } from '../../../fabric/address.ts';
import { portalsOf } from '../../../fabric/model.ts';
import { isOwnAddress } from '../../../fabric/network/own-network.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const luns = 'luns: [{ store: memory, size: 64MiB }]';

export const openPortal: Rule = {
  id: 'SW-1004',
  name: 'open-portal',
  severity: 'error',
  title: 'A target without declared access is reachable from other machines',
  meaning:
    'Without `access` anyone who reaches a portal may read and write the disks. That is fine on loopback, and never meant anywhere else.',
  remedy: 'Declare `access`, or let the portal listen on `127.0.0.1` or `[::1]`.',
  ignored: 'A machine that scans for targets, such as a freshly installed hypervisor, finds the disk and formats it.',
  source: ['RFC 7143 §9'],
  examples: {
    fail: targetExample(luns, '192.0.2.1:3260'),
    pass: targetExample(`${luns}\naccess: [iqn.1994-05.com.redhat:client1]`, '192.0.2.1:3260'),
  },
  check(fabric) {
    const findings: Finding[] = [];
    for (const array of fabric.arrays) {
      for (const target of array.targets) {
        const open = portalsOf(array, target).find(
          // Whom the fabric's own network leads there is declared too.
          ({ listen }) => !isLoopback(listen) && !isOwnAddress(array.machine, listen),
        );
        if (open === undefined || target.access !== undefined || target.redirect !== undefined) continue;
        findings.push({
          at: [...target.at, 'access'],
          missingFrom: target.at,
          message: `Anyone who reaches \`${formatAddress(open.listen.host, open.listen.port)}\` could use this target.`,
          remedy: 'Add `access:` with a list of initiators, or let the portal listen on `127.0.0.1` or `[::1]`.',
          related: [{ at: open.at, message: 'the portal' }],
          restsOn: [[...array.machine.at, 'nics']],
        });
      }
    }
    return findings;
  },
};
