/**
 * One portal of one target, kept logged in to (RFC 7143 §4.4.3), the logical units that are found behind it each time, and the paths to
 * them.
 */
import { type Nanos, SECOND, type Timer } from '../../../base/clock.ts';
import { ADDITIONAL_SENSE, type Sense } from '../../../wire/scsi/sense.ts';
import { backOff } from '../initiator/back-off.ts';
import type { InitiatorError } from '../initiator/errors.ts';
import { IscsiPath, type PathNexus } from '../initiator/iscsi-path.ts';
import { KeptSession } from '../initiator/kept-session.ts';
import { portalText } from '../initiator/portal-address.ts';
import type { SessionServices } from '../initiator/session.ts';
import type { AdapterLimits, TargetAccess } from './config.ts';
import { beyondLimit, scanFailed } from './events.ts';
import type { KnownTarget } from './known-targets.ts';
import { type FoundUnit, scanUnits } from './unit-scan.ts';

export type AdapterSessionState =
  | 'logging-in'
  | 'logged-in'
  /** An attempt came to nothing, or the session was lost; the next attempt follows by itself. */
  | 'waiting'
  | 'logging-out'
  | 'logged-out';

/** Whom a session tells. */
export interface AdapterSessionOwner {
  /** Its units are others now, or what is known of them. */
  handleUnits(session: AdapterSession): void;
}

export interface AdapterSessionPlan {
  readonly target: KnownTarget;
  readonly access: TargetAccess;
  readonly initiatorName: string;
  readonly initiatorAlias: string | undefined;
  /** For events: `esx1/vmhba64`. */
  readonly source: string;
  readonly limits: AdapterLimits;
}

/** What attentions say when the list of units, or what they are, is another now. */
const CHANGES: ReadonlySet<number> = new Set([
  ADDITIONAL_SENSE.REPORTED_LUNS_CHANGED[0],
  ADDITIONAL_SENSE.CAPACITY_CHANGED[0],
  // INQUIRY DATA HAS CHANGED (SPC-5 annex F).
  0x3f03,
]);

/** An attention is reported by every unit: all of them are waited for. It also keeps a target that cries wolf from being asked all the time. */
const ATTENTION_PAUSE: Nanos = SECOND / 2;

export class AdapterSession implements PathNexus {
  readonly target: KnownTarget;
  readonly access: TargetAccess;
  readonly kept: KeptSession;
  readonly #plan: AdapterSessionPlan;
  readonly #services: SessionServices;
  readonly #owner: AdapterSessionOwner;
  readonly #paths = new Set<IscsiPath>();
  #end: 'logging-out' | 'logged-out' | undefined;
  #error: InitiatorError | undefined;
  #units: readonly FoundUnit[] = [];
  #scanning = false;
  #scanAgain = false;
  #scanFailures = 0;
  #scanTimer: Timer | undefined;
  #scanCallbacks: (() => void)[] = [];
  #loginCallbacks: (() => void)[] = [];
  #stopCallbacks: (() => void)[] = [];

  constructor(plan: AdapterSessionPlan, services: SessionServices, owner: AdapterSessionOwner) {
    const { target, access, initiatorName, initiatorAlias } = plan;
    this.target = target;
    this.access = access;
    this.#plan = plan;
    this.#services = services;
    this.#owner = owner;
    const { chap, chapRequired, limits } = access;
    this.kept = new KeptSession(
      { initiatorName, initiatorAlias, targetName: target.name, portals: [target.address], chap, chapRequired, isid: undefined },
      limits,
      services,
      {
        handleUp: () => this.#handleUp(),
        handleDown: (error) => this.#handleDown(error),
        handleAttention: (lun, sense) => this.#handleAttention(lun, sense),
      },
    );
    this.kept.open();
  }

  get state(): AdapterSessionState {
    if (this.#end !== undefined) return this.#end;
    if (this.kept.isUp) return 'logged-in';
    return this.kept.session?.state === 'closed' ? 'waiting' : 'logging-in';
  }

  /** Why it is not logged in, or was not until now. */
  get error(): InitiatorError | undefined {
    return this.#error;
  }

  /** Ascending by LUN; what was there last, where the session is lost. */
  get units(): readonly FoundUnit[] {
    return this.#units;
  }

  /** Logs in at once, where it waits to. */
  hurry(): void {
    if (this.#end === undefined) this.kept.hurry();
  }

  /** Drops its connections; it logs in again by itself. */
  drop(error: InitiatorError): void {
    if (this.#end === undefined) this.kept.drop(error);
  }

  /** Runs `done` once it is known how the login under way ends; at once if there is none. */
  whenTried(done: () => void): void {
    if (this.state === 'logging-in') this.#loginCallbacks.push(done);
    else done();
  }

  #handleUp(): void {
    this.#error = undefined;
    for (const path of this.#paths) path.sink?.handleUp();
    this.scan(() => {});
    this.#tried();
  }

  #handleDown(error: InitiatorError): void {
    this.#error = error;
    this.#scanTimer?.cancel();
    this.#scanTimer = undefined;
    for (const path of this.#paths) path.sink?.handleDown(error.message);
    this.#scanned();
    this.#tried();
  }

  #tried(): void {
    for (const done of this.#loginCallbacks.splice(0)) done();
  }

  #handleAttention(lun: number, sense: Sense): void {
    for (const path of this.#paths) if (path.lun === lun) path.sink?.handleAttention(sense);
    if (CHANGES.has(sense.code)) this.#scanAfter(ATTENTION_PAUSE);
  }

  // ---- units ----

  /** Looks for logical units; `done` runs once that has come to something, or to nothing. */
  scan(done: () => void): void {
    if (this.state !== 'logged-in') return done();
    this.#scanCallbacks.push(done);
    if (this.#scanning) this.#scanAgain = true;
    else this.#beginScan();
  }

  #beginScan(): void {
    const session = this.kept.session!;
    this.#scanTimer?.cancel();
    this.#scanTimer = undefined;
    this.#scanning = true;
    this.#scanAgain = false;
    scanUnits(
      (task) => session.scheduler.submit(task),
      this.#plan.limits,
      (scan, failure) => {
        this.#scanning = false;
        // It is another session now, which is asked anew, or none.
        if (session !== this.kept.session || this.state !== 'logged-in') return this.#continueScan();
        if (scan === undefined) this.#scanFailed(failure!.reason);
        else {
          this.#scanFailures = 0;
          const { units: limit } = this.#plan.limits;
          if (scan.beyond > 0) beyondLimit(this.#services.events, this.#source(), { what: 'logical units', left: scan.beyond, limit });
          // What is there and says nothing now is what it was before.
          const silent = this.#units.filter((unit) => scan.silent.includes(unit.lun));
          this.#units = [...scan.units, ...silent].toSorted((a, b) => a.lun - b.lun);
          this.#owner.handleUnits(this);
        }
        this.#continueScan();
      },
    );
  }

  #continueScan(): void {
    if (this.#scanAgain && this.state === 'logged-in') this.#beginScan();
    else this.#scanned();
  }

  #scanned(): void {
    for (const done of this.#scanCallbacks.splice(0)) done();
  }

  #scanFailed(reason: string): void {
    const { name, address } = this.target;
    scanFailed(this.#services.events, this.#plan.source, { target: name, portal: portalText(address), reason });
    this.#scanFailures += 1;
    const { backOffNanos, backOffMaxNanos } = this.access.limits;
    this.#scanAfter(backOff(this.#scanFailures, backOffNanos, backOffMaxNanos, this.#services.rng));
  }

  #scanAfter(delay: Nanos): void {
    this.#scanTimer ??= this.#services.clock.after(delay, () => {
      this.#scanTimer = undefined;
      this.scan(() => {});
    });
  }

  #source(): string {
    return `${this.#plan.source}/${this.target.name}`;
  }

  // ---- paths ----

  /** A path to a logical unit, of that name; it is there until it is closed. */
  path(lun: number, name: string): IscsiPath {
    return new IscsiPath(this, lun, name);
  }

  open(path: IscsiPath): void {
    this.#paths.add(path);
    if (this.kept.isUp) path.sink?.handleUp();
    else path.sink?.handleDown(this.#error?.message ?? 'it is not logged in to');
  }

  close(path: IscsiPath, done: () => void): void {
    this.#paths.delete(path);
    done();
  }

  // ---- the end ----

  /** Logs out; `done` runs once everything is over. */
  stop(done: () => void): void {
    if (this.#end === 'logged-out') return done();
    this.#stopCallbacks.push(done);
    if (this.#end !== undefined) return;
    this.#end = 'logging-out';
    this.#scanTimer?.cancel();
    this.#scanned();
    this.#tried();
    this.kept.close(() => {
      this.#end = 'logged-out';
      for (const stopped of this.#stopCallbacks.splice(0)) stopped();
    });
  }
}
