/** The iSCSI service of an array: connections come in at its portals, find their target node, and become sessions (RFC 7143 §4.1, §6.3). */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { type Clock, SECOND } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import type { Rng } from '../../base/rng.ts';
import { LOGIN_STATUS } from '../../wire/iscsi/login.ts';
import { encodeIscsiTransportId } from '../../wire/scsi/transport-id.ts';
import type { Nexus, TargetPort } from '../scsi/nexus.ts';
import type { ChapAccount } from './chap.ts';
import {
  connectionKept,
  connectionShed,
  recoveryExpired,
  sessionClosed,
  sessionKilled,
  sessionOpened,
  sessionReinstated,
} from './events.ts';
import { KeptBytes } from './kept-answers.ts';
import { offerOf, type TargetLimits } from './limits.ts';
import type { Admission, LoginIdentity, LoginResult } from './login-target.ts';
import { adoptSessionWide } from './parameters.ts';
import type { DiscoveredTarget } from './send-targets.ts';
import { StagingPool } from './staging.ts';
import { TargetConnection } from './target-connection.ts';
import { type JoinResult, newTargetCounters, type Portal, type TargetContext } from './target-context.ts';
import type { TargetNode } from './target-node.ts';
import { type SessionSurroundings, TargetSession } from './target-session.ts';

/** Seconds an initiator is given to log out when the service stops. */
const LOGOUT_SECONDS = 3;

export interface ServiceOptions {
  readonly clock: Clock;
  /** Challenges come from it: the operating system's outside of simulations. */
  readonly rng: Rng;
  readonly events: EventSink;
  readonly limits: TargetLimits;
  /** For event sources: `array1`. */
  readonly name: string;
  /** CHAP for discovery sessions, by initiator; undefined: none is asked for. */
  readonly discoveryChap: ChapAccount | undefined;
}

export class TargetService implements TargetContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
  readonly limits: TargetLimits;
  readonly staging: StagingPool;
  readonly keptBytes: KeptBytes;
  readonly counters = newTargetCounters();
  readonly nodes = new Map<string, TargetNode>();
  readonly portals: Portal[] = [];
  readonly #name: string;
  readonly #discoveryChap: ChapAccount | undefined;
  readonly #discoverySessions = new Map<number, TargetSession>();
  /** Connections by when they came; those in the login phase apart, so that the oldest can be shed. */
  readonly #loggingIn = new Set<TargetConnection>();
  readonly #connections = new Set<TargetConnection>();
  #lastTsih = 0;
  #lastId = 0;
  #stopping = false;

  constructor(options: ServiceOptions) {
    this.clock = options.clock;
    this.rng = options.rng;
    this.events = options.events;
    this.limits = options.limits;
    this.#name = options.name;
    this.#discoveryChap = options.discoveryChap;
    this.staging = new StagingPool(options.limits.stagingBytes);
    this.keptBytes = new KeptBytes(options.limits.keptBytes);
  }

  /** A connection at a portal: `attach` gets the byte stream made with its receiver. */
  accept(portal: Portal): { readonly receiver: ByteStreamReceiver; attach(stream: ByteStream): void } {
    const connection = new TargetConnection(this, portal, (ended) => this.#loggingIn.delete(ended));
    const { receiver } = connection;
    return {
      receiver: {
        nextBuffer: () => receiver.nextBuffer(),
        handleBytes: (count) => receiver.handleBytes(count),
        handleClose: (reason) => {
          this.#connections.delete(connection);
          this.#loggingIn.delete(connection);
          receiver.handleClose(reason);
        },
      },
      attach: (stream) => {
        this.#connections.add(connection);
        this.#loggingIn.add(connection);
        connection.attach(stream);
        if (this.#stopping) connection.close(false);
        else this.#shed();
      },
    };
  }

  /** More connections than may wait for a login: the one that has waited longest goes, so that a flood can't keep others out. */
  #shed(): void {
    if (this.#loggingIn.size <= this.limits.loginsPending) return;
    const oldest: TargetConnection = this.#loggingIn.values().next().value!;
    this.#loggingIn.delete(oldest);
    this.counters.connectionsShed += 1;
    connectionShed(this.events, this.#name, { remote: oldest.remote, limit: this.limits.loginsPending });
    oldest.close(false);
  }

  sessions(): TargetSession[] {
    return [...this.#discoverySessions.values(), ...[...this.nodes.values()].flatMap((node) => [...node.sessions.values()])];
  }

  /**
   * Ends a session as the loss of its connections would (RFC 7143 §7.1.4, §7.6): without a word to the initiator, who may log in anew. What it had under way
   * is aborted, also at error recovery level 2. False: there is none with this id.
   */
  endSession(id: number): boolean {
    const session = this.sessions().find((one) => one.id === id && !one.closing);
    if (session === undefined) return false;
    const { initiatorName: initiator, targetName } = session.identity;
    const target = targetName || 'discovery';
    sessionKilled(this.events, `${this.#name}/${target}`, { initiator, target, session: id, commands: session.commands.size });
    session.end('it was ended by hand', undefined);
    return true;
  }

  // ---- TargetContext ----

  admit(identity: LoginIdentity, portal: Portal): Admission {
    const offer = offerOf(this.limits);
    if (this.#stopping) return { type: 'refused', status: LOGIN_STATUS.SERVICE_UNAVAILABLE, reason: 'the target is going down' };
    if (identity.sessionType === 'Discovery') {
      return { type: 'admitted', chap: this.#discoveryChap, offer, portalGroupTag: portal.groupTag, alias: undefined };
    }
    const node = this.nodes.get(identity.targetName);
    if (node === undefined || !node.portalGroups.has(portal.groupTag)) {
      return { type: 'refused', status: LOGIN_STATUS.NOT_FOUND, reason: 'there is no such target at this portal' };
    }
    const grant = node.grant(identity.initiatorName);
    if (grant === undefined)
      return { type: 'refused', status: LOGIN_STATUS.AUTHORIZATION_FAILURE, reason: 'the initiator has no access to this target' };
    if (node.movedTo !== undefined) return { type: 'moved', ...node.movedTo };
    return { type: 'admitted', chap: grant.chap, offer, portalGroupTag: portal.groupTag, alias: node.alias };
  }

  join(result: LoginResult, portal: Portal, remote: string, done: (result: JoinResult) => void): void {
    const node = this.nodes.get(result.identity.targetName);
    const sessions = result.identity.sessionType === 'Discovery' || node === undefined ? this.#discoverySessions : node.sessions;
    if (result.request.tsih !== 0) return done(this.#joinExisting(result, sessions, portal));
    // RFC 7143 §6.3.5: the same initiator port at the same portal group again is the session's reinstatement.
    const earlier = [...sessions.values()].find(
      (session) =>
        session.identity.initiatorName === result.identity.initiatorName &&
        session.isid === result.request.isid &&
        session.nexus.targetPort.groupId === portal.groupTag,
    );
    if (earlier === undefined) return done(this.#open(result, node, sessions, portal, remote));
    const { initiatorName, targetName } = result.identity;
    if (!earlier.closing)
      sessionReinstated(this.events, this.#name, { remote, initiator: initiatorName, target: targetName || 'discovery' });
    // One that is ending already is waited for as well, and whoever else waited for it may have come first.
    earlier.end('the initiator logged in anew', () => this.join(result, portal, remote, done));
  }

  #joinExisting(result: LoginResult, sessions: Map<number, TargetSession>, portal: Portal): JoinResult {
    const session = sessions.get(result.request.tsih);
    if (
      session === undefined ||
      session.closing ||
      session.isid !== result.request.isid ||
      session.identity.initiatorName !== result.identity.initiatorName
    )
      return { status: LOGIN_STATUS.SESSION_DOES_NOT_EXIST, reason: `there is no session ${result.request.tsih} of this initiator` };
    if (session.device === undefined || session.nexus.targetPort.groupId !== portal.groupTag)
      return { status: LOGIN_STATUS.CANT_INCLUDE_IN_SESSION, reason: 'the connection came to another portal group than its session' };
    const replaces = session.connections.has(result.request.connectionId);
    if (!replaces && session.connections.size >= session.parameters.maxConnections)
      return { status: LOGIN_STATUS.TOO_MANY_CONNECTIONS, reason: `MaxConnections=${session.parameters.maxConnections}` };
    adoptSessionWide(result.parameters, session.parameters);
    return { session };
  }

  #open(
    result: LoginResult,
    node: TargetNode | undefined,
    sessions: Map<number, TargetSession>,
    portal: Portal,
    remote: string,
  ): JoinResult {
    if (sessions.size >= this.limits.sessions)
      return { status: LOGIN_STATUS.OUT_OF_RESOURCES, reason: `${sessions.size} sessions are open` };
    const tsih = this.#nextTsih(sessions);
    const { identity, request } = result;
    const target = identity.targetName || 'discovery';
    const device = identity.sessionType === 'Discovery' ? undefined : node!.device;
    const session = new TargetSession(
      tsih,
      identity,
      request.isid,
      result.authentication,
      result.parameters,
      device,
      nexusOf(identity, request.isid, portal, device?.ports),
      request.commandSequenceNumber,
      this.limits.commandWindow,
      {
        clock: this.clock,
        id: (this.#lastId += 1),
        kept: this.#kept,
        expired: this.#expired,
        ended: (ended, reason) => {
          sessions.delete(tsih);
          if (device !== undefined)
            sessionClosed(this.events, `${this.#name}/${target}`, { initiator: ended.identity.initiatorName, target, tsih, reason });
        },
      },
    );
    sessions.set(tsih, session);
    if (device !== undefined) {
      const { authentication } = result;
      sessionOpened(this.events, `${this.#name}/${target}`, { remote, initiator: identity.initiatorName, target, tsih, authentication });
    }
    return { session };
  }

  readonly #kept: SessionSurroundings['kept'] = (session, { remote, connectionId }, tasks) => {
    this.counters.connectionsKept += 1;
    const seconds = session.time2WaitSeconds + session.time2RetainSeconds;
    connectionKept(this.events, remote, { remote, connectionId, tasks, seconds });
  };

  readonly #expired: SessionSurroundings['expired'] = (_, { remote, connectionId }, tasks) => {
    this.counters.recoveriesExpired += 1;
    recoveryExpired(this.events, remote, { remote, connectionId, tasks });
  };

  #nextTsih(sessions: ReadonlyMap<number, TargetSession>): number {
    do this.#lastTsih = this.#lastTsih === 0xffff ? 1 : this.#lastTsih + 1;
    while (sessions.has(this.#lastTsih));
    return this.#lastTsih;
  }

  discover(initiatorName: string, only: string | undefined, local: string): readonly DiscoveredTarget[] {
    return [...this.nodes.values()]
      .filter((node) => (only === undefined || node.name === only) && node.grant(initiatorName) !== undefined)
      .map((node) => ({
        name: node.name,
        addresses: [
          ...new Set(
            this.portals
              .filter((portal) => node.portalGroups.has(portal.groupTag))
              .map((portal) => `${announced(portal, local)},${portal.groupTag}`),
          ),
        ],
      }));
  }

  closeSessions(session: TargetSession, reason: string): void {
    const node = this.nodes.get(session.identity.targetName);
    for (const other of node?.sessions.values() ?? []) {
      // What was answered still leaves: the end of a session destroys the connections that it has.
      const connections = [...other.connections.values()];
      other.connections.clear();
      for (const connection of connections) {
        connection.discard();
        connection.close(true);
      }
      other.end(reason, undefined);
    }
  }

  /** Asks everybody to log out, gives them time, then ends what is left; `done` runs once every session has come to rest. */
  stop(done: () => void): void {
    this.#stopping = true;
    for (const connection of this.#loggingIn) connection.close(false);
    for (const connection of this.#connections) connection.requestLogout(LOGOUT_SECONDS);
    const finish = (): void => {
      const left = this.sessions();
      let waiting = left.length;
      if (waiting === 0) return done();
      for (const session of left) {
        session.end('the target stopped', () => {
          waiting -= 1;
          if (waiting === 0) done();
        });
      }
    };
    if (this.sessions().length === 0) return finish();
    const deadline = this.clock.now() + LOGOUT_SECONDS * SECOND;
    const poll = (): void => {
      if (this.sessions().length === 0 || this.clock.now() >= deadline) finish();
      else this.clock.after(SECOND / 50, poll);
    };
    poll();
  }
}

const announced = ({ announce }: Portal, local: string): string => {
  if (announce === undefined) return local;
  return typeof announce === 'string' ? announce : `${local.slice(0, local.lastIndexOf(':'))}:${announce.port}`;
};

/** The I_T nexus (RFC 7143 §4.4.1): the ISID tells initiator ports apart, the portal group target ports. */
function nexusOf(identity: LoginIdentity, isid: string, portal: Portal, ports: readonly TargetPort[] | undefined): Nexus {
  const initiatorPort = `${identity.initiatorName},i,0x${isid}`;
  const targetPort = ports?.find((port) => port.groupId === portal.groupTag) ?? { relativeId: 0, name: '', groupId: portal.groupTag };
  return { initiatorPort, initiatorName: identity.initiatorName, transportId: encodeIscsiTransportId(initiatorPort), targetPort };
}
