/**
 * What multipath needs of a path to a logical unit (an I_T_L nexus, SAM-5 §4.7), whatever transport carries it: an iSCSI session, over TCP or
 * over RDMA, a Fibre Channel login, an SRP channel.
 */
import type { Nanos } from '../../base/clock.ts';
import type { Sense } from '../../wire/scsi/sense.ts';
import type { TaskAttribute } from '../../wire/scsi/status.ts';

/** A command for the unit; which LUN it has, each path knows. */
export interface UnitCommand {
  /** 16 bytes at most. Must not change until the command is done. */
  readonly cdb: Uint8Array;
  readonly attribute?: TaskAttribute | undefined;
  /** Must not change until the command is done. A command moves data one way. */
  readonly dataOut?: readonly Uint8Array[] | undefined;
  readonly dataInBytes?: number | undefined;
  readonly dataIn?: Uint8Array | undefined;
  /** For each time it is sent. 0: for ever. Default: the transport's. */
  readonly timeoutNanos?: Nanos | undefined;
  /** Whether it may be sent again when nobody knows if it was carried out; by default what is known of the command decides. */
  readonly replay?: boolean | undefined;
  /** How often it is sent again after UNIT ATTENTION. Those that tell of changed access don't count. Default: never. */
  readonly attentionRetries?: number | undefined;
}

/** How a command ended on a path. */
export interface PathAnswer {
  /** SCSI status; -1: it came to none. */
  readonly status: number;
  readonly sense: Uint8Array;
  readonly data: Uint8Array;
}

export type PathEnd =
  /** With a status. */
  | 'answered'
  /** Without one, and nobody knows whether it was carried out. */
  | 'lost'
  /** Without one, and it never left, or was refused in a way that says it was not carried out. */
  | 'unsent'
  /** For a reason of its own, which it would meet on every path: it was called off, or can't be sent at all. */
  | 'failed';

export type PathDone<Answer extends PathAnswer> = (answer: Answer, end: PathEnd) => void;

/** What a path is told by its transport. */
export interface PathLinkSink {
  /** Commands can be sent. Only then are they. */
  handleUp(): void;
  /** They can't; what was under way ends next, as `lost` or `unsent`. Also told of attempts to connect that fail. */
  handleDown(reason: string): void;
  /** The unit reported a UNIT ATTENTION by this path, in an answer or by itself; comes before the answer it stood in. */
  handleAttention(sense: Sense): void;
}

/** A transport's end of a path. It connects by itself, and does so again whenever it is down, until it is closed. */
export interface PathLink<Answer extends PathAnswer> {
  /** For people: `iscsi://192.0.2.1:3260/iqn.../0`. */
  readonly name: string;
  start(sink: PathLinkSink): void;
  /**
   * Sends a command once, whatever its `replay` and `attentionRetries` say; `done` runs once, perhaps before this returns. What is given
   * back is what it will answer with.
   */
  submit(command: UnitCommand, done: PathDone<Answer>): Answer;
  /** Calls a command off; it ends by `done` all the same. */
  abort(answer: Answer): void;
  /** Finishes what is under way; `done` runs once the path is gone for good. */
  close(done: () => void): void;
}
