/** A logical unit behind an iSCSI session, as a path for multipath (RFC 7143 §4.4.1: the session is the I_T nexus). */
import type { Sense } from '../../../wire/scsi/sense.ts';
import type { PathDone, PathEnd, PathLink, PathLinkSink, UnitCommand } from '../../multipath/path-link.ts';
import { initiatorError } from './errors.ts';
import { KeptSession } from './kept-session.ts';
import type { InitiatorLimits } from './limits.ts';
import type { SessionPlan, SessionServices } from './session-types.ts';
import { InitiatorTask } from './task.ts';
import { iscsiUrlText } from './url.ts';

/** What paths share: a session, and whoever looks after both. */
export interface PathNexus {
  readonly kept: KeptSession;
  /** The path has its sink. */
  open(path: IscsiPath): void;
  close(path: IscsiPath, done: () => void): void;
}

/** A session, and the paths that share it: one for each logical unit. */
export class IscsiNexus implements PathNexus {
  readonly #kept: KeptSession;
  readonly #paths = new Map<number, IscsiPath>();
  #isOpen = false;

  constructor(plan: SessionPlan, limits: InitiatorLimits, services: SessionServices) {
    const each = (tell: (sink: PathLinkSink) => void): void => {
      for (const { sink } of this.#paths.values()) if (sink !== undefined) tell(sink);
    };
    this.#kept = new KeptSession(plan, limits, services, {
      handleUp: () => each((sink) => sink.handleUp()),
      handleDown: (error) => each((sink) => sink.handleDown(error.message)),
      handleAttention: (lun: number, sense: Sense) => this.#paths.get(lun)?.sink?.handleAttention(sense),
    });
  }

  get kept(): KeptSession {
    return this.#kept;
  }

  /** The path to a unit: one for each LUN, and the same when asked twice. */
  path(lun: number): IscsiPath {
    let path = this.#paths.get(lun);
    if (path === undefined) {
      path = new IscsiPath(this, lun);
      this.#paths.set(lun, path);
    }
    return path;
  }

  open(path: IscsiPath): void {
    if (this.#kept.isUp) path.sink?.handleUp();
    else if (!this.#isOpen) this.#kept.open();
    this.#isOpen = true;
  }

  /** The last path takes the session with it. */
  close(path: IscsiPath, done: () => void): void {
    if (!this.#paths.delete(path.lun) || this.#paths.size !== 0) return done();
    this.#kept.close(done);
  }
}

export class IscsiPath implements PathLink<InitiatorTask> {
  readonly name: string;
  readonly lun: number;
  sink: PathLinkSink | undefined = undefined;
  readonly #nexus: PathNexus;

  /** `name`: where people know it by another one than its URL. */
  constructor(nexus: PathNexus, lun: number, name?: string) {
    this.#nexus = nexus;
    this.lun = lun;
    const { portals, targetName } = nexus.kept.plan;
    this.name = name ?? iscsiUrlText(portals[0]!, targetName, lun);
  }

  start(sink: PathLinkSink): void {
    this.sink = sink;
    this.#nexus.open(this);
  }

  submit(command: UnitCommand, done: PathDone<InitiatorTask>): InitiatorTask {
    const { cdb, attribute, dataOut, dataInBytes, dataIn, timeoutNanos } = command;
    const request = { lun: this.lun, cdb, attribute, dataOut, dataInBytes, dataIn, timeoutNanos, replay: false, attentionRetries: 0 };
    const task = new InitiatorTask(request, (ended) => done(ended, endOf(ended)));
    const { session } = this.#nexus.kept;
    if (session === undefined) {
      task.error = initiatorError('closed', 'there is no session');
      task.finish();
    } else session.scheduler.submit(task);
    return task;
  }

  abort(task: InitiatorTask): void {
    this.#nexus.kept.session?.scheduler.abort(task, initiatorError('aborted', 'the command was called off'));
  }

  close(done: () => void): void {
    this.#nexus.close(this, done);
  }
}

function endOf({ error, connection }: InitiatorTask): PathEnd {
  if (error === undefined) return 'answered';
  const { reason } = error;
  // A Reject for which the connection was given up says nothing about this command: only one that left the connection standing does.
  const alone = reason !== 'rejected' || connection?.isFull === true;
  if (alone && (reason === 'aborted' || reason === 'rejected' || reason === 'queue-full' || reason === 'unsupported')) return 'failed';
  // It takes a connection to leave; BUSY, which says that it was not carried out, takes that away again.
  return connection === undefined ? 'unsent' : 'lost';
}
