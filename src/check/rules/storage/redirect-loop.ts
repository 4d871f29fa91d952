/** RFC 7143 §11.13.5: a target that has moved is somewhere else. */
import { formatAddress, ISCSI_PORT, isWildcard, type PortalAddress } from '../../../fabric/address.ts';
import { portalsOf } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

export const redirectLoop: Rule = {
  id: 'SW-1023',
  name: 'redirect-loop',
  severity: 'error',
  title: 'A target redirects to a portal of its own',
  meaning: 'The initiator comes back to be sent there again, until it gives up.',
  remedy: 'Redirect to where the target is now, or leave `redirect` out.',
  ignored: 'The host logs in and is sent away some times a second, until it gives up; the disk never appears.',
  source: ['RFC 7143 §11.13.5'],
  examples: { fail: targetExample('redirect: 127.0.0.1:3260'), pass: targetExample('redirect: 192.0.2.7:3260') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const array of fabric.arrays) {
      for (const target of array.targets) {
        const { redirect } = target;
        if (redirect === undefined) continue;
        const own = portalsOf(array, target).find((portal) => isSame(portal.listen, redirect.to) || isSame(portal.announce, redirect.to));
        if (own === undefined) continue;
        findings.push({
          at: redirect.at,
          message: `\`${formatAddress(redirect.to.host, redirect.to.port)}\` leads back to this target.`,
          remedy: 'Redirect to where the target is now, or leave `redirect` out.',
          related: [{ at: own.at, message: 'the portal it leads back to' }],
        });
      }
    }
    return findings;
  },
};

function isSame(portal: PortalAddress | undefined, to: PortalAddress): boolean {
  if (portal === undefined || isWildcard(portal) || portal.port === 0) return false;
  return portal.host === to.host && (portal.port ?? ISCSI_PORT) === (to.port ?? ISCSI_PORT);
}
