/** A command as a multipath unit holds it, from the caller to whatever paths it takes, and how it may end. */
import { isIdempotent } from '../../wire/scsi/cdb.ts';
import type { Path } from './path.ts';
import type { PathAnswer, UnitCommand } from './path-link.ts';

export type MultipathReason =
  /** There is no path, and has not been for as long as commands wait for one. */
  | 'no-path'
  /** The path was lost while it was under way, and it is none that may be sent again. */
  | 'path-lost'
  /** It was sent as often as a command may be. */
  | 'attempts'
  | 'queue-full'
  | 'aborted'
  | 'closed';

export interface MultipathFailure {
  readonly reason: MultipathReason;
  /** One sentence for people, without a full stop. */
  readonly message: string;
}

/** `failure`: why the unit gave up; `answer` is then the last one there was, if any. Without it `answer` is what the device or its transport said. */
export type UnitDone<Answer extends PathAnswer> = (answer: Answer | undefined, failure: MultipathFailure | undefined) => void;

export class UnitTask<Answer extends PathAnswer> {
  readonly command: UnitCommand;
  readonly isReplayable: boolean;
  readonly weightBytes: number;
  state: 'waiting' | 'sent' | 'done' = 'waiting';
  attempts = 0;
  attentionsLeft: number;
  isAborted = false;
  /** It was called off on this path in order to be sent by another. */
  isMoving = false;
  /** Where it is, or was last. */
  path: Path<Answer> | undefined = undefined;
  answer: Answer | undefined = undefined;
  readonly #done: UnitDone<Answer>;

  /** `done` runs exactly once; nobody touches the buffers after it. */
  constructor(command: UnitCommand, done: UnitDone<Answer>) {
    this.command = command;
    this.isReplayable = command.replay ?? isIdempotent(command.cdb);
    this.attentionsLeft = command.attentionRetries ?? 0;
    let bytes = command.dataInBytes ?? 0;
    for (const view of command.dataOut ?? []) bytes += view.length;
    this.weightBytes = bytes;
    this.#done = done;
  }

  finish(answer: Answer | undefined, failure: MultipathFailure | undefined): void {
    if (this.state === 'done') return;
    this.state = 'done';
    this.#done(answer, failure);
  }
}
