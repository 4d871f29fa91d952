/** The WebSocket to the fabric: opened again whenever it is lost, for as long as the page is there. */
import type { FeedHello, FeedMessage, FeedRequest, FeedUpdate } from '../../../src/server/page.ts';
import { backOffMilliseconds } from './back-off.ts';

export type Connection =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open'; readonly mayAct: boolean; readonly fabric: string; readonly version: string }
  /** `at`: milliseconds of `Date.now()` when it is tried again. */
  | { readonly phase: 'waiting'; readonly at: number; readonly why: 'lost' | 'stopped' }
  /** Whoever wants to look has to show the token first. */
  | { readonly phase: 'refused' };

export interface FeedHandlers {
  handleConnection(connection: Connection): void;
  handleHello(hello: FeedHello): void;
  handleUpdate(update: FeedUpdate): void;
  /** It ended before anything came: a browser does not say why. */
  handleFailure(): void;
}

/** One comes each second; after so long without, whoever is at the other end is not there any more. */
const SILENCE_MILLISECONDS = 15_000;

export class FeedClient {
  readonly #handlers: FeedHandlers;
  readonly #tokenOf: () => string | undefined;
  #socket: WebSocket | undefined;
  #timer: number | undefined;
  #silence: number | undefined;
  #failures = 0;
  #isStopping = false;
  #hasSaidHello = false;
  #watched: string | null = null;

  constructor(handlers: FeedHandlers, tokenOf: () => string | undefined) {
    this.#handlers = handlers;
    this.#tokenOf = tokenOf;
  }

  /** Now, whatever was going on: to begin with, and when there is another token. */
  connect(): void {
    this.#leave();
    this.#handlers.handleConnection({ phase: 'connecting' });
    this.#hasSaidHello = false;
    const token = this.#tokenOf();
    const address = new URL('/api/feed', location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, ['samewire.1', ...(token === undefined ? [] : [`token.${token}`])]);
    this.#socket = socket;
    this.#listenForSilence();
    socket.addEventListener('message', ({ data }) => {
      if (socket === this.#socket) this.#handle(JSON.parse(String(data)) as FeedMessage);
    });
    socket.addEventListener('close', () => {
      if (socket === this.#socket) this.#wait();
    });
  }

  /** The node whose detail comes with each update. */
  watch(node: string | undefined): void {
    this.#watched = node ?? null;
    this.#sendWatch();
  }

  /** There is no use in trying before somebody has the token. */
  refuse(): void {
    this.#leave();
    this.#handlers.handleConnection({ phase: 'refused' });
  }

  #handle(message: FeedMessage): void {
    this.#listenForSilence();
    if (message.type === 'update') this.#handlers.handleUpdate(message);
    else if (message.type === 'stopping') this.#isStopping = true;
    else {
      this.#failures = 0;
      this.#isStopping = false;
      this.#hasSaidHello = true;
      this.#handlers.handleConnection({ phase: 'open', mayAct: message.mayAct, fabric: message.fabric, version: message.version });
      this.#handlers.handleHello(message);
      if (this.#watched !== null) this.#sendWatch();
    }
  }

  #sendWatch(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: 'watch', node: this.#watched } satisfies FeedRequest));
  }

  #wait(): void {
    this.#leave();
    const wait = backOffMilliseconds(this.#failures, Math.random());
    this.#failures += 1;
    this.#handlers.handleConnection({ phase: 'waiting', at: Date.now() + wait, why: this.#isStopping ? 'stopped' : 'lost' });
    this.#timer = window.setTimeout(() => this.connect(), wait);
    if (!this.#hasSaidHello) this.#handlers.handleFailure();
  }

  #listenForSilence(): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => this.#wait(), SILENCE_MILLISECONDS);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }
}
