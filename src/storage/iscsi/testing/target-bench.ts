/** A target service on the bench: units over stores, a clock that stands still until it is told, streams without sockets. */
import type { FabricEvent } from '../../../base/event.ts';
import { SECOND, type Nanos } from '../../../base/clock.ts';
import { seededRng } from '../../../base/rng.ts';
import type { BackingStore } from '../../block/backing-store.ts';
import { MemoryStore } from '../../block/memory.ts';
import { StepClock } from '../../block/testing/step-clock.ts';
import { LogicalUnit } from '../../scsi/logical-unit.ts';
import { TargetDevice } from '../../scsi/target-device.ts';
import type { ChapAccount } from '../chap.ts';
import { defaultLimits, type TargetLimits } from '../limits.ts';
import type { Portal } from '../target-context.ts';
import type { TargetNode } from '../target-node.ts';
import { TargetService } from '../target-service.ts';
import { DISK, type LoginWords, ScriptedInitiator } from './scripted-initiator.ts';
import { TestStream } from './test-stream.ts';

export const MEBIBYTE = 1024 * 1024;

const memory = (): BackingStore => new MemoryStore({ sizeBytes: 32 * MEBIBYTE, thin: true });

export interface BenchOptions {
  readonly limits?: Partial<TargetLimits>;
  /** LUN 0 over it, and LUN 1 over memory. Default: memory for both. */
  readonly store?: (clock: StepClock) => BackingStore;
  readonly portals?: readonly Portal[];
  readonly discoveryChap?: ChapAccount;
  /** More targets beside `DISK`, or others in its place. */
  readonly nodes?: Readonly<Record<string, Partial<TargetNode>>>;
}

export class TargetBench {
  readonly clock = new StepClock();
  readonly events: FabricEvent[] = [];
  /** Those of severity `debug`. */
  readonly traced: FabricEvent[] = [];
  readonly service: TargetService;
  readonly store: BackingStore;
  readonly units: readonly LogicalUnit[];
  readonly device: TargetDevice;
  readonly streams: TestStream[] = [];

  constructor(options: BenchOptions = {}) {
    this.service = new TargetService({
      clock: this.clock,
      rng: seededRng(1),
      events: (event) => (event.severity === 'debug' ? this.traced : this.events).push(event),
      limits: { ...defaultLimits, pingAfterNanos: 0, ...options.limits },
      name: 'array1',
      discoveryChap: options.discoveryChap,
    });
    this.service.portals.push(...(options.portals ?? [{ groupTag: 1, announce: undefined }]));
    const ports = [...new Set(this.service.portals.map((portal) => portal.groupTag))].map((groupId) => ({
      relativeId: groupId,
      groupId,
      name: `${DISK},t,0x${groupId.toString(16).padStart(4, '0')}`,
    }));
    this.device = new TargetDevice(DISK, ports);
    this.store = options.store?.(this.clock) ?? memory();
    this.units = [this.store, memory()].map((store, lun) => {
      const unit = new LogicalUnit(
        {
          identity: {
            vendor: 'EXAMPLE',
            product: 'BENCH',
            revision: '0001',
            serial: `BENCH${lun}`,
            naa: new Uint8Array(16).fill(0x60 + lun),
          },
          blockBytes: 512,
          physicalBlockExponent: 0,
          thin: true,
          readOnly: false,
          removable: false,
        },
        store,
        this.device,
        `array1/${DISK}/lun ${lun}`,
        (event) => this.events.push(event),
      );
      this.device.add(lun, unit);
      return unit;
    });
    for (const [name, node] of Object.entries({ [DISK]: {}, ...options.nodes })) this.addNode(name, node);
  }

  addNode(name: string, node: Partial<TargetNode>): void {
    this.service.nodes.set(name, {
      name,
      alias: undefined,
      device: this.device,
      portalGroups: new Set(this.service.portals.map((portal) => portal.groupTag)),
      grant: () => ({ chap: undefined }),
      movedTo: undefined,
      sessions: new Map(),
      ...node,
    });
  }

  /** A connection at a portal, nothing said yet. */
  connect(portal = 0, joined?: ScriptedInitiator): ScriptedInitiator {
    const stream = new TestStream(`192.0.2.7:${50_000 + this.streams.length}`);
    this.streams.push(stream);
    const { receiver, attach } = this.service.accept(this.service.portals[portal]!);
    stream.connect(receiver);
    attach(stream);
    return new ScriptedInitiator(stream, () => this.settle(), joined);
  }

  /** A connection that has logged in; the units' attentions are out of the way. */
  session(words: LoginWords = {}): ScriptedInitiator {
    const initiator = this.connect();
    const outcome = initiator.login(words);
    if (outcome !== 'login success') throw new Error(outcome);
    this.calm();
    return initiator;
  }

  /** One more connection of a session. */
  join(initiator: ScriptedInitiator, connectionId: number, words: LoginWords = {}): ScriptedInitiator {
    const joined = this.connect(0, initiator);
    const outcome = joined.login({ tsih: initiator.tsih, connectionId, ...words });
    if (outcome !== 'login success') throw new Error(outcome);
    return joined;
  }

  /** Takes away every unit attention condition, also that of a nexus which was not seen before. */
  calm(): void {
    for (const unit of this.units) {
      for (const session of this.service.sessions()) unit.link(session.nexus);
      for (const link of unit.links.values()) while (link.hasAttention) link.takeAttention();
    }
  }

  /** Moves bytes until there are none to move; time stands still. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const stream of this.streams) if (stream.move()) moved = true;
    }
  }

  /** The next thing the clock has, a store's answer for one. */
  step(): boolean {
    this.settle();
    const stepped = this.clock.step();
    this.settle();
    return stepped;
  }

  /** Lets time pass. */
  elapse(nanos: Nanos): void {
    const end = this.clock.now() + nanos;
    this.clock.after(nanos, () => {});
    while (this.clock.now() < end) this.step();
    this.settle();
  }

  /** The names of the events since the last call. */
  news(): string[] {
    return this.events.splice(0).map((event) => event.name);
  }

  /**
   * Everybody goes away, the clock runs on; what must be so at the end of every test: no memory set aside, no session, no command, and
   * nothing written after a stream was ended.
   */
  leftovers(): Readonly<Record<string, number>> {
    for (const stream of this.streams) stream.close('the test is over');
    this.settle();
    this.elapse(100 * SECOND);
    const sessions = this.service.sessions();
    return {
      reservedBytes: this.service.staging.reservedBytes,
      keptBytes: this.service.keptBytes.usedBytes,
      sessions: sessions.length,
      tasks: this.units.reduce((sum, unit) => sum + unit.tasks.size, 0),
      open: this.streams.filter((stream) => !stream.closed).length,
      writtenAfterEnd: this.streams.reduce((sum, stream) => sum + stream.writtenAfterEnd, 0),
    };
  }
}

export const NOTHING_LEFT = { reservedBytes: 0, keptBytes: 0, sessions: 0, tasks: 0, open: 0, writtenAfterEnd: 0 };
