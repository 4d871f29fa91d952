/** Where the page listens, and by which token. */
import { formatAddress, isLoopback, type PortalAddress } from '../../fabric/address.ts';
import { parseConnectAddress, parseListenAddress } from '../../fabric/address.ts';

export interface PageChoice {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Undefined: a random one, of this run. */
  readonly token: string | undefined;
  /** Nobody but this machine reaches it. */
  readonly isLoopback: boolean;
  /** Somebody wants it here, and nowhere else. */
  readonly wasAsked: boolean;
}

export const PAGE_PORT = 8326;
const PAGE_HOST = '127.0.0.1';
export const TOKEN_VARIABLE = 'SAMEWIRE_PAGE_TOKEN';
export const TOKEN_LENGTH_MIN = 16;
const TOKEN_LENGTH_MAX = 200;

/** `written` undefined: the usual place. Throws an Error of one clear sentence, in which no token is. */
export function choosePage(written: string | undefined, environment: Readonly<Record<string, string | undefined>>): PageChoice {
  const address = written === undefined ? undefined : parseAddress(written);
  const token = tokenOf(environment[TOKEN_VARIABLE]);
  const host = address?.host ?? PAGE_HOST;
  const port = address?.port ?? PAGE_PORT;
  const loopback = address === undefined || isLoopback(address);
  if (!loopback && token === undefined) {
    throw new Error(
      `The page at ${formatAddress(host, port)} could be reached from other machines: set ${TOKEN_VARIABLE} to a token of ${TOKEN_LENGTH_MIN} characters or more, which everybody who opens it needs.`,
    );
  }
  return { host, port, token, isLoopback: loopback, wasAsked: address !== undefined };
}

function parseAddress(written: string): PortalAddress {
  // Of all names, only this one says who can reach it.
  const parsed = /^localhost(:|$)/i.test(written.trim()) ? withPortZero(written.trim()) : parseListenAddress(written.slice(0, 300));
  if ('value' in parsed) return parsed.value;
  throw new Error(
    `\`--page ${written.slice(0, 80)}\` is no address for the page. Write an address and a port, such as \`127.0.0.1:${PAGE_PORT}\`.`,
  );
}

/** Port 0 is nothing to connect to, and something to listen on. */
const withPortZero = (written: string): ReturnType<typeof parseConnectAddress> =>
  written.toLowerCase() === 'localhost:0' ? { value: { host: 'localhost', family: 'name', port: 0 } } : parseConnectAddress(written);

function tokenOf(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined;
  if (given.length >= TOKEN_LENGTH_MIN && given.length <= TOKEN_LENGTH_MAX && /^[A-Za-z0-9._~-]+$/.test(given)) return given;
  throw new Error(
    `${TOKEN_VARIABLE} takes a token of ${TOKEN_LENGTH_MIN} to ${TOKEN_LENGTH_MAX} characters: letters, digits, \`.\`, \`_\`, \`~\` and \`-\`.`,
  );
}
