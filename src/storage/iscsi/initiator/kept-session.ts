/**
 * A session that is made anew whenever it ends, and whose commands fail at once when it does: for those who have another way to send them.
 * The ISID stays, so that a new session reinstates the old one, whose tasks end at the target first (RFC 7143 §6.3.5).
 */
import { type Nanos, SECOND, type Timer } from '../../../base/clock.ts';
import type { Sense } from '../../../wire/scsi/sense.ts';
import { backOff } from './back-off.ts';
import type { InitiatorError } from './errors.ts';
import type { InitiatorLimits } from './limits.ts';
import { InitiatorSession, type SessionPlan, type SessionServices } from './session.ts';

export interface KeptSessionSink {
  handleUp(): void;
  /** Also told of every attempt to log in that fails. */
  handleDown(error: InitiatorError): void;
  handleAttention(lun: number, sense: Sense): void;
}

export class KeptSession {
  readonly plan: SessionPlan;
  readonly #limits: InitiatorLimits;
  readonly #services: SessionServices;
  readonly #sink: KeptSessionSink;
  #session: InitiatorSession | undefined;
  #isUp = false;
  #isClosed = false;
  #attempts = 0;
  #upAt: Nanos = 0;
  #timer: Timer | undefined;

  constructor(plan: SessionPlan, limits: InitiatorLimits, services: SessionServices, sink: KeptSessionSink) {
    this.plan = plan;
    this.#limits = { ...limits, recoveryNanos: 0, replays: 0 };
    this.#services = services;
    this.#sink = sink;
  }

  /** The session there is, logged in or not. */
  get session(): InitiatorSession | undefined {
    return this.#session;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  open(): void {
    const isid = this.#session?.isid ?? this.plan.isid;
    const session: InitiatorSession = new InitiatorSession({ ...this.plan, isid }, this.#limits, this.#services, {
      handleState: (state, error) => {
        if (session !== this.#session || this.#isClosed) return;
        if (state === 'recovering' || state === 'closed') this.#wentDown(error);
        if (state === 'closed') this.#openLater(session, error);
      },
      handleAttention: (lun, sense) => this.#sink.handleAttention(lun, sense),
      handleRoom: () => {},
    });
    this.#session = session;
    session.open((error) => {
      if (error !== undefined) {
        if (!this.#isClosed) this.#sink.handleDown(error);
        return;
      }
      this.#isUp = true;
      this.#upAt = this.#services.clock.now();
      this.#sink.handleUp();
    });
  }

  #wentDown(error: InitiatorError | undefined): void {
    if (!this.#isUp || error === undefined) return;
    this.#isUp = false;
    this.#sink.handleDown(error);
  }

  #openLater(session: InitiatorSession, error: InitiatorError | undefined): void {
    const { clock, rng } = this.#services;
    const { backOffNanos, backOffMaxNanos } = this.#limits;
    // A session that ends as soon as it begins is no reason to hurry.
    if (session.login !== undefined && clock.now() - this.#upAt > backOffMaxNanos) this.#attempts = 0;
    const wait = (session.login?.parameters.time2WaitSeconds ?? 0) * SECOND;
    const delay = error?.permanent === true ? backOffMaxNanos : backOff(this.#attempts, backOffNanos, backOffMaxNanos, rng);
    this.#attempts += 1;
    this.#timer = clock.after(Math.max(wait, delay), () => this.open());
  }

  /** Drops its connections without a logout, and logs in again as after any loss. False: there was none to drop. */
  drop(error: InitiatorError): boolean {
    const session = this.#session;
    if (this.#isClosed || session === undefined || session.state === 'closed') return false;
    session.reinstate(error);
    return true;
  }

  /** Tries again at once, where it waits to. */
  hurry(): void {
    if (this.#isClosed || this.#session?.state !== 'closed') return;
    this.#timer?.cancel();
    this.open();
  }

  /** Finishes what is under way and logs out. */
  close(done: () => void): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#isUp = false;
    if (this.#session === undefined) return done();
    this.#session.close(done);
  }
}
