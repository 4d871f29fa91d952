/** A session at an iSCSI target (RFC 7143 §4.4.3): its nexus, its commands, and the command numbering that orders them over connections. */
import { serialAdd, serialLess, serialLessOrEqual } from '../../base/serial.ts';
import type { Clock } from '../../base/clock.ts';
import { initiatorTaskTag, opcodeOf, SCSI_COMMAND } from '../../wire/iscsi/basic-header.ts';
import { sense } from '../../wire/scsi/sense.ts';
import type { TargetDevice } from '../scsi/target-device.ts';
import type { Nexus } from '../scsi/nexus.ts';
import type { UnitNexus } from '../scsi/unit-nexus.ts';
import type { Authentication, LoginIdentity } from './login-target.ts';
import type { Parameters } from './parameters.ts';
import { type Placement } from './pdu-reader.ts';
import { type RecoverableConnection, type RecoveringSession, SessionRecovery } from './session-recovery.ts';
import { Staging } from './staging.ts';
import type { TargetCommand } from './target-command.ts';

/** Data-Outs of one command that waits; more of them are smaller than anybody sends. */
const HELD_DATA_MAX = 512;

/** Who handles a request whose turn in the command order has come. */
export interface RequestHandler {
  process(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void;
  /** A Data-Out that came before the turn of its command, which has come now. */
  receiveData(bytes: Uint8Array, dataAt: number, dataBytes: number): void;
}

/** What a session knows of its connections. */
export interface SessionConnection extends RequestHandler, RecoverableConnection {
  /** Tells of another connection of the session that was dropped (RFC 7143 §11.9.1, event 2). */
  announceDropped(connectionId: number): void;
  /** Closes the connection: at once, or after what was written has left. */
  close(gracefully: boolean): void;
}

interface HeldRequest {
  readonly connection: RequestHandler;
  readonly bytes: Uint8Array;
  readonly dataAt: number;
  readonly dataBytes: number;
  readonly placement: Placement | undefined;
  /** Unsolicited Data-Outs of a command that waits, each from its header on; FirstBurstLength bounds them. */
  readonly data: { readonly bytes: Uint8Array; readonly dataAt: number; readonly dataBytes: number }[];
  unsolicitedBytes: number;
}

export type SessionEnd = (session: TargetSession, reason: string) => void;

/** What a session needs of its surroundings, and tells them. */
export interface SessionSurroundings {
  readonly clock: Clock;
  /** Tells the session from all that its service ever had; a TSIH is given again. */
  readonly id: number;
  /** A connection is gone, and its tasks wait for another one. */
  kept(session: TargetSession, connection: RecoverableConnection, tasks: number): void;
  /** They waited in vain. */
  expired(session: TargetSession, connection: RecoverableConnection, tasks: number): void;
  ended: SessionEnd;
}

export class TargetSession implements RecoveringSession {
  readonly tsih: number;
  readonly identity: LoginIdentity;
  readonly isid: string;
  readonly authentication: Authentication;
  readonly parameters: Parameters;
  /** Undefined in a discovery session. */
  readonly device: TargetDevice | undefined;
  readonly nexus: Nexus;
  readonly connections = new Map<number, SessionConnection>();
  readonly commands = new Map<number, TargetCommand>();
  readonly counters = { commands: 0, readBytes: 0, writtenBytes: 0, ignoredRequests: 0 };

  readonly recovery = new SessionRecovery(this);
  readonly #window: number;
  readonly #surroundings: SessionSurroundings;
  readonly #links: (UnitNexus | undefined)[] = [];
  readonly #held = new Map<number, HeldRequest>();
  readonly #endWaiters: (() => void)[] = [];
  #expected: number;
  #max: number;
  #inWindow = 0;
  #closing = false;
  #ended = false;

  constructor(
    tsih: number,
    identity: LoginIdentity,
    isid: string,
    authentication: Authentication,
    parameters: Parameters,
    device: TargetDevice | undefined,
    nexus: Nexus,
    initialCommandSequenceNumber: number,
    window: number,
    surroundings: SessionSurroundings,
  ) {
    this.tsih = tsih;
    this.identity = identity;
    this.isid = isid;
    this.authentication = authentication;
    this.parameters = parameters;
    this.device = device;
    this.nexus = nexus;
    this.#window = window;
    this.#surroundings = surroundings;
    this.#expected = initialCommandSequenceNumber;
    this.#max = serialAdd(initialCommandSequenceNumber, window - 1);
  }

  get expectedCommandSequenceNumber(): number {
    return this.#expected;
  }

  get maxCommandSequenceNumber(): number {
    this.#advanceWindow();
    return this.#max;
  }

  get id(): number {
    return this.#surroundings.id;
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** The I_T_L nexus for a unit, looked up once. */
  link(lun: number): UnitNexus | undefined {
    let link = this.#links[lun];
    if (link === undefined) {
      link = this.device?.units.get(lun)?.link(this.nexus);
      if (link !== undefined) this.#links[lun] = link;
    }
    return link;
  }

  /**
   * Takes a request with a CmdSN in the order of the session (RFC 7143 §4.2.2.1): its turn comes now, or when those before it have
   * come on other connections; what lies outside the window, or has come before, is ignored silently.
   */
  order(
    connection: RequestHandler,
    commandSequenceNumber: number,
    bytes: Uint8Array,
    at: number,
    dataAt: number,
    dataBytes: number,
    placement: Placement | undefined,
  ): void {
    if (commandSequenceNumber === this.#expected && serialLessOrEqual(commandSequenceNumber, this.#max)) {
      this.#expected = serialAdd(this.#expected, 1);
      connection.process(bytes, at, dataAt, dataBytes, placement);
      if (this.#held.size !== 0) this.#processHeld();
      return;
    }
    if (
      serialLess(commandSequenceNumber, this.#expected) ||
      serialLess(this.#max, commandSequenceNumber) ||
      this.#held.has(commandSequenceNumber)
    ) {
      this.counters.ignoredRequests += 1;
      if (placement instanceof Staging) placement.release();
      return;
    }
    const end = dataAt === -1 ? at + 48 + bytes[at + 4]! * 4 : dataAt + dataBytes;
    this.#held.set(commandSequenceNumber, {
      connection,
      bytes: bytes.slice(at, end),
      dataAt: dataAt === -1 ? -1 : dataAt - at,
      dataBytes,
      placement,
      data: [],
      unsolicitedBytes: dataBytes,
    });
  }

  /** Keeps a Data-Out with the command it belongs to, if that waits for its turn. */
  holdData(connection: RequestHandler, bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): boolean {
    for (const held of this.#held.values()) {
      if (held.connection !== connection || opcodeOf(held.bytes, 0) !== SCSI_COMMAND) continue;
      if (initiatorTaskTag(held.bytes, 0) !== initiatorTaskTag(bytes, at)) continue;
      if (held.unsolicitedBytes + dataBytes > this.parameters.firstBurstBytes || held.data.length >= HELD_DATA_MAX) return false;
      held.unsolicitedBytes += dataBytes;
      held.data.push({ bytes: bytes.slice(at, dataAt + dataBytes), dataAt: dataAt - at, dataBytes });
      return true;
    }
    return false;
  }

  #processHeld(): void {
    for (let next = this.#held.get(this.#expected); next !== undefined; next = this.#held.get(this.#expected)) {
      this.#held.delete(this.#expected);
      this.#expected = serialAdd(this.#expected, 1);
      if (this.#closing) {
        if (next.placement instanceof Staging) next.placement.release();
        continue;
      }
      next.connection.process(next.bytes, 0, next.dataAt, next.dataBytes, next.placement);
      for (const { bytes, dataAt, dataBytes } of next.data) next.connection.receiveData(bytes, dataAt, dataBytes);
    }
  }

  /**
   * ABORT TASK for a command that has not come (RFC 7143 §11.5.5): its CmdSN counts as received, so that nothing waits for it. False
   * if the number is outside the window or its command is known.
   */
  plug(commandSequenceNumber: number): boolean {
    if (serialLess(commandSequenceNumber, this.#expected) || serialLess(this.#max, commandSequenceNumber)) return false;
    const held = this.#held.get(commandSequenceNumber);
    if (held?.placement instanceof Staging) held.placement.release();
    const nothing: RequestHandler = { process() {}, receiveData() {} };
    this.#held.set(commandSequenceNumber, {
      connection: nothing,
      bytes: new Uint8Array(48),
      dataAt: 48,
      dataBytes: 0,
      placement: undefined,
      data: [],
      unsolicitedBytes: 0,
    });
    if (commandSequenceNumber === this.#expected) this.#processHeld();
    return true;
  }

  add(command: TargetCommand): void {
    this.commands.set(command.initiatorTaskTag, command);
    if (!command.immediate) this.#inWindow += 1;
    this.counters.commands += 1;
  }

  /** The command takes no place in the window any more; called before its response is written, so that the response tells of it. */
  remove(command: TargetCommand): void {
    if (this.commands.get(command.initiatorTaskTag) !== command) return;
    this.commands.delete(command.initiatorTaskTag);
    if (!command.immediate) this.#inWindow -= 1;
    this.#advanceWindow();
  }

  /**
   * RFC 7143 §4.2.2.1: MaxCmdSN never goes back. It advances as commands end, so that at most `window` are under way; other requests are
   * over when they are answered.
   */
  #advanceWindow(): void {
    const max = serialAdd(this.#expected, this.#window - 1 - this.#inWindow);
    if (serialLess(this.#max, max)) this.#max = max;
  }

  // ---- connections that come and go ----

  /** Connection recovery was agreed on, and there is time for it. */
  get recovers(): boolean {
    return this.parameters.errorRecoveryLevel === 2 && this.parameters.time2RetainSeconds !== 0;
  }

  get clock(): Clock {
    return this.#surroundings.clock;
  }

  get time2WaitSeconds(): number {
    return this.parameters.time2WaitSeconds;
  }

  get time2RetainSeconds(): number {
    return this.parameters.time2RetainSeconds;
  }

  get maxConnections(): number {
    return this.parameters.maxConnections;
  }

  /**
   * A connection enters. RFC 7143 §6.3.4: one with the same ID, living or lost, is logged out by that, at level 2 for recovery;
   * `expectedStatus` (ExpStatSN) is of that one (§11.12.9).
   */
  enter(connection: SessionConnection, expectedStatus: number): void {
    const { connectionId } = connection;
    const earlier = this.connections.get(connectionId);
    const lost = this.recovery.lost(connectionId);
    this.connections.set(connectionId, connection);
    (earlier ?? lost)?.acknowledge(expectedStatus);
    if (lost !== undefined) this.recovery.logOut(connectionId);
    if (earlier === undefined) return;
    if (this.recovers) this.#depart(earlier, true);
    else {
      this.terminateCommandsOf(earlier);
      earlier.discard();
    }
    earlier.close(false);
  }

  /** A connection is logged out for recovery: its tasks may be taken over by others. */
  removeForRecovery(connection: SessionConnection): void {
    this.connections.delete(connection.connectionId);
    this.#depart(connection, true);
  }

  /**
   * A connection broke. RFC 7143 §7.1.4: below error recovery level 2 its session goes with it. False: it had been logged out, or another one has
   * taken its place.
   */
  lose(connection: SessionConnection, reason: string): boolean {
    const { connectionId } = connection;
    if (this.connections.get(connectionId) !== connection) return false;
    if (this.parameters.errorRecoveryLevel < 2 || this.#closing) {
      connection.discard();
      this.connections.delete(connectionId);
      this.end(reason, undefined);
      return true;
    }
    this.connections.delete(connectionId);
    if (this.recovers) this.#depart(connection, false);
    else {
      connection.discard();
      this.terminateCommandsOf(connection);
      if (this.connections.size === 0) this.end(reason, undefined);
    }
    for (const other of this.connections.values()) {
      other.announceDropped(connectionId);
      break;
    }
    return true;
  }

  /** RFC 7143 §11.14: what was not acknowledged by ExpCmdSN is discarded, the rest waits. */
  #depart(connection: SessionConnection, loggedOut: boolean): void {
    this.#dropHeld(connection);
    this.#surroundings.kept(this, connection, this.#tasksOf(connection));
    this.recovery.add(connection, loggedOut);
  }

  #tasksOf(connection: RecoverableConnection): number {
    let tasks = connection.kept?.size ?? 0;
    for (const command of this.commands.values()) if (command.owner === connection) tasks += 1;
    return tasks;
  }

  /** The tasks of a connection that is gone have waited long enough; the session with them, if it has no connection left (RFC 7143 §13.16). */
  expire(connection: RecoverableConnection): void {
    this.#surroundings.expired(this, connection, this.#tasksOf(connection));
    this.terminateCommandsOf(connection);
    if (this.connections.size === 0 && !this.recovery.waiting) this.end('its connections were not recovered in time', undefined);
  }

  #dropHeld(connection: unknown): void {
    for (const [commandSequenceNumber, held] of this.#held) {
      if (held.connection !== connection) continue;
      this.#held.delete(commandSequenceNumber);
      if (held.placement instanceof Staging) held.placement.release();
    }
  }

  /**
   * A connection goes and the session stays: terminates its commands, and forgets those it brought whose turn has not come. RFC 7143 §7.6:
   * the initiator is told by a unit attention.
   */
  terminateCommandsOf(owner: RecoverableConnection): void {
    this.#dropHeld(owner);
    for (const command of this.commands.values()) {
      if (command.owner !== owner || command.unit === undefined) continue;
      const { link } = command;
      command.unit.tasks.abort([command], () => link.attention(sense('UNIT ATTENTION', 'COMMANDS_CLEARED_BY_ISCSI')));
    }
  }

  /** Ends the session: aborts its commands, tells the logical units of the nexus loss; `then` runs once all of that is over. */
  end(reason: string, then: (() => void) | undefined): void {
    if (then !== undefined) {
      if (this.#ended) return then();
      this.#endWaiters.push(then);
    }
    if (this.#closing) return;
    this.#closing = true;
    for (const held of this.#held.values()) if (held.placement instanceof Staging) held.placement.release();
    this.#held.clear();
    const ended = (): void => {
      this.#ended = true;
      this.#surroundings.ended(this, reason);
      for (const waiter of this.#endWaiters.splice(0)) waiter();
    };
    for (const connection of this.connections.values()) {
      connection.discard();
      connection.close(false);
    }
    this.connections.clear();
    this.recovery.stop();
    if (this.device === undefined) ended();
    else this.device.nexusLost(this.nexus, ended);
  }
}
