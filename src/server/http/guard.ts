/**
 * Who may ask what over TCP. A browser runs the pages of every site on the machine where the fabric is: so nothing is answered that another site sent
 * (Origin, Sec-Fetch-Site), nor under another name than that of the page (Host: DNS rebinding), and nothing acts without the token.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIPv4 } from 'node:net';
import { canonicalIpv6, isLoopback } from '../../fabric/address.ts';
import type { FailedTokens } from './failed-tokens.ts';

export interface GuardSettings {
  /** That the page listens on. */
  readonly host: string;
  readonly isLoopback: boolean;
  readonly token: string;
}

export interface Asked {
  readonly headers: IncomingHttpHeaders;
  /** Address of whoever asks. */
  readonly remote: string;
  /** It would change something. */
  readonly acts: boolean;
  /** Everybody may have it: files of the page, and whether it is there. */
  readonly isOpen: boolean;
}

export interface Admitted {
  /** It has shown the token. */
  readonly mayAct: boolean;
}

export interface Refused {
  readonly status: 401 | 403 | 429;
  /** A sentence. */
  readonly error: string;
  /** Another site, or another name: somebody should hear of it. */
  readonly isForeign?: boolean;
}

export type Verdict = Admitted | Refused;

const FOREIGN_HOST = 'The Host of the request is not the address of the page.';
const FOREIGN_SITE = 'The request comes from another site.';

/** Is this request one that may be answered? */
export function judge(asked: Asked, settings: GuardSettings, failed: FailedTokens): Verdict {
  const { headers } = asked;
  const foreign = foreignness(headers, settings, asked.isOpen);
  if (foreign !== undefined) return { status: 403, error: foreign, isForeign: true };
  if (asked.isOpen) return { mayAct: false };
  const given = bearerToken(headers.authorization);
  if (given === undefined) {
    if (!asked.acts && settings.isLoopback) return { mayAct: false };
    return { status: 401, error: 'This takes the token, which stands in the address that `samewire up` printed.' };
  }
  return tokenVerdict(given, asked.remote, settings, failed);
}

/** The same for a WebSocket, which shows its token as a subprotocol. On loopback a wrong one makes it a reader. */
export function judgeUpgrade(asked: Pick<Asked, 'headers' | 'remote'>, settings: GuardSettings, failed: FailedTokens): Verdict {
  const foreign = foreignness(asked.headers, settings, false);
  if (foreign !== undefined) return { status: 403, error: foreign, isForeign: true };
  const given = protocolToken(asked.headers['sec-websocket-protocol']) ?? bearerToken(asked.headers.authorization);
  if (given === undefined)
    return settings.isLoopback ? { mayAct: false } : { status: 401, error: 'This takes the token, as the subprotocol `token.` with it.' };
  const verdict = tokenVerdict(given, asked.remote, settings, failed);
  return settings.isLoopback && 'status' in verdict && verdict.status === 401 ? { mayAct: false } : verdict;
}

function tokenVerdict(given: string, remote: string, { token }: GuardSettings, failed: FailedTokens): Verdict {
  if (failed.isShut(remote)) return { status: 429, error: 'Too many wrong tokens came from this address: wait a minute.' };
  if (sameText(given, token)) return { mayAct: true };
  failed.add(remote, given);
  return { status: 401, error: 'The token is not the one of this run: open the address that `samewire up` printed.' };
}

function foreignness(headers: IncomingHttpHeaders, settings: GuardSettings, isOpen: boolean): string | undefined {
  if (!isOwnHost(headers.host, settings)) return FOREIGN_HOST;
  if (!isOwnOrigin(headers.origin, headers.host)) return FOREIGN_SITE;
  const site = headers['sec-fetch-site'];
  // Somebody may have followed a link to the page.
  return isOpen || site === undefined || site === 'same-origin' || site === 'none' ? undefined : FOREIGN_SITE;
}

/** Elsewhere than on loopback everything takes the token, and machines have names that nobody told us. */
export function isOwnHost(given: string | undefined, { host, isLoopback: onlyHere }: Pick<GuardSettings, 'host' | 'isLoopback'>): boolean {
  const name = hostName(given ?? '');
  if (name === undefined) return false;
  // Any port: somebody may come through a tunnel.
  return !onlyHere || name === host || name === 'localhost' || isLoopbackAddress(name);
}

/** An Origin that is there has to be that of the page. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  const own = (host ?? '').toLowerCase();
  // A proxy in front may speak TLS.
  return origin.toLowerCase() === `http://${own}` || origin.toLowerCase() === `https://${own}`;
}

/** Of `name:port` or `[address]:port`; undefined: it is neither. */
function hostName(given: string): string | undefined {
  const bracketed = /^\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?$/.exec(given);
  if (bracketed !== null) return canonicalIpv6(bracketed[1]!);
  return /^([A-Za-z0-9._-]{1,253})(?::\d{1,5})?$/.exec(given)?.[1]!.toLowerCase();
}

/** 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104. */
export function isLoopbackAddress(host: string): boolean {
  if (isIPv4(host)) return isLoopback({ host, family: 'ipv4', port: undefined });
  const ipv6 = canonicalIpv6(host);
  return ipv6 !== undefined && isLoopback({ host: ipv6, family: 'ipv6', port: undefined });
}

const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : (/^Bearer ([^\s]{1,500})$/i.exec(authorization)?.[1] ?? '');

const protocolToken = (protocols: string | undefined): string | undefined =>
  protocols
    ?.split(',')
    .map((one) => one.trim())
    .find((one) => one.startsWith('token.'))
    ?.slice('token.'.length);

/** Takes as long whatever is the same. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
