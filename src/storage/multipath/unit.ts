/**
 * A logical unit over several paths (asymmetric access: SPC-4 §5.16.2). Commands go by the best paths there are; what a lost path leaves
 * unanswered is sent again by another where that does no harm; where no path is left, commands wait as long as they were told to.
 *
 * A write whose path was lost may still be on its way in the network or the device when its second copy is carried out by another path. Devices
 * end the commands of a connection when it ends, ours before anything else; against one that is slow to notice no multipath can do more.
 */
import { type Nanos, SECOND, type Timer } from '../../base/clock.ts';
import { commandName, PERSISTENT_RESERVE_OUT } from '../../wire/scsi/cdb.ts';
import { Activation } from './activation.ts';
import { bestPaths, levelOf, Turns } from './choose.ts';
import { commandMoved, commandUnknown, failedBack, failedOver, noPath, noPathExpired, pathFound } from './events.ts';
import { nameOf, sameUnit } from './identity.ts';
import { judge } from './judge.ts';
import { Path, type PathHost, type PathServices } from './path.ts';
import type { PathAnswer, PathEnd, PathLink, UnitCommand } from './path-link.ts';
import type { PathStatus, UnitSituation, UnitStatus } from './path-status.ts';
import { isGood, type PathFacts } from './questions.ts';
import { Registrations } from './registrations.ts';
import { type MultipathFailure, type UnitDone, UnitTask } from './unit-task.ts';

export interface UnitSink {
  /** A path, or what the unit makes of its paths, has changed. */
  handleChange(): void;
}

export class MultipathUnit<Answer extends PathAnswer> implements PathHost<Answer> {
  readonly #services: PathServices;
  readonly #sink: UnitSink;
  readonly #paths: Path<Answer>[] = [];
  readonly #turns: Turns<Path<Answer>>;
  readonly #waiting = new Set<UnitTask<Answer>>();
  readonly #activation: Activation<Answer>;
  readonly #registrations: Registrations<Answer>;
  #waitingBytes = 0;
  #facts: PathFacts | undefined;
  #situation: UnitSituation = 'checking';
  #candidates: readonly Path<Answer>[] = [];
  /** The last paths that commands went by, for those who want to know what changed. */
  #lastCandidates: readonly Path<Answer>[] = [];
  #noPathSince: Nanos | undefined;
  #isExpired = false;
  #noPathTimer: Timer | undefined;
  readonly #failbacks = new Map<Path<Answer>, Timer>();

  constructor(services: PathServices, sink: UnitSink) {
    this.#services = services;
    this.#sink = sink;
    this.#turns = new Turns(services.limits);
    this.#activation = new Activation(services, () => this.#evaluate());
    this.#registrations = new Registrations(services, () => this.#paths);
  }

  /** The lower its priority, the sooner `failover` takes it. */
  add(link: PathLink<Answer>, priority = this.#paths.length): void {
    if (this.#paths.length >= this.#services.limits.paths) return link.close(() => {});
    const path = new Path(link, priority, this, this.#services);
    this.#paths.push(path);
    this.#paths.sort((a, b) => a.priority - b.priority);
    path.start();
  }

  /** Takes a path away. No more commands go by it; those under way end as they do. */
  remove(link: PathLink<Answer>, done: () => void): void {
    const index = this.#paths.findIndex((path) => path.link === link);
    if (index === -1) return done();
    const [path] = this.#paths.splice(index, 1);
    this.#release(path!);
    path!.close(done);
    path!.state = 'down';
    this.#evaluate();
  }

  /**
   * Takes a path out of use, or back into it. What is under way by it is called off there, and sent by another once the device has said that it will
   * not touch it any more; what may not be sent twice ends where it is. Also the last path can be switched off: then there is none. False: there
   * is no such path.
   */
  switchPath(link: PathLink<Answer>, on: boolean): boolean {
    const path = this.#paths.find((one) => one.link === link);
    if (path === undefined || this.#situation === 'closed') return false;
    if (on) path.switchOn();
    else {
      path.switchOff();
      for (const task of path.tasks) {
        if (!task.isReplayable || task.isAborted || task.answer === undefined) continue;
        task.isMoving = true;
        path.link.abort(task.answer);
      }
    }
    return true;
  }

  get situation(): UnitSituation {
    return this.#situation;
  }

  get status(): UnitStatus {
    return {
      situation: this.#situation,
      unitName: this.#facts === undefined ? undefined : nameOf(this.#facts.designators),
      commandsInFlight: this.#paths.reduce((sum, { inFlight }) => sum + inFlight, 0),
      commandsWaiting: this.#waiting.size,
      paths: this.paths(),
    };
  }

  paths(): readonly PathStatus[] {
    return this.#paths.map((path) => ({ ...path.status, active: this.#candidates.includes(path) }));
  }

  /** Every path has come up, or failed to, at least once. */
  get isTried(): boolean {
    return this.#paths.every((path) => path.isTried);
  }

  /** Paths that lead to another unit. */
  get mismatches(): readonly PathStatus[] {
    return this.#paths.filter((path) => path.isMismatch).map((path) => ({ ...path.status, active: false }));
  }

  // ---- commands ----

  /** Carries a command out; `done` runs exactly once, perhaps before this returns. */
  submit(command: UnitCommand, done: UnitDone<Answer>): UnitTask<Answer> {
    const task = new UnitTask(command, done);
    if (this.#situation === 'closed') {
      task.finish(undefined, CLOSED);
      return task;
    }
    const path = this.#choose(task);
    if (path !== undefined) this.#send(task, path);
    else if (this.#isExpired) task.finish(undefined, this.#noPathFailure());
    else if (this.#waiting.size >= this.#services.limits.commandsWaiting || this.#waitingBytes >= this.#services.limits.bytesWaiting) {
      const message = `${this.#waiting.size} commands with ${this.#waitingBytes} bytes wait for a path already; more are not taken`;
      task.finish(undefined, { reason: 'queue-full', message });
    } else this.#wait(task);
    return task;
  }

  /** Calls a command off. If it ends by itself before that, it ends as if nobody had. */
  abort(task: UnitTask<Answer>): void {
    if (task.state === 'done') return;
    task.isAborted = true;
    if (task.state === 'sent') {
      if (task.answer !== undefined) task.path?.link.abort(task.answer);
      return;
    }
    this.#stopWaiting(task);
    task.finish(undefined, ABORTED);
  }

  #choose(task: UnitTask<Answer>): Path<Answer> | undefined {
    if (this.#candidates.length === 0) return undefined;
    return this.#registrations.holderFor(task.command) ?? this.#turns.next(this.#candidates);
  }

  #send(task: UnitTask<Answer>, path: Path<Answer>): void {
    task.state = 'sent';
    task.path = path;
    task.attempts += 1;
    path.tasks.add(task);
    path.counters.commands += 1;
    const { attempts } = task;
    const answer = path.link.submit(task.command, (ended, end) => this.#ended(task, path, ended, end));
    // It may have ended already, and be somewhere else.
    if (task.attempts === attempts && task.state === 'sent') {
      task.answer = answer;
      if (task.isAborted) path.link.abort(answer);
    }
  }

  #ended(task: UnitTask<Answer>, path: Path<Answer>, answer: Answer, end: PathEnd): void {
    path.tasks.delete(task);
    task.answer = undefined;
    const { isMoving } = task;
    task.isMoving = false;
    if (end === 'answered') {
      if (!isGood(answer)) return this.#refused(task, path, answer);
      if (task.command.cdb[0] !== PERSISTENT_RESERVE_OUT) return task.finish(answer, undefined);
      return this.#registrations.handleDone(task.command, path, () => task.finish(answer, undefined));
    }
    if (end === 'failed' && isMoving) return this.#again(task, path, answer, 'its path was switched off');
    if (end === 'failed') return task.finish(answer, task.isAborted ? ABORTED : undefined);
    if (end === 'unsent') return this.#again(task, path, answer, 'it had not been sent');
    path.counters.commandsLost += 1;
    path.suspect(`it lost ${commandName(task.command.cdb)}`);
    if (task.isReplayable) return this.#again(task, path, answer, 'it is not known whether it was carried out, which does no harm');
    const command = commandName(task.command.cdb);
    commandUnknown(this.#services.events, this.#services.source, { path: path.link.name, command });
    const message = `${path.link.name} was lost while ${command} was under way; it is not known whether it was carried out`;
    task.finish(answer, { reason: 'path-lost', message });
  }

  /** The device did not carry it out, or not well. */
  #refused(task: UnitTask<Answer>, path: Path<Answer>, answer: Answer): void {
    const said = judge(answer);
    if (said.type === 'done') return task.finish(answer, undefined);
    if (said.type === 'attention') {
      if (!said.access) {
        if (task.attentionsLeft === 0) return task.finish(answer, undefined);
        task.attentionsLeft -= 1;
      }
      return this.#again(task, path, answer, 'the unit had something to tell first');
    }
    if (said.type === 'access') path.refused(said.state);
    else path.suspect('there is no such logical unit any more');
    this.#again(task, path, answer, said.type === 'gone' ? 'the unit is gone there' : `its port is ${said.state}`);
  }

  #again(task: UnitTask<Answer>, path: Path<Answer>, answer: Answer, why: string): void {
    if (task.isAborted) return task.finish(answer, ABORTED);
    if (this.#situation === 'closed') return task.finish(answer, CLOSED);
    if (task.attempts >= this.#services.limits.attempts) {
      // What the device said is more than that it was said too often.
      if (answer.status !== -1) return task.finish(answer, undefined);
      const message = `${commandName(task.command.cdb)} was sent ${task.attempts} times, at last by ${path.link.name}, and nothing came of it`;
      return task.finish(answer, { reason: 'attempts', message });
    }
    path.counters.commandsMoved += 1;
    commandMoved(this.#services.events, this.#services.source, { path: path.link.name, command: commandName(task.command.cdb), why });
    const next = this.#choose(task);
    if (next !== undefined) return this.#send(task, next);
    if (this.#isExpired) return task.finish(answer, this.#noPathFailure());
    // It was taken once: the bounds of the queue don't count for it.
    this.#wait(task);
  }

  // ---- waiting for a path ----

  #wait(task: UnitTask<Answer>): void {
    task.state = 'waiting';
    this.#waiting.add(task);
    this.#waitingBytes += task.weightBytes;
  }

  #stopWaiting(task: UnitTask<Answer>): void {
    if (this.#waiting.delete(task)) this.#waitingBytes -= task.weightBytes;
  }

  #drain(): void {
    for (const task of this.#waiting) {
      const path = this.#choose(task);
      if (path === undefined) return;
      this.#stopWaiting(task);
      this.#send(task, path);
    }
  }

  #failWaiting(failure: MultipathFailure): number {
    const tasks = [...this.#waiting];
    this.#waiting.clear();
    this.#waitingBytes = 0;
    for (const task of tasks) task.finish(undefined, failure);
    return tasks.length;
  }

  #noPathFailure(): MultipathFailure {
    const why = this.#paths.map(({ link, state, reason, access }) => `${link.name}: ${state === 'up' ? access : reason}`).join('; ');
    return { reason: 'no-path', message: `no path to the unit is left (${why})` };
  }

  // ---- what paths say ----

  mismatch(facts: PathFacts): string | undefined {
    this.#facts ??= facts;
    return sameUnit(this.#facts.designators, facts.designators) ? undefined : nameOf(this.#facts.designators);
  }

  prepare(path: Path<Answer>, then: (failure: string | undefined) => void): void {
    this.#registrations.prepare(path, then);
  }

  handleAccessAttention(): void {
    for (const path of this.#paths) path.readAccess();
  }

  handleUp(path: Path<Answer>): void {
    if (path.wasUp) this.#holdBack(path);
    this.#evaluate();
  }

  handleChange(path: Path<Answer>): void {
    if (path.state !== 'up') this.#release(path);
    this.#evaluate();
  }

  handleRead(): void {
    if (this.#situation === 'checking') this.#evaluate();
  }

  /** Looks at all paths, and decides what becomes of the commands. */
  #evaluate(): void {
    if (this.#situation === 'closed') return;
    const { limits } = this.#services;
    this.#candidates = bestPaths(this.#paths, limits.policy);
    if (this.#candidates.length !== 0) this.#ready();
    else this.#notReady();
    this.#sink.handleChange();
  }

  #ready(): void {
    this.#situation = 'ready';
    for (const path of this.#candidates) {
      this.#release(path);
      path.activations = 0;
    }
    this.#tellOfPaths();
    this.#drain();
  }

  #tellOfPaths(): void {
    const { events, source, clock, limits } = this.#services;
    if (this.#noPathSince !== undefined) {
      pathFound(events, source, { waiting: this.#waiting.size, seconds: (clock.now() - this.#noPathSince) / SECOND });
      this.#noPathSince = undefined;
      this.#isExpired = false;
      this.#noPathTimer?.cancel();
    }
    const before = this.#lastCandidates;
    const after = this.#candidates;
    this.#lastCandidates = after;
    if (before.length === 0 || after.some((path) => before.includes(path))) return;
    const old = levelOf(before[0]!, limits.policy);
    const names = { from: before[0]!.link.name, to: after[0]!.link.name };
    if (old === undefined || old < levelOf(after[0]!, limits.policy)!) failedOver(events, source, names);
    else failedBack(events, source, names);
  }

  #notReady(): void {
    if (this.#waitsForTransition()) this.#situation = 'transition';
    else if (this.#paths.some(isUndecided)) this.#situation = 'checking';
    else if (this.#activation.isUnderWay || this.#activation.begin(this.#paths)) this.#situation = 'activating';
    else return this.#noPathLeft();
  }

  #waitsForTransition(): boolean {
    return this.#paths.some((path) => path.state === 'up' && path.access === 'transitioning' && !path.isOverdue);
  }

  #noPathLeft(): void {
    const { clock, events, source, limits } = this.#services;
    this.#situation = 'no-path';
    if (this.#noPathSince !== undefined) return;
    this.#noPathSince = clock.now();
    noPath(events, source, { waiting: this.#waiting.size, seconds: limits.noPathNanos / SECOND });
    if (limits.noPathNanos === 0) this.#expire();
    else if (Number.isFinite(limits.noPathNanos)) this.#noPathTimer = clock.after(limits.noPathNanos, () => this.#expire());
  }

  /** Commands don't wait any longer. */
  #expire(): void {
    const { events, source, limits } = this.#services;
    this.#isExpired = true;
    const failed = this.#failWaiting(this.#noPathFailure());
    if (limits.noPathNanos !== 0) noPathExpired(events, source, { failed, seconds: limits.noPathNanos / SECOND });
  }

  // ---- failback ----

  /** A path that is back, and better than those in use, waits until it has been there for a while, or somebody says so. */
  #holdBack(path: Path<Answer>): void {
    const { clock, limits } = this.#services;
    if (limits.failbackNanos === 0 || this.#candidates.length === 0) return;
    const level = levelOf(path, limits.policy);
    if (level === undefined || level >= levelOf(this.#candidates[0]!, limits.policy)!) return;
    path.held = true;
    if (!Number.isFinite(limits.failbackNanos)) return;
    this.#failbacks.set(
      path,
      clock.after(limits.failbackNanos, () => {
        this.#release(path);
        this.#evaluate();
      }),
    );
  }

  #release(path: Path<Answer>): void {
    path.held = false;
    this.#failbacks.get(path)?.cancel();
    this.#failbacks.delete(path);
  }

  /** Goes back to the best paths now. */
  failback(): void {
    for (const path of this.#paths) this.#release(path);
    this.#evaluate();
  }

  /** Asks every path for its access states now, and those that are down whether they still are. */
  check(): void {
    this.handleAccessAttention();
  }

  /** Finishes what is under way; commands that wait for a path fail. */
  close(done: () => void): void {
    if (this.#situation === 'closed') return done();
    this.#situation = 'closed';
    this.#candidates = [];
    this.#noPathTimer?.cancel();
    this.#activation.stop();
    for (const path of this.#paths) this.#release(path);
    this.#failWaiting(CLOSED);
    let left = this.#paths.length;
    if (left === 0) return done();
    for (const path of this.#paths) {
      path.close(() => {
        left -= 1;
        if (left !== 0) return;
        this.#sink.handleChange();
        done();
      });
    }
  }
}

/** It is asked for its access, or whether it works at all, and worked before or has not been tried: the answer is near. */
const isUndecided = <Answer extends PathAnswer>({ state, isReading, wasUp, isTried }: Path<Answer>): boolean =>
  state === 'up' ? isReading : state === 'checking' && (wasUp || !isTried);

const CLOSED: MultipathFailure = { reason: 'closed', message: 'the unit is closed' };
const ABORTED: MultipathFailure = { reason: 'aborted', message: 'the command was called off' };
