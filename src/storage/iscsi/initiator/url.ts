/**
 * Where a logical unit is, in the form that libiscsi and QEMU use: `iscsi://[user[%secret]@]host[:port]/target/lun[?key=value&...]`, with
 * IPv6 addresses in brackets (RFC 3986 §3.2.2); and the same without target or LUN, for discovery.
 */
import { parsePortal, type PortalAddress, portalText } from './portal-address.ts';

export interface IscsiUrl {
  readonly portal: PortalAddress;
  readonly user: string | undefined;
  readonly secret: string | undefined;
  /** Undefined in a URL of a portal. */
  readonly target: string | undefined;
  readonly lun: number | undefined;
  /** `header_digest`, `data_digest`, `target_user`, `target_password`. */
  readonly options: ReadonlyMap<string, string>;
}

export type ParsedUrl = IscsiUrl | { readonly wrong: string };

const SCHEME = 'iscsi://';
const LUN_MAX = 0x3fff;
/** RFC 7143 §4.2.7.1: what iSCSI names are made of; type names tell the three formats apart. */
const TARGET = /^(?:iqn|eui|naa)\.[\p{L}\p{N}.:_-]{1,219}$/u;
const known: ReadonlySet<string> = new Set(['header_digest', 'data_digest', 'target_user', 'target_password']);

/** What is wrong is said without what might be a secret. */
export function parseIscsiUrl(text: string): ParsedUrl {
  if (text.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return { wrong: 'it does not begin with iscsi://' };
  const query = text.indexOf('?');
  const body = text.slice(SCHEME.length, query === -1 ? undefined : query);
  const slash = body.indexOf('/');
  const authority = slash === -1 ? body : body.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const portal = parsePortal(authority.slice(at + 1));
  if (portal === undefined || portal.groupTag !== undefined) return { wrong: 'its host or port is none' };
  const path = slash === -1 ? [] : body.slice(slash + 1).split('/');
  if (path.at(-1) === '') path.pop();
  if (path.length > 2) return { wrong: 'it has more parts than target and LUN' };
  const [target, lunText] = path;
  if (target !== undefined && !TARGET.test(target)) return { wrong: 'its target is no iSCSI name (iqn., eui. or naa.)' };
  const lun = lunText === undefined ? undefined : Number(lunText);
  if (lunText !== undefined && (!/^[0-9]{1,5}$/.test(lunText) || lun! > LUN_MAX))
    return { wrong: `its LUN is no number from 0 to ${LUN_MAX}` };
  const options = new Map<string, string>();
  for (const pair of query === -1 ? [] : text.slice(query + 1).split('&')) {
    const equals = pair.indexOf('=');
    const key = equals === -1 ? pair : pair.slice(0, equals);
    if (!known.has(key)) return { wrong: `it has an option ${key.slice(0, 32)}, which is not known` };
    options.set(key, equals === -1 ? '' : pair.slice(equals + 1));
  }
  return {
    portal: { host: portal.host, port: portal.port },
    ...credentials(at === -1 ? '' : authority.slice(0, at)),
    target,
    lun,
    options,
  };
}

/** The user ends at the first percent sign: it is no escape here. */
function credentials(text: string): { readonly user: string | undefined; readonly secret: string | undefined } {
  if (text === '') return { user: undefined, secret: undefined };
  const percent = text.indexOf('%');
  return percent === -1 ? { user: text, secret: undefined } : { user: text.slice(0, percent), secret: text.slice(percent + 1) };
}

/** Without credentials, for people. */
export const iscsiUrlText = (portal: PortalAddress, target: string, lun: number): string =>
  `${SCHEME}${portalText(portal)}/${target}/${lun}`;
