/** The raw initiator on a real socket, with promises: for tests of the process as its users run it. */
import { connect, type Socket } from 'node:net';
import { type InitiatorOptions, RawInitiator, type Result, type Task } from '../fuzz/raw-initiator.ts';

const WAIT_LIMIT_MS = 20_000;

export function splitAddress(portal: string): { readonly host: string; readonly port: number } {
  const colon = portal.lastIndexOf(':');
  return { host: portal.slice(0, colon).replaceAll(/[[\]]/g, ''), port: Number(portal.slice(colon + 1)) };
}

export class SocketInitiator {
  readonly raw: RawInitiator;
  closed = false;
  readonly #socket: Socket;
  #wake: (() => void)[] = [];
  #failure: unknown;

  private constructor(socket: Socket, options: Omit<InitiatorOptions, 'send'>) {
    this.#socket = socket;
    this.raw = new RawInitiator({ ...options, send: (bytes) => void socket.write(bytes) });
    socket.on('data', (bytes: Buffer) => {
      try {
        this.raw.handleBytes(bytes);
      } catch (error) {
        this.#failure = error;
      }
      this.#woken();
    });
    socket.on('error', () => {}); // the close that follows says it
    socket.on('close', () => {
      this.closed = true;
      this.#woken();
    });
  }

  /** Connects and logs in; rejects where the target does not let it. */
  static async open(portal: string, options: Omit<InitiatorOptions, 'send'>): Promise<SocketInitiator> {
    const socket = connect(splitAddress(portal));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const initiator = new SocketInitiator(socket, options);
    initiator.raw.login();
    await initiator.until(() => initiator.raw.loginStatus !== undefined);
    if (!initiator.raw.loggedIn) throw new Error(`the login was refused: ${initiator.raw.loginStatus?.toString(16)}`);
    return initiator;
  }

  /** Waits until `condition` holds, looking again whenever bytes come or the connection ends. */
  async until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + WAIT_LIMIT_MS;
    while (!condition()) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.closed) throw new Error('the connection was closed before what was waited for');
      if (performance.now() > deadline) throw new Error('what was waited for did not happen in time');
      await this.#next();
    }
  }

  async run(task: Task): Promise<Result> {
    const tag = this.raw.execute(task);
    await this.until(() => this.raw.results.has(tag));
    return this.raw.results.get(tag)!;
  }

  /** Ends the session as one should. */
  async logout(): Promise<void> {
    const tag = this.raw.logout();
    await this.until(() => this.raw.responses.has(tag));
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves when the connection is over. */
  async untilClosed(): Promise<void> {
    const deadline = performance.now() + WAIT_LIMIT_MS;
    while (!this.closed) {
      if (performance.now() > deadline) throw new Error('the connection was not closed in time');
      await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 200);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #woken(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
