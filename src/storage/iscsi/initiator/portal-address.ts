/** Where a target portal is: `host:port`, `[2001:db8::1]:port`, with a portal group tag behind a comma in TargetAddress (RFC 7143 §13.8). */
import { formatHostPort } from '../../../wire/ip/address-text.ts';

/** The port that IANA assigned to iSCSI (RFC 7143 §14). */
export const ISCSI_PORT = 3260;

export interface PortalAddress {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
}

export const portalText = ({ host, port }: PortalAddress): string => formatHostPort(host, port);

const HOST = '[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9._-]{0,251}[A-Za-z0-9.]';
const PATTERN = new RegExp(`^(?:\\[([0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,15})?)\\]|(${HOST}))(?::([0-9]{1,5}))?(?:,([0-9]{1,5}))?$`);

/** Undefined for what is no address. Without a port: 3260. */
export function parsePortal(text: string): (PortalAddress & { readonly groupTag: number | undefined }) | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const port = match[3] === undefined ? ISCSI_PORT : Number(match[3]);
  const groupTag = match[4] === undefined ? undefined : Number(match[4]);
  if (port === 0 || port > 65535 || (groupTag ?? 0) > 65535) return undefined;
  return { host: (match[1] ?? match[2])!, port, groupTag };
}
