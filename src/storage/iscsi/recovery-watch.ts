/**
 * The timeouts of error recovery level 1 on one connection (RFC 7143 §7.1.4.1-2): data-out that stopped is asked for again, and a NOP-In tells an
 * initiator that acknowledges nothing which StatSN comes next, so that it finds out what it has missed.
 */
import type { Clock, Nanos, Timer } from '../../base/clock.ts';
import type { Datamover } from './datamover.ts';
import type { CommandOwner, TargetCommand } from './target-command.ts';

export interface WatchedConnection extends CommandOwner {
  /** Data of a command was asked for again; 0 bytes is not said. */
  dataAskedAgain(command: TargetCommand, bytes: number): void;
  /** The data of a command was asked for often enough. */
  dataNeverCame(command: TargetCommand): void;
  /** Sends a NOP-In that asks for an answer. */
  solicit(): void;
}

export class RecoveryWatch {
  readonly #clock: Clock;
  readonly #intervalNanos: Nanos;
  readonly #connection: WatchedConnection;
  readonly #datamover: Datamover;
  readonly #commands: ReadonlyMap<number, TargetCommand>;
  #timer: Timer | undefined;
  #oldestStatus: number | undefined;

  constructor(
    clock: Clock,
    intervalNanos: Nanos,
    connection: WatchedConnection,
    datamover: Datamover,
    commands: ReadonlyMap<number, TargetCommand>,
  ) {
    this.#clock = clock;
    this.#intervalNanos = intervalNanos;
    this.#connection = connection;
    this.#datamover = datamover;
    this.#commands = commands;
    this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#intervalNanos, () => {
      this.#wait();
      this.#look();
    });
  }

  #look(): void {
    for (const command of this.#commands.values()) {
      if (command.owner !== this.#connection) continue;
      const bytes = this.#datamover.watchData(command);
      if (bytes > 0) this.#connection.dataAskedAgain(command, bytes);
      else if (bytes < 0) this.#connection.dataNeverCame(command);
    }
    const oldest = this.#datamover.kept?.oldest;
    // What has not left yet can't be acknowledged.
    if (oldest !== undefined && oldest === this.#oldestStatus && this.#datamover.pendingBytes === 0) this.#connection.solicit();
    this.#oldestStatus = oldest;
  }
}
