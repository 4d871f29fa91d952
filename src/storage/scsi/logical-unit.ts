/** A logical unit (SAM-5 §4.8): its identity, its medium and all it remembers. What commands do to it stands in `commands/`. */
import { concat } from '../../base/bytes.ts';
import type { Nanos } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import { LatencyHistogram } from '../../base/latency-histogram.ts';
import type { BackingStore, ReadDone, StoreDone, StoreError, WriteOptions } from '../block/backing-store.ts';
import { type AccessState, AccessStates } from './access-states.ts';
import type { Command, DataOut } from './command.ts';
import { CopyResults } from './copy-results.ts';
import { ExtentLocks, type ReleaseExtent } from './extent-locks.ts';
import { ModePages } from './mode-pages.ts';
import { type Nexus, nexusKey, type TargetPort } from './nexus.ts';
import type { ReservationKeeper } from './reservation-keeper.ts';
import { reservationsNotLoaded } from './reservation-events.ts';
import { Reservations } from './reservations.ts';
import { TaskSet } from './task-set.ts';
import { UnitNexus } from './unit-nexus.ts';
import { type Sense, sense } from '../../wire/scsi/sense.ts';

/** Commands a logical unit holds at a time, over all initiators; the next gets TASK SET FULL. */
const TASKS_MAX = 4096;
/** MAXIMUM TRANSFER LENGTH in bytes: the most that one command moves, and so the most that is buffered for it. */
export const TRANSFER_BYTES_MAX = 16 * 1024 * 1024;
/** Latencies are told to one part in 16: a histogram takes 5 kB. */
export const LATENCY_STEPS_LOG2 = 4;
/** I_T_L nexuses a logical unit remembers. */
export const LINKS_MAX = 4096;

export interface UnitIdentity {
  /** T10 VENDOR IDENTIFICATION, 8 characters at most. */
  readonly vendor: string;
  /** PRODUCT IDENTIFICATION, 16 characters at most. */
  readonly product: string;
  /** PRODUCT REVISION LEVEL, 4 characters at most. */
  readonly revision: string;
  /** Unit serial number (VPD page 80h), printable ASCII. */
  readonly serial: string;
  /** NAA designator of 16 bytes (NAA 6h, SPC-5 §7.8.6.6.5): world wide unique, and the same after every restart. */
  readonly naa: Uint8Array;
}

export interface UnitConfig {
  readonly identity: UnitIdentity;
  readonly blockBytes: 512 | 4096;
  /** LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT: 3 is 512-byte emulation on 4096-byte sectors. */
  readonly physicalBlockExponent: number;
  readonly thin: boolean;
  readonly readOnly: boolean;
  readonly removable: boolean;
}

/** What a logical unit may know of the SCSI target device around it: its ports, and the units a copy may go between. */
export interface DeviceSurroundings {
  /** SCSI name string of the SCSI target device; for iSCSI its name, `iqn...`. */
  readonly name: string;
  readonly ports: readonly TargetPort[];
  /** Every logical unit the copy manager reaches, with the LUN it has here. */
  readonly units: ReadonlyMap<number, LogicalUnit>;
}

/** What a logical unit can do without. */
export interface UnitOptions {
  /** Keeps reservations through a loss of power; without it APTPL is refused (PTPL_C is zero). */
  readonly reservationKeeper?: ReservationKeeper;
  /** Runs `action` soon: long commands take it between their pieces, so that others get a turn. Default: at once. */
  readonly defer?: (action: () => void) => void;
  /** Runs `action` after a breath: what an operation on the whole medium takes between its pieces. Default: `defer`. */
  readonly pause?: (action: () => void) => void;
  /** Monotonic time, for latencies; read twice a command. Without it none are measured. */
  readonly now?: () => Nanos;
}

export class LogicalUnit {
  readonly config: UnitConfig;
  readonly store: BackingStore;
  readonly device: DeviceSurroundings;
  /** For event sources and messages: `array1/iqn.../lun 0`. */
  readonly path: string;
  readonly events: EventSink;
  readonly blockCount: number;
  readonly transferBlocksMax: number;
  readonly tasks = new TaskSet(TASKS_MAX, (command) => {
    this.counters.commands += 1;
    if (command.sense !== undefined) this.counters.checkConditions += 1;
    if (this.now !== undefined) this.latencies.record(this.now() - command.arrivedAt);
  });
  readonly extents = new ExtentLocks();
  readonly reservations: Reservations;
  readonly copies = new CopyResults();
  readonly accessStates = new AccessStates();
  readonly modes: ModePages;
  readonly links = new Map<string, UnitNexus>();
  /** Only a removable unit is ever unloaded (START STOP UNIT); stopping one does not make it unready, as others may use it. */
  medium: 'ready' | 'ejected' = 'ready';
  /** Pollable sense data (SPC-5 §5.12.2) while a background operation runs: what REQUEST SENSE reports, with its progress. */
  backgroundSense: Sense | undefined = undefined;
  /** Why everything but INQUIRY, REPORT LUNS and REQUEST SENSE is refused: a sanitize operation runs, or has failed (SBC-4 §4.11). */
  refusal: Sense | undefined = undefined;
  sanitize: 'no' | 'pending' | 'erasing' | 'failed' = 'no';
  /** A sanitize operation that failed may be given up: it was begun with AUSE. */
  sanitizeExit = false;
  readonly defer: (action: () => void) => void;
  readonly pause: (action: () => void) => void;
  /** Counters in the words of the log: commands and bytes since the start. */
  readonly counters = { commands: 0, readCommands: 0, writeCommands: 0, readBytes: 0, writtenBytes: 0, checkConditions: 0 };
  readonly now: (() => Nanos) | undefined;
  /** Of all commands that ended, however they did, from their arrival at the unit on: their wait for their turn and for data-out is in it. */
  readonly latencies = new LatencyHistogram(LATENCY_STEPS_LOG2);

  constructor(
    config: UnitConfig,
    store: BackingStore,
    device: DeviceSurroundings,
    path: string,
    events: EventSink,
    options: UnitOptions = {},
  ) {
    this.config = config;
    this.store = store;
    this.device = device;
    this.path = path;
    this.events = events;
    this.defer = options.defer ?? ((action) => action());
    this.pause = options.pause ?? this.defer;
    this.now = options.now;
    this.reservations = new Reservations(options.reservationKeeper);
    if (this.reservations.loadError !== undefined) reservationsNotLoaded(events, path, { reason: this.reservations.loadError });
    this.modes = new ModePages(store.writeBack);
    this.blockCount = Math.floor(store.sizeBytes / config.blockBytes);
    this.transferBlocksMax = TRANSFER_BYTES_MAX / config.blockBytes;
  }

  /** The I_T_L nexus of an initiator port, made when it is first seen and kept over sessions (its unit attentions wait for it). */
  link(nexus: Nexus): UnitNexus {
    const key = nexusKey(nexus);
    let link = this.links.get(key);
    if (link === undefined) {
      if (this.links.size === LINKS_MAX) this.links.delete(this.links.keys().next().value!);
      link = new UnitNexus(nexus);
      this.links.set(key, link);
    }
    return link;
  }

  /** Establishes a unit attention condition for every I_T nexus but `except`. */
  attention(value: Sense, except?: UnitNexus): void {
    for (const link of this.links.values()) if (link !== except) link.attention(value);
  }

  /** Whether write commands are refused now: declared read-only, or SWP set in the control mode page (SPC-5 §7.5.10). */
  get writeProtected(): boolean {
    return this.config.readOnly || this.modes.softwareWriteProtect;
  }

  /** The device itself moves a target port group to another state (implicit ALUA, SPC-5 §5.17.2.7); every nexus is told. */
  setAccessState(groupId: number, state: AccessState): void {
    if (this.accessStates.set(groupId, state)) this.attention(sense('UNIT ATTENTION', 'ASYMMETRIC_ACCESS_STATE_CHANGED'));
  }

  /** Logical unit reset (SAM-5 §6.3.3), once all tasks are aborted: volatile state goes, every nexus is told. */
  reset(): void {
    for (const link of this.links.values()) link.preventsRemoval = false;
    this.reservations.reset();
    this.copies.reset();
    this.modes.reset();
    this.attention(sense('UNIT ATTENTION', 'BUS_DEVICE_RESET'));
  }

  /** I_T nexus loss (SAM-5 §6.3.4), once the nexus's tasks are aborted. */
  nexusLost(link: UnitNexus): void {
    link.preventsRemoval = false;
    this.reservations.nexusLost(link);
    this.copies.nexusLost(link);
    link.attention(sense('UNIT ATTENTION', 'NEXUS_LOSS'));
  }

  /** Reads whole blocks; sees no half of a concurrent write. */
  readRange(lba: number, blocks: number, done: ReadDone): void {
    const offset = lba * this.config.blockBytes;
    const length = blocks * this.config.blockBytes;
    if (this.store.completesAtOnce) return this.store.read(offset, length, done);
    this.extents.acquire(offset, length, false, (release) => {
      this.store.read(offset, length, (error, data) => {
        // The views are good until `done` returns: the next writer starts only then.
        done(error, data);
        release();
      });
    });
  }

  /**
   * Runs `action` while nobody else reads or writes the blocks, until it calls what it is given. With a store that completes at once
   * nothing can come between anyway, as long as the action doesn't defer.
   */
  exclusively(lba: number, blocks: number, action: (release: ReleaseExtent) => void): void {
    if (this.store.completesAtOnce) return action(() => {});
    this.extents.acquire(lba * this.config.blockBytes, blocks * this.config.blockBytes, true, action);
  }

  /** Whether a write with this FUA bit waits for the medium. SBC-4 §4.15.5: with the write cache off, every write does. */
  forces(forced: boolean): boolean {
    return forced || (this.store.writeBack && !this.modes.writeCacheEnabled);
  }

  /** Writes what came of data-out from `lba` on. Buffers that the store can adopt change owners instead of being copied. */
  writeRange(lba: number, data: DataOut, forced: boolean, done: StoreDone): void {
    const fua = this.forces(forced);
    const offset = lba * this.config.blockBytes;
    const length = data.lengthBytes - (data.lengthBytes % this.config.blockBytes);
    // A sanitize operation waits for this unit's own commands; a copy from another unit must not come in between.
    if (this.sanitize === 'erasing') return done({ fault: 'write', message: 'sanitize in progress', offsetBytes: offset });
    if (length !== data.lengthBytes) return this.#writeWithPart(lba, data, fua, done);
    if (this.store.completesAtOnce) return this.#put(offset, data, { fua, stable: data.owned }, done);
    let kept = data;
    let waits = true;
    this.extents.acquire(offset, length, true, (release) => {
      waits = false;
      this.#put(offset, kept, { fua, stable: kept.owned }, (error) => {
        release();
        done(error);
      });
    });
    // What is not ours to keep is copied only if the range has to wait: a store may need no copy at all.
    if (waits && !data.owned) kept = { ...data, views: data.views.map((view) => view.slice()), owned: true };
  }

  #put(offset: number, data: DataOut, options: WriteOptions, done: StoreDone): void {
    if (data.owned && this.store.adopt !== undefined && this.#adopt(offset, data, done)) return;
    this.store.write(offset, data.views, options, done);
  }

  /** The initiator announced fewer bytes than its CDB asks for, and ended inside a block: the rest of that block keeps its content. */
  #writeWithPart(lba: number, data: DataOut, fua: boolean, done: StoreDone): void {
    const { blockBytes } = this.config;
    const blocks = Math.ceil(data.lengthBytes / blockBytes);
    const views = data.owned ? data.views : data.views.map((view) => view.slice());
    this.exclusively(lba, blocks, (release) => {
      const finish: StoreDone = (error) => {
        release();
        done(error);
      };
      this.store.read((lba + blocks - 1) * blockBytes, blockBytes, (error, last) => {
        if (last === undefined) return finish(error);
        const rest = concat(last.views).slice(data.lengthBytes % blockBytes);
        this.store.write(lba * blockBytes, [...views, rest], { fua, stable: true }, finish);
      });
    });
  }

  /** All or nothing: buffers are handed over only if the first (and so, being equally long, every) one can be. */
  #adopt(offset: number, data: DataOut, done: StoreDone): boolean {
    let at = offset;
    let failure: StoreError | undefined;
    for (let index = 0; index < data.views.length; index += 1) {
      const view = data.views[index]!;
      const old = this.store.adopt!(at, view);
      if (old !== undefined) data.views[index] = old;
      else if (index === 0) return false;
      // A short last one, or no space for another: the store says which.
      else this.store.write(at, [view], { fua: false, stable: true }, (error) => (failure ??= error));
      at += view.length;
    }
    done(failure);
    return true;
  }

  /** CHECK CONDITION for what the store could not do. */
  failStore(command: Command, error: StoreError): void {
    const information = error.offsetBytes === undefined ? {} : { information: Math.floor(error.offsetBytes / this.config.blockBytes) };
    if (error.fault === 'read') command.checkCondition(sense('MEDIUM ERROR', 'UNRECOVERED_READ_ERROR', information));
    // SBC-4 §4.7.3.6: the space behind a thin unit is used up.
    else if (error.fault === 'no-space') command.checkCondition(sense('DATA PROTECT', 'SPACE_ALLOCATION_FAILED', information));
    else command.checkCondition(sense('MEDIUM ERROR', 'WRITE_ERROR', information));
  }
}
