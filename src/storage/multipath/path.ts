/**
 * One path of a multipath unit: it is inspected before it is used, asked from time to time whether it works and what access it gives
 * (SPC-4 §5.16.2), and left alone for longer and longer while it does not.
 */
import { type Clock, type Nanos, SECOND, type Timer } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Rng } from '../../base/rng.ts';
import type { AsymmetricAccess } from '../../wire/scsi/port-groups-data.ts';
import { describeSense, type Sense } from '../../wire/scsi/sense.ts';
import { backOff } from '../iscsi/initiator/back-off.ts';
import { accessChanged, accessUnreadable, pathDown, pathMismatch, pathOff, pathOn, pathUp, transitionOverdue } from './events.ts';
import { hasName, nameOf } from './identity.ts';
import { attentionCalls } from './judge.ts';
import type { MultipathLimits } from './limits.ts';
import type { PathAnswer, PathLink, PathLinkSink } from './path-link.ts';
import { newPathCounters, type PathState, type PathStatus } from './path-status.ts';
import { type Ask, askFacts, askReady, GroupsReader, NO_ANSWER, type PathFacts, sendBy } from './questions.ts';

export interface PathServices {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  /** For event sources. */
  readonly source: string;
  readonly limits: MultipathLimits;
}

/** The unit, as its paths see it. */
export interface PathHost<Answer extends PathAnswer> {
  /** What the unit is called, if these are another one's. */
  mismatch(facts: PathFacts): string | undefined;
  /** Before it counts as up: whatever the unit needs done by every path. */
  prepare(path: Path<Answer>, then: (failure: string | undefined) => void): void;
  /** It came up. */
  handleUp(path: Path<Answer>): void;
  /** It is not up any more, or has another access state. */
  handleChange(path: Path<Answer>): void;
  /** The device says that access states changed: they may have by the other paths too. */
  handleAccessAttention(): void;
  /** A path has told its access, changed or not. */
  handleRead(): void;
}

/** A command that is under way by a path, as far as its unit has to know to take it away again. */
export interface PathTask<Answer extends PathAnswer> {
  readonly isReplayable: boolean;
  readonly isAborted: boolean;
  readonly answer: Answer | undefined;
  isMoving: boolean;
}

/** Access states are read so often in a row without a pause. */
const REREADS_AT_ONCE = 4;

export class Path<Answer extends PathAnswer> implements PathLinkSink {
  readonly link: PathLink<Answer>;
  readonly priority: number;
  readonly counters = newPathCounters();
  readonly ask: Ask;
  state: PathState = 'checking';
  reason: string | undefined = 'it connects';
  access: AsymmetricAccess | undefined = undefined;
  preferred = false;
  facts: PathFacts | undefined = undefined;
  /** Commands that are under way by it. */
  readonly tasks = new Set<PathTask<Answer>>();
  /** It was up before, and is held back until its failback. */
  held = false;
  wasUp = false;
  /** Has come to a first end: up or down. */
  isTried = false;
  /** It led to another unit when it was last inspected. */
  isMismatch = false;
  /** In transition for longer than it may take. */
  isOverdue = false;
  /** No activation by it is tried before then. */
  activateAfter: Nanos = 0;
  activations = 0;
  readonly #host: PathHost<Answer>;
  readonly #services: PathServices;
  readonly #groups = new GroupsReader();
  /** Counts what makes answers to earlier questions worthless. */
  #epoch = 0;
  #isConnected = false;
  #isClosed = false;
  /** Why its transport is not connected. */
  #downReason = 'it connects';
  #failures = 0;
  #timer: Timer | undefined;
  #isReading = false;
  #readAgain = false;
  #rereads = 0;
  #isUnreadable = false;
  #transitionSeconds: number | undefined;
  #transitionEnds: Nanos | undefined;
  #poll: Timer | undefined;

  constructor(link: PathLink<Answer>, priority: number, host: PathHost<Answer>, services: PathServices) {
    this.link = link;
    this.priority = priority;
    this.#host = host;
    this.#services = services;
    this.ask = (cdb, { inBytes, out }, then) => {
      const epoch = this.#epoch;
      const timeoutNanos = services.limits.checkTimeoutNanos;
      sendBy(link, { cdb, dataInBytes: inBytes, dataOut: out === undefined ? undefined : [out], timeoutNanos }, (answer) => {
        if (epoch === this.#epoch) then(answer);
      });
    };
  }

  get status(): Omit<PathStatus, 'active'> {
    const { link, state, reason, access, preferred, facts, priority, held, inFlight, counters } = this;
    return {
      name: link.name,
      state,
      reason: state === 'up' ? undefined : reason,
      access,
      preferred,
      group: facts?.group,
      relativePort: facts?.relativePort,
      priority,
      held,
      commandsInFlight: inFlight,
      counters: { ...counters },
    };
  }

  get inFlight(): number {
    return this.tasks.size;
  }

  /** TPGS of the unit by this path. */
  get isAsymmetric(): boolean {
    return this.facts !== undefined && this.facts.access !== 0;
  }

  get isExplicit(): boolean {
    return this.facts !== undefined && (this.facts.access & 2) !== 0;
  }

  start(): void {
    this.link.start(this);
  }

  close(done: () => void): void {
    this.#isClosed = true;
    this.#forget();
    this.link.close(done);
  }

  // ---- what people say ----

  /** Neither used nor asked until it is switched on again; what is under way is the unit's to move. */
  switchOff(): void {
    if (this.#isClosed || this.state === 'off') return;
    this.#forget();
    this.state = 'off';
    this.reason = 'it was switched off';
    this.isTried = true;
    pathOff(this.#services.events, this.#services.source, { path: this.link.name, commands: this.inFlight });
    this.#host.handleChange(this);
  }

  switchOn(): void {
    if (this.#isClosed || this.state !== 'off') return;
    pathOn(this.#services.events, this.#services.source, { path: this.link.name });
    if (this.#isConnected) this.#inspect('it was switched on, and is inspected');
    else this.#goDown(this.#downReason);
  }

  // ---- what the transport says ----

  handleUp(): void {
    if (this.#isClosed) return;
    this.#isConnected = true;
    this.#failures = 0;
    if (this.state !== 'off') this.#inspect('it is inspected');
  }

  handleDown(reason: string): void {
    if (this.#isClosed) return;
    this.#isConnected = false;
    this.#downReason = reason;
    if (this.state !== 'off') this.#goDown(reason);
  }

  handleAttention(sense: Sense): void {
    if (this.#isClosed) return;
    this.counters.attentions += 1;
    const call = attentionCalls(sense);
    if (call === 'read-access') this.#host.handleAccessAttention();
    else if (call === 'inspect' && this.state === 'up') this.suspect(describeSense(sense));
  }

  // ---- what its commands say ----

  /** It is asked whether it still works, and to where, before more commands go by it. */
  suspect(reason: string): void {
    if (this.state === 'up' && this.#isConnected) this.#inspect(reason);
  }

  /** A command was refused for the access state. */
  refused(access: AsymmetricAccess): void {
    this.counters.accessRefusals += 1;
    // What one port has lost another may have got. Asked first, so that nobody decides on what was so before.
    this.#host.handleAccessAttention();
    this.#setAccess(access, this.preferred);
  }

  /** It is being asked for its access: what it said last may be old. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** The device was told to give another access; what it says from now on is news. */
  expectChange(): void {
    if (this.state !== 'up') return;
    this.#setAccess('transitioning', this.preferred);
    this.readAccess();
  }

  /** Asks for its access again; also when it is being asked at the moment, as the answer may be older than the question. */
  readAccess(): void {
    if (this.state !== 'up') return;
    if (this.#isReading) {
      this.#readAgain = true;
      return;
    }
    this.#isReading = true;
    this.#askAccess((failure) => {
      this.#isReading = false;
      if (failure !== undefined) return this.#failed(failure);
      if (!this.#readAgain) {
        this.#rereads = 0;
        return this.#host.handleRead();
      }
      this.#readAgain = false;
      this.#rereads += 1;
      if (this.#rereads <= REREADS_AT_ONCE) return this.readAccess();
      // A device that always has news is not asked without a pause.
      this.#poll?.cancel();
      this.#poll = this.#services.clock.after(this.#services.limits.transitionPollNanos, () => this.readAccess());
    });
  }

  // ---- inspecting and checking ----

  #inspect(reason: string): void {
    this.#forget();
    const wasUp = this.state === 'up';
    this.state = 'checking';
    this.reason = reason;
    this.counters.checks += 1;
    askFacts(this.ask, (facts) => {
      if (typeof facts === 'string') return this.#failed(facts);
      if (!hasName(facts.designators)) return this.#failed('the unit has no name by which it could be told from others');
      const expected = this.#host.mismatch(facts);
      this.isMismatch = expected !== undefined;
      if (expected !== undefined) {
        const found = nameOf(facts.designators);
        pathMismatch(this.#services.events, this.#services.source, { path: this.link.name, expected, found });
        return this.#failed(`it leads to ${found}, and the other paths to ${expected}`);
      }
      this.facts = facts;
      this.#askAccess((failure) => {
        if (failure !== undefined) return this.#failed(failure);
        this.#host.prepare(this, (wrong) => (wrong === undefined ? this.#goUp() : this.#failed(wrong)));
      });
    });
    if (wasUp) this.#host.handleChange(this);
  }

  /** Whether the unit answers, and what access it gives. */
  #askAccess(done: (failure: string | undefined) => void): void {
    askReady(this.ask, (said) => {
      if (said === undefined) return done(NO_ANSWER);
      if (said !== 'good' && said.type === 'gone') return done('there is no such logical unit any more');
      if (!this.isAsymmetric) {
        this.#setAccess(said !== 'good' && said.type === 'access' ? said.state : undefined, false);
        return done(undefined);
      }
      this.#groups.read(this.ask, (answer) => {
        if (answer.type === 'lost') return done(NO_ANSWER);
        // Some devices report the state to come before commands are carried out in it.
        const changes = said !== 'good' && said.type === 'access' && said.state === 'transitioning';
        if (answer.type === 'transition' || changes) this.#setAccess('transitioning', this.preferred);
        else if (answer.type === 'report') {
          this.#isUnreadable = false;
          this.#transitionSeconds = answer.report.transitionSeconds;
          const own = answer.report.groups.find(({ group }) => group === this.facts?.group);
          this.#setAccess(own?.state ?? (said !== 'good' && said.type === 'access' ? said.state : undefined), own?.preferred ?? false);
        } else {
          if (!this.#isUnreadable)
            accessUnreadable(this.#services.events, this.#services.source, { path: this.link.name, reason: answer.reason });
          this.#isUnreadable = true;
          this.#setAccess(said !== 'good' && said.type === 'access' ? said.state : undefined, false);
        }
        done(undefined);
      });
    });
  }

  #goUp(): void {
    this.state = 'up';
    this.reason = undefined;
    this.isTried = true;
    this.#failures = 0;
    this.#scheduleCheck();
    pathUp(this.#services.events, this.#services.source, { path: this.link.name, access: this.access });
    this.#host.handleUp(this);
    this.wasUp = true;
  }

  #scheduleCheck(): void {
    const { clock, limits } = this.#services;
    this.#timer?.cancel();
    this.#timer = clock.after(limits.checkNanos, () => {
      if (this.state !== 'up') return;
      this.counters.checks += 1;
      this.readAccess();
      this.#scheduleCheck();
    });
  }

  /** A question came to nothing. A path whose transport is down as well is told so by that. */
  #failed(reason: string): void {
    this.counters.checksFailed += 1;
    this.#goDown(reason);
    if (!this.#isConnected) return;
    const { clock, limits, rng } = this.#services;
    this.#failures += 1;
    const delay = backOff(this.#failures, limits.backOffNanos, limits.backOffMaxNanos, rng);
    this.#timer = clock.after(delay, () => this.#inspect(reason));
  }

  #goDown(reason: string): void {
    const isNews = this.state !== 'down' || this.reason !== reason;
    if (this.wasUp && this.state !== 'down') this.counters.losses += 1;
    this.#forget();
    this.state = 'down';
    this.reason = reason;
    this.isTried = true;
    if (isNews) pathDown(this.#services.events, this.#services.source, { path: this.link.name, reason });
    this.#host.handleChange(this);
  }

  /** Whatever was asked, or was to be, is of no interest any more. */
  #forget(): void {
    this.#epoch += 1;
    this.#timer?.cancel();
    this.#poll?.cancel();
    this.#transitionEnds = undefined;
    this.#isReading = false;
    this.#readAgain = false;
    this.held = false;
  }

  // ---- access states ----

  #setAccess(access: AsymmetricAccess | undefined, preferred: boolean): void {
    const from = this.access;
    const isNews = from !== access || this.preferred !== preferred;
    this.access = access;
    this.preferred = preferred;
    if (access === 'transitioning') this.#followTransition();
    else {
      this.#poll?.cancel();
      this.#transitionEnds = undefined;
      this.isOverdue = false;
    }
    if (!isNews) return;
    const { events, source } = this.#services;
    if (access !== undefined && this.wasUp) accessChanged(events, source, { path: this.link.name, from, to: access, preferred });
    if (this.state === 'up') this.#host.handleChange(this);
  }

  /** Asks again and again until it is over; after the time that a transition may take nobody waits for it any more (SPC-4 §6.37). */
  #followTransition(): void {
    const { clock, limits, events, source } = this.#services;
    const limit = this.#transitionSeconds === undefined ? limits.transitionNanos : this.#transitionSeconds * SECOND;
    const now = clock.now();
    this.#transitionEnds ??= now + limit;
    if (now >= this.#transitionEnds && !this.isOverdue) {
      this.isOverdue = true;
      transitionOverdue(events, source, { path: this.link.name, seconds: limit / SECOND });
      if (this.state === 'up') this.#host.handleChange(this);
    }
    this.#poll?.cancel();
    this.#poll = this.isOverdue ? undefined : clock.after(limits.transitionPollNanos, () => this.readAccess());
  }
}
