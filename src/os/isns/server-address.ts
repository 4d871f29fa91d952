/** Where an iSNS server is, as people write it. */
import { parsePortal, type PortalAddress } from '../../storage/iscsi/initiator/index.ts';
import { isnsError, ISNS_PORT } from '../../storage/isns/index.ts';
import { IsnsFailure } from './failure.ts';

/** `host`, `host:port` or `[IPv6 address]:port`. Throws an IsnsFailure. */
export function isnsServerOf(text: string): PortalAddress {
  // With a port of its own it is no address any more when another is put behind.
  const address = parsePortal(`${text}:${ISNS_PORT}`) ?? parsePortal(text);
  if (address === undefined || address.groupTag !== undefined)
    throw new IsnsFailure(
      isnsError('usage', `this is no iSNS server: ${text.slice(0, 80)}; the form is host, host:port or [IPv6 address]:port`),
    );
  return { host: address.host, port: address.port };
}
