/**
 * Crashes. Random writes, with and without FUA, and flushes go through the device server to a store that keeps what it acknowledged in
 * a cache and takes its time; at a random point the power fails. Then each sector must hold something that a serial order of what was
 * written explains, and nothing older than what was promised to be durable: a write with FUA that was answered, or one that was
 * answered before a SYNCHRONIZE CACHE was sent that was answered too.
 *
 * One seed: SAMEWIRE_SEED=<seed> npx vitest run test/fuzz/crash.test.ts. More of them: SAMEWIRE_RUNS=<how many>.
 */
import { describe, expect, it } from 'vitest';
import { putBe32 } from '../../src/base/bytes.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import type { StoreDone, WriteOptions } from '../../src/storage/block/backing-store.ts';
import { FaultyStore } from '../../src/storage/block/faulty.ts';
import { ForgetfulStore } from '../../src/storage/block/forgetful.ts';
import { StepClock } from '../../src/storage/block/testing/step-clock.ts';
import { executeCommand } from '../../src/storage/scsi/device-server.ts';
import type { LogicalUnit } from '../../src/storage/scsi/logical-unit.ts';
import { cdb10, cdb16 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { linkOf, TestCommand } from '../../src/storage/scsi/testing/test-command.ts';
import { unitOver } from '../../src/storage/scsi/testing/unit-over.ts';

const SECTOR = 512;
const SECTORS = 64;
const OPERATIONS = 120;
/** Crashes and restarts of one disk in one run. */
const LIVES = 3;
const SEED = process.env['SAMEWIRE_SEED'] === undefined ? undefined : Number(process.env['SAMEWIRE_SEED']);
const RUNS = Number(process.env['SAMEWIRE_RUNS'] ?? 150);

/** Something sent to the unit. Times count the steps of the run; Infinity: not answered when the power failed. */
interface Sent {
  readonly id: number;
  readonly kind: 'write' | 'fua' | 'flush';
  readonly firstSector: number;
  readonly sectors: number;
  readonly sentAt: number;
  answeredAt: number;
  readonly command: TestCommand;
}

/** Every sector of a write tells which write it is. */
function stamped(id: number, sectors: number): Uint8Array {
  const bytes = new Uint8Array(sectors * SECTOR).fill(id & 0xff);
  for (let sector = 0; sector < sectors; sector += 1) putBe32(bytes, sector * SECTOR, id);
  return bytes;
}

class Run {
  readonly #rng: Rng;
  readonly #disk: ForgetfulStore;
  readonly #blockSectors: number;
  #clock = new StepClock();
  #unit: LogicalUnit | undefined = undefined;
  #sent: Sent[] = [];
  /** What each sector held after the last crash: the write's number, 0 for none. */
  readonly #held: number[] = Array.from({ length: SECTORS }, () => 0);
  /** What each sector held before the operations of this life. */
  #before: readonly number[] = [];
  #time = 0;
  #lastId = 0;

  constructor(seed: number, disk: ForgetfulStore) {
    this.#rng = seededRng(seed);
    this.#disk = disk;
    this.#blockSectors = chance(this.#rng, 0.5) ? 1 : 8;
  }

  /** Power on, operations, power off, and a look at what is left. Gives back what is wrong, or undefined. */
  live(): string | undefined {
    this.#before = [...this.#held];
    this.#sent = [];
    this.#clock = new StepClock();
    const store = new FaultyStore(this.#disk, { clock: this.#clock, rng: this.#rng, delayNanos: [0, 1000] });
    this.#unit = unitOver(store, { blockBytes: this.#blockSectors === 1 ? 512 : 4096 });
    const end = below(this.#rng, OPERATIONS);
    for (let operation = 0; operation < end; operation += 1) {
      if (chance(this.#rng, 0.6)) this.#send(this.#unit);
      for (let steps = below(this.#rng, 3); steps > 0; steps -= 1) {
        this.#clock.step();
        this.#note();
      }
    }
    this.#note();
    this.#disk.crash(this.#rng);
    return this.#look();
  }

  #send(unit: LogicalUnit): void {
    this.#time += 1;
    const id = (this.#lastId += 1);
    const kind = chance(this.#rng, 0.15) ? 'flush' : chance(this.#rng, 0.3) ? 'fua' : 'write';
    const blocksMax = SECTORS / this.#blockSectors;
    const lba = below(this.#rng, blocksMax);
    const blocks = kind === 'flush' ? 0 : 1 + below(this.#rng, Math.min(8, blocksMax - lba));
    const sectors = blocks * this.#blockSectors;
    const cdb = kind === 'flush' ? cdb16(0x91, 0, 0) : cdb10(0x2a, lba, blocks, kind === 'fua' ? 0x08 : 0);
    const command = new TestCommand(linkOf(unit), cdb, { dataOut: stamped(id, sectors) });
    this.#sent.push({ id, kind, firstSector: lba * this.#blockSectors, sectors, sentAt: this.#time, answeredAt: Infinity, command });
    executeCommand(unit, command);
  }

  #note(): void {
    this.#time += 1;
    for (const one of this.#sent) {
      if (one.answeredAt !== Infinity || !one.command.delivered) continue;
      expect(one.command.outcome).toBe('GOOD');
      one.answeredAt = this.#time;
    }
  }

  #durable(write: Sent): boolean {
    if (write.answeredAt === Infinity) return false;
    if (write.kind === 'fua') return true;
    return this.#sent.some((flush) => flush.kind === 'flush' && flush.answeredAt !== Infinity && flush.sentAt > write.answeredAt);
  }

  /** What a sector may hold: no write that was over before one began that is durable by promise. */
  #allowed(sector: number): number[] {
    const writes = this.#sent.filter((one) => sector >= one.firstSector && sector < one.firstSector + one.sectors);
    const durable = writes.filter((write) => this.#durable(write));
    const survivors = writes.filter((write) => !durable.some((later) => write.answeredAt < later.sentAt));
    return [...(durable.length === 0 ? [this.#before[sector]!] : []), ...survivors.map((write) => write.id)];
  }

  #look(): string | undefined {
    let wrong: string | undefined;
    for (let sector = 0; sector < SECTORS; sector += 1) {
      this.#disk.read(sector * SECTOR, SECTOR, (_, data) => {
        const bytes = data!.views[0]!;
        const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
        this.#held[sector] = id;
        const allowed = this.#allowed(sector);
        const whole = id === 0 || bytes.subarray(4).every((byte) => byte === (id & 0xff));
        if (!whole) wrong ??= `sector ${sector} is torn`;
        else if (!allowed.includes(id)) wrong ??= `sector ${sector} holds write ${id}; it may hold ${allowed.join(', ')}`;
      });
    }
    return wrong;
  }
}

/** A disk that acknowledges FUA and flushes like any other, and does nothing of the kind. */
class LyingDisk extends ForgetfulStore {
  override write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    super.write(offsetBytes, data, { ...options, fua: false }, done);
  }

  override flush(done: StoreDone): void {
    done(undefined);
  }
}

function trouble(seed: number, disk: ForgetfulStore): string | undefined {
  const run = new Run(seed, disk);
  for (let life = 1; life <= LIVES; life += 1) {
    const wrong = run.live();
    if (wrong !== undefined)
      return `seed ${seed}, life ${life}: ${wrong}\nreplay: SAMEWIRE_SEED=${seed} npx vitest run test/fuzz/crash.test.ts`;
  }
  return undefined;
}

const seeds = SEED === undefined ? Array.from({ length: RUNS }, (_, index) => index + 1) : [SEED];

describe('a crash', () => {
  it('never loses an answered FUA write, nor one that an answered flush came after', () => {
    for (const seed of seeds) expect(trouble(seed, new ForgetfulStore(SECTORS * SECTOR))).toBeUndefined();
  });

  it('is noticed here where a disk lies', () => {
    const noticed = Array.from({ length: 20 }, (_, index) => trouble(index + 1, new LyingDisk(SECTORS * SECTOR)));
    expect(noticed.filter((wrong) => wrong !== undefined)).not.toHaveLength(0);
  });
});
