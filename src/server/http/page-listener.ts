/** The TCP side of the page: listens, and lets in whom the guard admits. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventSink } from '../../base/event.ts';
import { formatAddress } from '../../fabric/address.ts';
import { crossSiteRefused, pageElsewhere } from '../events.ts';
import type { App, Door } from './app.ts';
import { CONNECTIONS_MAX, REQUEST_MILLISECONDS, UNREAD_MILLISECONDS } from './bounds.ts';
import { failedTokens } from './failed-tokens.ts';
import { type GuardSettings, isLoopbackAddress, judge, judgeUpgrade, type Verdict } from './guard.ts';
import type { PageChoice } from './page-address.ts';

export interface PageListener {
  readonly server: Server;
  /** `http://127.0.0.1:8326/`. */
  readonly url: string;
  readonly token: string;
  /** May this request become a WebSocket? */
  readonly authorize: (request: IncomingMessage) => Verdict;
  close(): Promise<void>;
}

const MINUTE_MILLISECONDS = 60_000;

/** Rejects with an Error of one clear sentence. */
export async function openPageListener(
  choice: PageChoice,
  app: Pick<App, 'handle'>,
  events: EventSink,
  unreadMilliseconds = UNREAD_MILLISECONDS,
): Promise<PageListener> {
  const { host, isLoopback } = choice;
  const server = createServer({
    requestTimeout: REQUEST_MILLISECONDS,
    headersTimeout: REQUEST_MILLISECONDS,
    connectionsCheckingInterval: REQUEST_MILLISECONDS / 5,
  });
  server.maxConnections = CONNECTIONS_MAX;
  // Whoever asks and reads no answer holds a place that others need. A capture of a quiet port has nothing to be read, and may go on.
  // Where something was taken meanwhile, Node asks a second time.
  server.setTimeout(unreadMilliseconds / 2, (socket) => {
    if (socket.writableLength > 0) socket.destroy();
  });
  const { address, port } = await listening(server, choice, events);
  if (isLoopback && !isLoopbackAddress(address)) {
    server.close();
    throw new Error(`${host} is ${address} here, which other machines could reach: write \`127.0.0.1:${port}\`.`);
  }
  const settings: GuardSettings = { host, isLoopback, token: choice.token ?? randomBytes(24).toString('base64url') };
  const failed = failedTokens(events, () => performance.now());
  const tell = foreignTeller(events);
  const told = (verdict: Verdict, remote: string): Verdict => {
    if ('isForeign' in verdict && verdict.isForeign === true) tell(remote, verdict.error);
    return verdict;
  };
  const door: Door = (asked) => told(judge(asked, settings, failed), asked.remote);
  server.on('request', (incoming, response) => app.handle(incoming, response, door));
  return {
    server,
    // Whoever stands on this machine reaches "every address" on loopback.
    url: `http://${formatAddress(address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : host, port)}/`,
    token: settings.token,
    authorize(request) {
      const remote = request.socket.remoteAddress ?? '';
      return told(judgeUpgrade({ headers: request.headers, remote }, settings, failed), remote);
    },
    close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function listening(server: Server, choice: PageChoice, events: EventSink): Promise<AddressInfo> {
  const { host, port, wasAsked } = choice;
  try {
    return await listenAt(server, host, port);
  } catch (error) {
    if (wasAsked || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw new Error(whyNot(error, host, port), { cause: error });
  }
  const found = await listenAt(server, host, 0);
  pageElsewhere(events, 'page', { usual: formatAddress(host, port), instead: formatAddress(host, found.port) });
  return found;
}

const listenAt = (server: Server, host: string, port: number): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      server.on('error', () => {}); // a failed accept concerns one connection, which is gone
      resolve(server.address() as AddressInfo);
    });
  });

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'permission is denied',
};

const whyNot = (error: unknown, host: string, port: number): string =>
  `The page can't listen on ${formatAddress(host, port)}: ${WHY[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message}.`;

/** A site that tries once tries often. */
function foreignTeller(events: EventSink): (remote: string, reason: string) => void {
  let toldAt = -MINUTE_MILLISECONDS;
  return (remote, reason) => {
    if (performance.now() - toldAt < MINUTE_MILLISECONDS) return;
    toldAt = performance.now();
    crossSiteRefused(events, 'page', { remote, reason: reason.charAt(0).toLowerCase() + reason.slice(1) });
  };
}
