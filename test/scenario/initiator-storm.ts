/**
 * An initiator and a target in virtual time under a seeded storm: cables that damage, swallow, delay and break, targets that restart. Every
 * command must end exactly once, with the data of a model or with a named reason.
 *
 *     npm run storm -- --level 2 --connections 4 --seed 7 --commands 100000
 */
import { concat, EMPTY_BYTES } from '../../src/base/bytes.ts';
import type { FabricEvent } from '../../src/base/event.ts';
import { MILLISECOND, type Nanos, SECOND } from '../../src/base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { storageArray, type StorageArray } from '../../src/device/storage-array.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import {
  type CommandRequest,
  defaultInitiatorLimits,
  InitiatorSession,
  InitiatorTask,
  type RecoveryCounters,
} from '../../src/storage/iscsi/initiator/index.ts';
import { defaultLimits } from '../../src/storage/iscsi/limits.ts';
import * as cdbs from '../../src/wire/scsi/cdb.ts';
import { BLOCK_BYTES, DiskModel, stamped } from './initiator-storm-disk.ts';
import { Cable, type CableFaults, CALM, faultCounts, type FaultCounts, HUNG_NANOS } from './initiator-storm-stream.ts';

export interface StormPlan {
  readonly level: 0 | 1 | 2;
  readonly connections: number;
  readonly seed: number;
  readonly commands: number;
}

export interface StormReport {
  readonly plan: StormPlan;
  readonly succeeded: number;
  /** How many failed, by reason. */
  readonly failed: Readonly<Record<string, number>>;
  readonly faults: Readonly<FaultCounts & { restarts: number }>;
  readonly recovery: Readonly<RecoveryCounters>;
  readonly sessions: number;
  readonly dialed: number;
  readonly virtualSeconds: number;
  /** What must not be; empty if all is well. */
  readonly violations: readonly string[];
}

export const commandLine = ({ level, connections, seed, commands }: StormPlan): string =>
  `npm run storm -- --level ${level} --connections ${connections} --seed ${seed} --commands ${commands}`;

const TARGET = 'iqn.2026-01.net.example:storm';
const HOST = 'iqn.2026-01.net.example:host';
const DISK_BLOCKS = 4096;
const UNDER_WAY_MAX = 48;
const VIOLATIONS_MAX = 20;
const MISCOMPARE = 14;
const CHECK_CONDITION = 2;
const ABORTED_COMMAND = 11;

/** A storm at each level: at level 0 every damage costs the session, and there is less of it. */
const MODERATE: CableFaults = {
  header: 1 / 600,
  lengths: 1 / 20_000,
  data: 1 / 600,
  vanish: 0,
  cut: 1 / 3000,
  hole: 1 / 60_000,
  delay: 1 / 200,
  longDelay: 1 / 5000,
};
const HEAVY: CableFaults = { ...MODERATE, header: 1 / 200, data: 1 / 200, vanish: 1 / 500, cut: 1 / 8000 };
const STORMS: Readonly<Record<StormPlan['level'], CableFaults>> = { 0: MODERATE, 1: HEAVY, 2: { ...HEAVY, cut: 1 / 2000 } };
/** Restarts, for every command. */
const RESTART = 1 / 5000;

interface Command {
  readonly kind: 'read' | 'write' | 'exchange';
  readonly lba: number;
  readonly blocks: number;
  readonly stamp: number;
  ended: number;
}

export class Storm {
  readonly #plan: StormPlan;
  readonly #rng: Rng;
  readonly #cableRng: Rng;
  readonly #clock = new VirtualClock();
  readonly #store = new MemoryStore({ sizeBytes: DISK_BLOCKS * BLOCK_BYTES, thin: true });
  readonly #model = new DiskModel(DISK_BLOCKS);
  readonly #faults = { ...faultCounts(), restarts: 0 };
  readonly #failed: Record<string, number> = {};
  readonly #violations: string[] = [];
  readonly #cables = new Set<Cable>();
  readonly #events: FabricEvent[] = [];
  readonly #deferred: (() => void)[] = [];
  readonly #sums: Record<string, number> = {};
  #array!: StorageArray;
  #slow!: FaultyStore;
  #up = false;
  #session!: InitiatorSession;
  #sessions = 0;
  #dialed = 0;
  #begun = 0;
  #ended = 0;
  #succeeded = 0;
  #lastEnd: Nanos = 0;
  #stormy = true;
  #arrays = 0;
  #checked = false;

  constructor(plan: StormPlan) {
    this.#plan = plan;
    this.#rng = seededRng(plan.seed * 16 + plan.level);
    this.#cableRng = seededRng(plan.seed * 16 + plan.level + 8);
  }

  run(): StormReport {
    this.#startArray();
    this.#startSession();
    this.#turn();
    while (this.#ended < this.#plan.commands && this.#violations.length < VIOLATIONS_MAX) {
      this.#step();
      if (this.#clock.now() - this.#lastEnd > HUNG_NANOS) {
        const { scheduler, state } = this.#session;
        this.#violate(
          `nothing has ended for ${HUNG_NANOS / SECOND} s: ${scheduler.inFlight} under way, ${scheduler.queued} wait, ${state}`,
        );
        break;
      }
    }
    if (this.#violations.length === 0) this.#readBack();
    this.#sum();
    const { commands } = this.#plan;
    if (this.#violations.length === 0 && this.#ended !== commands) this.#violate(`${this.#ended} of ${commands} ended`);
    return {
      plan: this.#plan,
      succeeded: this.#succeeded,
      failed: this.#failed,
      faults: this.#faults,
      recovery: this.#sums as unknown as RecoveryCounters,
      sessions: this.#sessions,
      dialed: this.#dialed,
      virtualSeconds: this.#clock.now() / SECOND,
      violations: this.#violations,
    };
  }

  /** The last events, for people who look for what went wrong. */
  get events(): readonly FabricEvent[] {
    return this.#events;
  }

  #step(): void {
    if (!this.#clock.step()) throw new Error('nothing happens any more');
    for (let action = this.#deferred.shift(); action !== undefined; action = this.#deferred.shift()) action();
  }

  #violate(what: string): void {
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push(`at ${(this.#clock.now() / SECOND).toFixed(6)} s: ${what}`);
  }

  #tell(event: FabricEvent): void {
    this.#events.push(event);
    if (this.#events.length > 2000) this.#events.splice(0, 1000);
  }

  // ---- the target ----

  #startArray(): void {
    this.#arrays += 1;
    const rng = seededRng(this.#plan.seed * 1000 + this.#arrays);
    this.#slow = new FaultyStore(this.#store, { clock: this.#clock, rng, delayNanos: [MILLISECOND / 20, 2 * MILLISECOND] });
    this.#array = storageArray({
      name: 'array1',
      clock: this.#clock,
      rng,
      events: (event) => this.#tell(event),
      limits: { ...defaultLimits, maxReceiveDataSegmentBytes: 16_384, maxBurstBytes: 65_536, firstBurstBytes: 32_768 },
      discoveryChap: undefined,
      portals: [{ groupTag: 1, announce: undefined }],
      groups: [],
      targets: [
        {
          name: TARGET,
          alias: undefined,
          portalGroups: [1],
          units: [
            {
              lun: 0,
              config: {
                identity: { vendor: 'EXAMPLE', product: 'STORM', revision: '0001', serial: 'storm', naa: new Uint8Array(16).fill(0x60) },
                blockBytes: BLOCK_BYTES,
                physicalBlockExponent: 0,
                thin: true,
                readOnly: false,
                removable: false,
              },
              store: this.#slow,
              options: {},
            },
          ],
          grant: () => ({ chap: undefined }),
          movedTo: undefined,
        },
      ],
    });
    this.#up = true;
  }

  /** The array goes down at once, forgets everything but what is stored, and is back after a while. */
  #restart(): void {
    if (!this.#up) return;
    this.#up = false;
    this.#faults.restarts += 1;
    for (const cable of this.#cables) cable.cut();
    for (const session of this.#array.service.sessions()) session.end('the array lost its power', undefined);
    const back = (): void => {
      // What is on its way to the store comes to rest first: a disk does not write for an array that is gone.
      if (this.#slow.pending !== 0 || this.#array.service.sessions().length !== 0) this.#clock.after(10 * MILLISECOND, back);
      else this.#startArray();
    };
    this.#clock.after(below(this.#rng, 2000) * MILLISECOND, back);
  }

  // ---- the initiator ----

  #startSession(): void {
    this.#sessions += 1;
    const { level, connections, seed } = this.#plan;
    this.#session = new InitiatorSession(
      {
        initiatorName: HOST,
        initiatorAlias: undefined,
        targetName: TARGET,
        portals: [
          { host: '192.0.2.1', port: 3260 },
          { host: '192.0.2.2', port: 3260 },
        ],
        chap: undefined,
        chapRequired: false,
        isid: undefined,
      },
      {
        ...defaultInitiatorLimits,
        headerDigest: ['CRC32C'],
        dataDigest: ['CRC32C'],
        commandsInFlight: 40,
        maxReceiveDataSegmentBytes: 16_384,
        maxBurstBytes: 65_536,
        firstBurstBytes: 32_768,
        errorRecoveryLevel: level,
        maxConnections: connections,
        time2WaitSeconds: seed % 3 === 0 ? 1 : 0,
        time2RetainSeconds: level === 2 ? 20 : 0,
        // A storm is worse than what a command is given up for otherwise.
        replays: 30,
      },
      {
        clock: this.#clock,
        rng: seededRng(seed * 1000 + 500 + this.#sessions),
        events: (event) => this.#tell(event),
        allocate: (bytes) => new Uint8Array(bytes),
        defer: (action) => void this.#deferred.push(action),
        dial: (_, receiver, opened) => {
          let cancelled = false;
          this.#dialed += 1;
          this.#clock.after(MILLISECOND / 5, () => {
            if (cancelled) return;
            if (!this.#up) return receiver.handleClose('connect ECONNREFUSED 192.0.2.1:3260');
            const cable = new Cable(`192.0.2.7:${this.#dialed}`, this.#clock, this.#cableRng, () => this.#weather(), this.#faults);
            for (const old of this.#cables) if (old.initiator.closed && old.target.closed) this.#cables.delete(old);
            this.#cables.add(cable);
            const { service } = this.#array;
            const { receiver: theirs, attach } = service.accept(service.portals[0]!);
            cable.initiator.receiver = receiver;
            cable.target.receiver = theirs;
            attach(cable.target);
            opened(cable.initiator);
          });
          return { cancel: () => (cancelled = true) };
        },
      },
      {
        handleState: (state) => {
          if (state !== 'closed') return;
          this.#sum();
          this.#clock.after(100 * MILLISECOND, () => this.#startSession());
        },
        handleAttention: () => {},
        handleRoom: () => {},
      },
    );
    this.#session.open(() => this.#fill());
  }

  #sum(): void {
    for (const [name, count] of Object.entries(this.#session.counters)) this.#sums[name] = (this.#sums[name] ?? 0) + count;
  }

  // ---- the weather ----

  #weather(): CableFaults {
    return this.#stormy ? STORMS[this.#plan.level] : CALM;
  }

  /** Storms and calms by turns. */
  #turn(): void {
    this.#clock.after((20 + below(this.#rng, 400)) * MILLISECOND, () => {
      this.#stormy = !chance(this.#rng, 0.3);
      if (this.#ended < this.#plan.commands) this.#turn();
    });
  }

  // ---- commands ----

  #fill(): void {
    while (this.#begun - this.#ended < UNDER_WAY_MAX && this.#begun < this.#plan.commands && this.#session.state !== 'closed') {
      if (!this.#begin()) break;
    }
  }

  /** False if no free blocks were found: when commands have ended there are. */
  #begin(): boolean {
    for (let tries = 0; tries < 20; tries += 1) {
      const dice = below(this.#rng, 10);
      const kind = dice === 0 ? 'exchange' : dice < 6 ? 'write' : 'read';
      const most = kind === 'exchange' ? 4 : below(this.#rng, 20) === 0 ? 400 : below(this.#rng, 4) === 0 ? 100 : 12;
      const blocks = 1 + below(this.#rng, most);
      const lba = below(this.#rng, DISK_BLOCKS - blocks);
      const writes = kind !== 'read';
      if (!this.#model.isFree(lba, blocks, writes)) continue;
      if (kind === 'exchange' && this.#model.known(lba, blocks) === undefined) continue;
      this.#submit({ kind, lba, blocks, stamp: this.#begun + 1, ended: 0 });
      return true;
    }
    return false;
  }

  #submit(command: Command): void {
    const { kind, lba, blocks } = command;
    const writes = kind !== 'read';
    this.#begun += 1;
    this.#model.use(lba, blocks, writes);
    if (chance(this.#rng, RESTART)) this.#restart();
    const task = new InitiatorTask(this.#request(command), (ended) => this.#end(command, ended));
    this.#session.scheduler.submit(task);
  }

  #request({ kind, lba, blocks, stamp }: Command): CommandRequest {
    if (kind === 'read') return { lun: 0, cdb: cdbs.read(lba, blocks), dataInBytes: blocks * BLOCK_BYTES, attentionRetries: 100 };
    const data = stamped(stamp, lba, blocks);
    if (kind === 'write') return { lun: 0, cdb: cdbs.write(lba, blocks), dataOut: [data], attentionRetries: 100 };
    const before = stamped(this.#model.known(lba, blocks)!, lba, blocks);
    return { lun: 0, cdb: cdbs.compareAndWrite(lba, blocks), dataOut: [before, data], attentionRetries: 100 };
  }

  #end(command: Command, task: InitiatorTask): void {
    const { kind, lba, blocks, stamp } = command;
    command.ended += 1;
    if (command.ended !== 1) return this.#violate(`command ${stamp} (${kind}) ended ${command.ended} times`);
    this.#ended += 1;
    this.#lastEnd = this.#clock.now();
    this.#model.leave(lba, blocks, kind !== 'read');
    if (task.error !== undefined) {
      this.#failed[task.error.reason] = (this.#failed[task.error.reason] ?? 0) + 1;
      if (kind !== 'read') this.#model.maybeWrite(lba, blocks, stamp);
    } else if (task.status !== 0) {
      const what = task.status === CHECK_CONDITION && task.senseKey === MISCOMPARE ? 'was carried out twice, or met what nobody wrote' : '';
      const sense = [...task.sense].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      if (kind !== 'read') this.#model.maybeWrite(lba, blocks, stamp);
      // RFC 7143 §11.4.7.2: at level 0 a damaged Data-Out ends its command so.
      if (this.#plan.level === 0 && task.senseKey === ABORTED_COMMAND)
        this.#failed['aborted-command'] = (this.#failed['aborted-command'] ?? 0) + 1;
      else
        this.#violate(
          `command ${stamp} (${kind} of ${blocks} blocks from ${lba} on) ended with status ${task.status}, sense ${sense} ${what}`,
        );
    } else {
      this.#succeeded += 1;
      if (kind === 'read') {
        const wrong = task.data.length === blocks * BLOCK_BYTES ? this.#model.read(lba, task.data) : `${task.data.length} bytes came`;
        if (wrong !== undefined) this.#violate(`command ${stamp} (read of ${blocks} blocks from ${lba} on): ${wrong}`);
      } else this.#model.write(lba, blocks, stamp);
    }
    // Not from here: whoever calls this is in the middle of something.
    this.#deferred.push(() => this.#fill());
  }

  /** Past initiator and target: the disk itself, which answers at once. */
  #readBack(): void {
    this.#store.read(0, DISK_BLOCKS * BLOCK_BYTES, (error, data) => {
      if (error !== undefined) return this.#violate('the store does not read');
      const wrong = this.#model.read(0, concat([...data!.views, EMPTY_BYTES]));
      if (wrong !== undefined) this.#violate(`in the end ${wrong}`);
      this.#checked = true;
    });
    if (!this.#checked) this.#violate('the disk was not looked at in the end');
  }
}
