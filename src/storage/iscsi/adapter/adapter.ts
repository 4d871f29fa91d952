/**
 * An iSCSI adapter of a host (RFC 7143 §4.2.1, an initiator node): the targets it knows, a session for each portal of each, and rescan,
 * by which changes of what it is told take effect. What it can't reach it goes on trying.
 */
import type { Timer } from '../../../base/clock.ts';
import { backOff } from '../initiator/back-off.ts';
import { discoverTargets, type FoundTarget } from '../initiator/discovery.ts';
import { type InitiatorError, initiatorError } from '../initiator/errors.ts';
import { portalText } from '../initiator/portal-address.ts';
import type { SessionServices } from '../initiator/session.ts';
import { AdapterSession } from './adapter-session.ts';
import { type AdapterConfig, type AdapterLimits, type ServerConfig, type TargetAccess, type TargetAddress, targetKey } from './config.ts';
import { adapterReset, beyondLimit, discoveryFailed, rescanned, resetFailed, targetFound, targetGone } from './events.ts';
import { KnownTargets, type KnownTarget } from './known-targets.ts';

/** The latest of what a discovery server had to say. */
export interface ServerState {
  readonly address: ServerConfig['address'];
  readonly state: 'asking' | 'answered' | 'failed';
  readonly reason: string | undefined;
  /** Target portals that it named. */
  readonly targets: number;
}

export interface AdapterOwner {
  /** A session has other units now, or is gone with those it had. */
  handleUnits(adapter: IscsiAdapter, session: AdapterSession): void;
}

export interface AdapterOptions {
  readonly name: string;
  /** For events: `esx1/vmhba64`. */
  readonly source: string;
  readonly limits: AdapterLimits;
  readonly services: SessionServices;
}

interface Server {
  readonly config: ServerConfig;
  state: ServerState['state'];
  reason: string | undefined;
  targets: number;
  attempts: number;
  giveUp: (() => void) | undefined;
  /** Runs when it is asked again by itself. */
  timer: Timer | undefined;
  waiters: (() => void)[];
}

export class IscsiAdapter {
  readonly name: string;
  readonly #options: AdapterOptions;
  readonly #owner: AdapterOwner;
  readonly #known: KnownTargets;
  readonly #sessions = new Map<string, AdapterSession>();
  /** Sessions that log out. */
  readonly #leaving = new Set<AdapterSession>();
  readonly #servers = new Map<string, Server>();
  /** How targets are logged in to that a removed server left: as it was said for that server. */
  readonly #leftAccess = new Map<string, TargetAccess>();
  #config: AdapterConfig;
  #rescanning = false;
  #rescanCallbacks: (() => void)[] = [];
  /** Asked for while one was under way: it may have come too late for that. */
  #nextCallbacks: (() => void)[] = [];
  #stopped = false;

  constructor(config: AdapterConfig, options: AdapterOptions, owner: AdapterOwner) {
    this.name = options.name;
    this.#config = config;
    this.#options = options;
    this.#owner = owner;
    this.#known = new KnownTargets(options.limits.targets);
    this.configure(config);
  }

  get config(): AdapterConfig {
    return this.#config;
  }

  get isRescanning(): boolean {
    return this.#rescanning;
  }

  get targets(): readonly KnownTarget[] {
    return this.#known.all();
  }

  get servers(): readonly ServerState[] {
    return [...this.#servers.values()].map(({ config, state, reason, targets }) => ({ address: config.address, state, reason, targets }));
  }

  get sessions(): readonly AdapterSession[] {
    return [...this.#sessions.values()];
  }

  session(target: TargetAddress): AdapterSession | undefined {
    return this.#sessions.get(targetKey(target));
  }

  /** What it is told from now on. The lists show it at once; sessions follow with the next rescan. */
  configure(config: AdapterConfig): void {
    const before = this.#known.all().map((target) => [targetKey(target), this.#accessOf(target)] as const);
    this.#config = config;
    const beyond = this.#known.configure(config);
    const left = new Set(
      this.#known
        .all()
        .filter((target) => this.#isLeft(target))
        .map(targetKey),
    );
    for (const key of this.#leftAccess.keys()) if (!left.has(key)) this.#leftAccess.delete(key);
    for (const [key, access] of before) if (left.has(key)) this.#leftAccess.set(key, access);
    if (beyond > 0) this.#tooMany(beyond);
    const wanted = new Map(config.servers.map((server) => [portalText(server.address), server]));
    for (const [text, server] of this.#servers) {
      if (wanted.has(text)) continue;
      this.#forgetServer(server);
      this.#servers.delete(text);
    }
    for (const [text, server] of wanted) {
      const before = this.#servers.get(text);
      if (before?.config.access.key === server.access.key) continue;
      if (before !== undefined) this.#forgetServer(before);
      this.#servers.set(text, {
        config: server,
        state: 'asking',
        reason: undefined,
        targets: 0,
        attempts: 0,
        giveUp: undefined,
        timer: undefined,
        waiters: [],
      });
    }
  }

  #forgetServer(server: Server): void {
    server.giveUp?.();
    server.timer?.cancel();
    for (const waiter of server.waiters.splice(0)) waiter();
  }

  #tooMany(left: number): void {
    beyondLimit(this.#options.services.events, this.#options.source, { what: 'targets', left, limit: this.#options.limits.targets });
  }

  /** Removes a target that was given, or that a removed server left; it is logged out of by the next rescan. False: there is none such. */
  forget(target: TargetAddress): boolean {
    return this.#known.forget(target);
  }

  // ---- rescan ----

  /**
   * Applies what has changed: asks every server, logs out of what is gone, logs in to what is new, and looks for logical units everywhere.
   * `done` runs once all of that has come to something or has failed for now.
   */
  rescan(done: () => void): void {
    if (this.#stopped) return done();
    if (this.#rescanning) return void this.#nextCallbacks.push(done);
    this.#rescanning = true;
    this.#rescanCallbacks.push(done);
    this.#sweep();
    // What is known already need not wait for a server that may never answer.
    this.#logIn();
    let left = 1;
    const asked = (): void => {
      left -= 1;
      if (left === 0) this.#rescanUnits();
    };
    for (const server of this.#servers.values()) {
      left += 1;
      this.#ask(server, asked);
    }
    asked();
  }

  #rescanUnits(): void {
    this.#sweep();
    this.#logIn();
    const sessions = this.sessions;
    let left = sessions.length + 1;
    const scanned = (): void => {
      left -= 1;
      if (left === 0) this.#rescanned();
    };
    for (const session of sessions) session.whenTried(() => session.scan(scanned));
    scanned();
  }

  #rescanned(): void {
    const { sessions } = this;
    const units = sessions.reduce((sum, session) => sum + session.units.length, 0);
    const loggedIn = sessions.filter((session) => session.state === 'logged-in').length;
    const { services, source } = this.#options;
    rescanned(services.events, source, { servers: this.#servers.size, targets: this.#known.all().length, loggedIn, units });
    this.#rescanning = false;
    for (const done of this.#rescanCallbacks.splice(0)) done();
    const next = this.#nextCallbacks.splice(0);
    if (next.length === 0) return;
    this.rescan(() => {
      for (const done of next) done();
    });
  }

  #ask(server: Server, then: () => void): void {
    server.waiters.push(then);
    if (server.giveUp !== undefined) return;
    server.timer?.cancel();
    server.state = 'asking';
    const { address, access } = server.config;
    const { initiatorName, initiatorAlias } = this.#config;
    server.giveUp = discoverTargets(
      { initiatorName, initiatorAlias, portal: address, chap: access.chap, chapRequired: access.chapRequired },
      access.limits,
      this.#options.services,
      (found, error) => {
        server.giveUp = undefined;
        if (found === undefined) this.#askLater(server, error!);
        else this.#answered(server, found);
        for (const waiter of server.waiters.splice(0)) waiter();
      },
    );
  }

  #answered(server: Server, found: readonly FoundTarget[]): void {
    const text = portalText(server.config.address);
    const { services, source } = this.#options;
    server.state = 'answered';
    server.reason = undefined;
    server.attempts = 0;
    server.targets = found.reduce((sum, target) => sum + target.portals.length, 0);
    const before = new Set(this.#known.all().map(targetKey));
    const beyond = this.#known.handleFound(text, found);
    if (beyond > 0) this.#tooMany(beyond);
    for (const target of this.#known.all()) {
      if (!before.has(targetKey(target)))
        targetFound(services.events, source, { target: target.name, portal: portalText(target.address), server: text });
    }
    // One by one, as they are found; what is gone is for a rescan to take away.
    this.#logIn();
  }

  #askLater(server: Server, error: InitiatorError): void {
    const { services, source } = this.#options;
    const { backOffNanos, backOffMaxNanos } = server.config.access.limits;
    const isNews = server.reason !== error.message;
    server.state = 'failed';
    server.reason = error.message;
    server.attempts += 1;
    const delay = error.permanent ? backOffMaxNanos : backOff(server.attempts, backOffNanos, backOffMaxNanos, services.rng);
    // The attempts themselves are told of by the initiator.
    if (isNews) discoveryFailed(services.events, source, { server: portalText(server.config.address), reason: error.message });
    server.timer = services.clock.after(delay, () => this.#ask(server, () => {}));
  }

  /**
   * Drops every connection at once, as hardware does that is reset, and then does what a rescan does. `done` gets how many sessions that were logged in are
   * not any more; those go on trying.
   */
  reset(done: (lost: number) => void): void {
    if (this.#stopped) return done(0);
    const { services, source } = this.#options;
    const before = this.sessions.filter(({ state }) => state === 'logged-in');
    const commands = before.reduce((sum, { kept }) => sum + (kept.session?.scheduler.inFlight ?? 0), 0);
    adapterReset(services.events, source, { sessions: before.length, commands });
    const error = initiatorError('connection-lost', 'the adapter was reset');
    for (const session of this.sessions) session.drop(error);
    for (const server of this.#servers.values()) {
      if (server.giveUp === undefined) continue;
      // A discovery under way is a connection as well; whoever waits for it hears of the next one.
      server.giveUp();
      server.giveUp = undefined;
      this.#ask(server, () => {});
    }
    this.rescan(() => {
      const lost = before.filter((session) => this.session(session.target)?.state !== 'logged-in');
      const [first] = lost;
      if (first !== undefined) {
        const reason = this.session(first.target)?.error?.message ?? 'its target is not known any more';
        resetFailed(services.events, source, { sessions: before.length, lost: lost.length, reason });
      }
      done(lost.length);
    });
  }

  // ---- sessions ----

  /** Logs out of what is gone, and of what has to be logged in to in another way. */
  #sweep(): void {
    const { services, source } = this.#options;
    const gone = this.#known.sweep((target) => this.session(target)?.state === 'logged-in');
    for (const { name, address } of gone) targetGone(services.events, source, { target: name, portal: portalText(address) });
    for (const target of gone) this.#logOut(target);
    for (const session of this.sessions) if (session.access.key !== this.#accessOf(session.target).key) this.#logOut(session.target);
  }

  #isLeft(target: KnownTarget): boolean {
    return target.isStatic && !this.#config.targets.some((given) => targetKey(given) === targetKey(target));
  }

  #accessOf(target: KnownTarget): TargetAccess {
    const left = this.#isLeft(target) ? this.#leftAccess.get(targetKey(target)) : undefined;
    if (left !== undefined) return left;
    // Of a target that several servers name, the first has its say.
    const [server] = target.isStatic ? [] : [...target.servers].toSorted();
    return this.#config.accessOf(target, server);
  }

  #logOut(target: TargetAddress): void {
    const session = this.session(target);
    if (session === undefined) return;
    this.#sessions.delete(targetKey(target));
    this.#leaving.add(session);
    // First, so that nobody sends anything more.
    this.#owner.handleUnits(this, session);
    session.stop(() => this.#leaving.delete(session));
  }

  #logIn(): void {
    if (this.#stopped) return;
    const { services, source, limits } = this.#options;
    const { initiatorName, initiatorAlias } = this.#config;
    for (const target of this.#known.all()) {
      const known = this.session(target);
      if (known !== undefined) {
        known.hurry();
        continue;
      }
      const session = new AdapterSession(
        { target, access: this.#accessOf(target), initiatorName, initiatorAlias, source, limits },
        services,
        { handleUnits: (changed) => this.#owner.handleUnits(this, changed) },
      );
      this.#sessions.set(targetKey(target), session);
    }
  }

  // ---- the end ----

  /** Logs out everywhere; `done` runs once everything is over. */
  stop(done: () => void): void {
    this.#stopped = true;
    for (const server of this.#servers.values()) this.#forgetServer(server);
    for (const target of this.#known.all()) this.#logOut(target);
    const leaving = [...this.#leaving];
    let left = leaving.length + 1;
    const stopped = (): void => {
      left -= 1;
      if (left === 0) done();
    };
    for (const session of leaving) session.stop(stopped);
    stopped();
  }
}
