/**
 * Keeps an entity registered at an iSNS server (RFC 4171 §5.6.5.1, §6.2.6): registers it, refreshes it well before its period ends by asking
 * for it, registers it anew where the server has forgotten it, tries again for as long as it takes, and deregisters it in the end.
 */
import type { Nanos, Timer } from '../../base/clock.ts';
import { SECOND } from '../../base/clock.ts';
import { type Message, sectionsOf } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import { backOff } from '../iscsi/initiator/back-off.ts';
import { IsnsClient, type IsnsServices } from './client.ts';
import type { IsnsError } from './errors.ts';
import { deregistered, deregistrationFailed, registered, registrationFailed, renewed } from './events.ts';
import type { IsnsLimits } from './limits.ts';
import { type EntityObject, objectsOf } from './objects.ts';
import type { PortalAddress } from '../iscsi/initiator/portal-address.ts';
import { deregistration, type EntityRegistration, notificationRegistration, query, registrations } from './requests.ts';
import { takeNotice } from './notice-port.ts';
import type { Notice } from './notices.ts';

export interface RegistrarPlan {
  readonly server: PortalAddress;
  /** Whom events are about. */
  readonly source: string;
  readonly entity: EntityRegistration & { readonly identifier: string };
  /** The node in whose name it is registered: one of the entity's. */
  readonly node: string;
  /** Changes that the node wants to be told of (bits of RFC 4171 §6.4.4); one of the portals has a port for them. */
  readonly notifications?: number;
}

export interface RegistrarSink {
  /** Registered, for the first time or again. */
  handleRegistered?(): void;
  /** An attempt has failed; the next one comes by itself. */
  handleFailure?(error: IsnsError): void;
  /** What the server says on the connection we opened. */
  handleNotice?(notice: Notice): void;
}

export type RegistrarState = 'stopped' | 'registering' | 'registered' | 'stopping';

export class Registrar {
  readonly client: IsnsClient;
  readonly #plan: RegistrarPlan;
  readonly #limits: IsnsLimits;
  readonly #services: IsnsServices;
  readonly #sink: RegistrarSink;
  #state: RegistrarState = 'stopped';
  #periodSeconds = 0;
  #timer: Timer | undefined;
  #failures = 0;
  /** A request is under way, of which the answer decides what comes next. */
  #asking = false;

  constructor(plan: RegistrarPlan, limits: IsnsLimits, services: IsnsServices, sink: RegistrarSink = {}) {
    this.#plan = plan;
    this.#limits = limits;
    this.#services = services;
    this.#sink = sink;
    this.client = new IsnsClient(plan.server, plan.source, limits, services, {
      handleNotice: (message, from) =>
        takeNotice(message, from, {
          ...services,
          source: plan.source,
          owns: (entity) => this.owns(entity),
          handleNotice: (notice) => sink.handleNotice?.(notice),
        }),
      handleHangUp: () => this.#handleHangUp(),
    });
  }

  get state(): RegistrarState {
    return this.#state;
  }

  /** Granted by the server; 0: there is no end. */
  get periodSeconds(): number {
    return this.#periodSeconds;
  }

  owns(entity: string): boolean {
    return this.#state !== 'stopped' && entity === this.#plan.entity.identifier;
  }

  start(): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'registering';
    this.#register(true);
  }

  /** Deregisters, and closes the connection; `done` runs once, whether the server answered or not. */
  stop(done: () => void): void {
    const before = this.#state;
    if (before === 'stopped' || before === 'stopping') return done();
    this.#state = 'stopping';
    this.#timer?.cancel();
    const finish = (): void => {
      this.#state = 'stopped';
      this.client.close();
      done();
    };
    // Also where no registration was answered yet: its answer may be on its way. Without a connection there was none.
    if (before === 'registering' && !this.client.isConnected) return finish();
    const entity = this.#plan.entity.identifier;
    this.client.request(
      deregistration(this.#plan.node, [{ entity }]),
      (_, error) => {
        if (error === undefined) deregistered(this.#services.events, this.#plan.source, { entity });
        else deregistrationFailed(this.#services.events, this.#plan.source, { entity, reason: error.message });
        finish();
      },
      this.#limits.farewellNanos,
    );
  }

  #ask(request: Parameters<IsnsClient['request']>[0], done: (response: Message | undefined, error: IsnsError | undefined) => void): void {
    this.#asking = true;
    this.client.request(request, (response, error) => {
      this.#asking = false;
      if (this.#state !== 'stopping' && this.#state !== 'stopped') done(response, error);
    });
  }

  /** The first time with `replace`: what an earlier run left behind under this identifier goes. */
  #register(replace: boolean): void {
    const requests = registrations(this.#plan.node, this.#plan.entity, replace);
    const send = (index: number): void =>
      this.#ask(requests[index]!, (response, error) => {
        if (error !== undefined) return this.#handleFailure(error);
        this.#takePeriod(response!);
        if (index + 1 < requests.length) send(index + 1);
        else this.#registerNotifications();
      });
    send(0);
  }

  /** After each registration: a server that has forgotten the entity has forgotten this too. */
  #registerNotifications(): void {
    const { notifications } = this.#plan;
    if (notifications === undefined) return this.#handleRegistered();
    this.#ask(notificationRegistration(this.#plan.node, notifications), (_, error) =>
      error === undefined ? this.#handleRegistered() : this.#handleFailure(error),
    );
  }

  #handleRegistered(): void {
    const { entity, source } = this.#plan;
    this.#failures = 0;
    if (this.#state === 'registered') renewed(this.#services.events, source, { entity: entity.identifier });
    else
      registered(this.#services.events, source, {
        entity: entity.identifier,
        nodes: entity.nodes.length,
        portals: entity.portals.length,
        periodSeconds: this.#periodSeconds,
      });
    this.#state = 'registered';
    this.#refreshIn(this.#refreshNanos());
    this.#sink.handleRegistered?.();
  }

  /**
   * RFC 4171 §6.2.6: any message refreshes, such as a query for ourselves. Where its answer does not show us, the server has forgotten us, or
   * our node is in no discovery domain and sees nobody, itself included (§5.6.5.2): an update does no harm in either case. Always to update
   * would be simpler, and have the server tell everybody of changes that are none.
   */
  #refresh(): void {
    if (this.#asking) return;
    // By the node, not by the entity: an answer with all its nodes is more than some servers can say.
    const keys = [{ tag: tags.TAG_NODE_NAME, value: this.#plan.node }];
    const wanted = [tags.TAG_ENTITY_IDENTIFIER, tags.TAG_REGISTRATION_PERIOD, tags.TAG_NODE_NAME];
    this.#ask(query(this.#plan.node, keys, wanted), (response, error) => {
      if (error !== undefined && error.reason !== 'refused') return this.#handleFailure(error);
      if (error !== undefined || !this.#shows(response!)) return this.#register(false);
      this.#failures = 0;
      this.#takePeriod(response!);
      this.#refreshIn(this.#refreshNanos());
    });
  }

  /** The entity is there, with the node it is registered by. */
  #shows(response: Message): boolean {
    const objects = objectsOf(sectionsOf(response.attributes).operating);
    const node = objects.some((object) => object.kind === 'node' && object.name === this.#plan.node);
    return node && this.#entityIn(response) !== undefined;
  }

  #entityIn(response: Message): EntityObject | undefined {
    return objectsOf(sectionsOf(response.attributes).operating)
      .filter((object) => object.kind === 'entity')
      .find((object) => object.identifier === this.#plan.entity.identifier);
  }

  /** RFC 4171 §5.7.5.1: the server may grant another period than was asked for. */
  #takePeriod(response: Message): void {
    const granted = this.#entityIn(response)?.periodSeconds;
    if (granted !== undefined) this.#periodSeconds = granted;
    else if (this.#periodSeconds === 0) this.#periodSeconds = this.#plan.entity.periodSeconds ?? 0;
  }

  /** A third of the period: two refreshes may go wrong. */
  #refreshNanos(): Nanos {
    const third = this.#periodSeconds === 0 ? this.#limits.refreshMaxNanos : Math.floor((this.#periodSeconds * SECOND) / 3);
    return Math.max(this.#limits.refreshMinNanos, Math.min(third, this.#limits.refreshMaxNanos));
  }

  #handleFailure(error: IsnsError): void {
    this.#failures += 1;
    const { backOffNanos, backOffMaxNanos } = this.#limits;
    const wait = backOff(this.#failures, backOffNanos, backOffMaxNanos, this.#services.rng);
    const data = { entity: this.#plan.entity.identifier, reason: error.message, seconds: wait / SECOND };
    registrationFailed(this.#services.events, this.#plan.source, data);
    this.#refreshIn(wait);
    this.#sink.handleFailure?.(error);
  }

  #handleHangUp(): void {
    if (this.#state !== 'registered') return;
    const { recheckNanos } = this.#limits;
    // Half of it by chance: a server that comes back is not asked by all its clients in the same moment.
    this.#refreshIn(Math.min(this.#refreshNanos(), Math.round((recheckNanos / 2) * (1 + this.#services.rng.uint32() / 0x1_0000_0000))));
  }

  #refreshIn(wait: Nanos): void {
    this.#timer?.cancel();
    this.#timer = this.#services.clock.after(wait, () => (this.#state === 'registering' ? this.#register(true) : this.#refresh()));
  }
}
