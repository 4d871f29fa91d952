/** Copies between ends in memory, by seed: interrupted anywhere, with caches that are lost, they end identical, and records never promise too much. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { below, chance, type Rng, seededRng } from '../../base/rng.ts';
import type { CopyDestination, CopySource } from './ends.ts';
import { copy, type CopyNote, type CopyOptions, type CopyResult, newProgress } from './job.ts';
import { type CopyRecord, recordFile } from './record.ts';
import { memoryDestination, memorySource, type MemoryDestination, type MemorySource } from './testing/memory-ends.ts';

const KIB = 1024;
const folder = mkdtempSync(join(tmpdir(), 'samewire-copy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;

interface Run {
  readonly result: CopyResult | undefined;
  readonly error: unknown;
  readonly notes: readonly CopyNote[];
  readonly zeroBytes: number;
  readonly losses: number;
}

async function run(
  source: CopySource,
  destination: CopyDestination,
  recordFolder: string,
  options: Partial<CopyOptions> = {},
): Promise<Run> {
  const notes: CopyNote[] = [];
  const progress = newProgress();
  Object.assign(destination, { closed: false });
  let now = 0;
  const whole = {
    openSource: async () => source,
    openDestination: async () => destination,
    pieceBytes: 16 * KIB,
    depth: 4,
    sparse: true,
    verify: false,
    force: false,
    restart: false,
    recordFolder,
    checkpointMilliseconds: 3,
    stop: new AbortController().signal,
    note: (note: CopyNote) => void notes.push(note),
    progress,
    now: () => (now += 1),
    ...options,
  };
  try {
    const result = await copy(whole);
    return { result, error: undefined, notes, zeroBytes: progress.zeroBytes, losses: progress.losses };
  } catch (error) {
    return { result: undefined, error, notes, zeroBytes: progress.zeroBytes, losses: progress.losses };
  }
}

const freshFolder = (): string => join(folder, String((folders += 1)));
const recordIn = (path: string): Promise<CopyRecord | undefined> => recordFile(path, 'source', 'destination').read();
const expectSame = (destination: Uint8Array, source: Uint8Array, endBytes: number, why: string): void => {
  const at = source.subarray(0, endBytes).findIndex((byte, index) => byte !== destination[index]);
  expect(at, why).toBe(-1);
};

/** What the record says is there has to be there after a loss of power. */
async function expectHonest(path: string, source: MemorySource, destination: MemoryDestination, why: string): Promise<number> {
  const position = (await recordIn(path))?.positionBytes ?? 0;
  expectSame(destination.durable, source.data, position, `${why}: the record says ${position}`);
  return position;
}

const SHAPES: readonly (readonly [source: number, destination: number])[] = [
  [1, 512],
  [512, 1],
  [512, 512],
  [1, 4096],
];

let resumedInAll = 0;
const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1);

describe('a copy', () => {
  it.each(SEEDS)('interrupted again and again, by seed %i, ends identical', async (seed) => {
    const why = `npx vitest run src/os/copy/copy.test.ts -t "by seed ${seed},"`;
    const rng = seededRng(seed);
    const [sourceUnit, destinationUnit] = SHAPES[seed % SHAPES.length]!;
    const bytes = sourceUnit === 1 ? 1_000_000 + below(rng, 1_000_000) : 512 * (2000 + below(rng, 2000));
    const source = memorySource(rng, bytes, sourceUnit);
    const destination = memoryDestination(rng, Math.ceil(bytes / destinationUnit) * destinationUnit, destinationUnit);
    const path = freshFolder();
    const options = { verify: true, sparse: chance(rng, 0.7), depth: 1 + below(rng, 6), pieceBytes: 4 * KIB * (1 + below(rng, 20)) };
    let resumed = 0;
    for (let tries = 0; ; tries += 1) {
      expect(tries, why).toBeLessThan(200);
      const stop = new AbortController();
      disturb(rng, destination, stop, tries < 4 ? 2 : 3);
      const { result, error, notes } = await run(source, destination, path, { ...options, stop: stop.signal });
      const position = await expectHonest(path, source, destination, why);
      if (notes.some((note) => note.kind === 'resuming')) resumed += 1;
      expect(
        notes.filter((note) => note.kind === 'beginning-anew'),
        why,
      ).toEqual([]);
      if (error !== undefined) expect(String(error), why).toContain('the wire was cut');
      if (result?.outcome === 'stopped') expect(position, why).toBe(result.positionBytes);
      if (result?.outcome === 'complete') break;
      // The machine of the destination goes down too, at times.
      if (chance(rng, 0.3)) {
        destination.losePower();
        await destination.flush();
      }
    }
    expectSame(destination.seen, source.data, bytes, why);
    expectSame(destination.durable, source.data, bytes, why);
    expect(
      destination.seen.subarray(bytes).every((byte) => byte === 0),
      why,
    ).toBe(true);
    expect(await recordIn(path)).toBeUndefined();
    resumedInAll += resumed;
  });

  it('has gone on more often than begun', () => expect(resumedInAll).toBeGreaterThan(SEEDS.length));
});

/** Somewhere on the way: an error, a signal, or nothing; and now and then what was not flushed is lost. */
function disturb(rng: Rng, destination: MemoryDestination, stop: AbortController, kinds: number): void {
  const kind = below(rng, kinds);
  let left = 3 + below(rng, 25);
  destination.onWrite = () => {
    left -= 1;
    if (chance(rng, 0.02)) destination.losePower();
    if (left > 0) return;
    if (kind === 0) throw new Error('the wire was cut');
    if (kind === 1) stop.abort();
  };
}

interface Ends {
  readonly source: MemorySource;
  readonly destination: MemoryDestination;
  readonly path: string;
}

const pair = (seed = 1, bytes = 1024 * KIB): Ends => {
  const rng = seededRng(seed);
  return { source: memorySource(rng, bytes, 1), destination: memoryDestination(rng, bytes, 512), path: freshFolder() };
};

/** Leaves a record behind. */
const interrupted = async (seed = 1): Promise<Ends> => {
  const ends = pair(seed);
  const stop = new AbortController();
  let left = 6;
  ends.destination.onWrite = () => void ((left -= 1) === 0 && stop.abort());
  expect((await run(ends.source, ends.destination, ends.path, { stop: stop.signal })).result?.outcome).toBe('stopped');
  ends.destination.onWrite = () => {};
  expect((await recordIn(ends.path))!.positionBytes).toBeGreaterThan(0);
  return ends;
};

describe('what a copy does beside', () => {
  it('writes zeros as data where it is told to', async () => {
    const { source, destination, path } = pair();
    expect((await run(source, destination, path, { sparse: false })).zeroBytes).toBe(0);
    expect(destination.zeroed).toBe(0);
    const again = pair();
    const { zeroBytes } = await run(again.source, again.destination, again.path);
    expect(zeroBytes).toBeGreaterThan(100 * KIB);
    expect(again.destination.zeroed).toBe(zeroBytes);
  });

  it('closes both ends, whatever happens', async () => {
    const { source, destination, path } = pair();
    destination.onWrite = () => {
      throw new Error('full');
    };
    expect(String((await run(source, destination, path)).error)).toContain('full');
    expect([source.closed, destination.closed]).toEqual([true, true]);
  });

  it('writes again what the destination lost, and only counts it once', async () => {
    const { source, destination, path } = pair(3);
    let writes = 0;
    destination.onWrite = () => {
      writes += 1;
      if (writes === 9) destination.losePower();
    };
    const { result, losses } = await run(source, destination, path, { verify: true });
    expect([result?.outcome, losses]).toEqual(['complete', 1]);
    expectSame(destination.durable, source.data, source.sizeBytes, '');
  });

  it('finds what differs, and where first', async () => {
    const { source, destination, path } = pair(5);
    const read = destination.read.bind(destination);
    const readWrongly = async (at: number, into: Uint8Array): Promise<void> => {
      await read(at, into);
      for (const place of [400_000, 123_456]) if (place >= at && place < at + into.length) into[place - at]! ^= 1;
    };
    Object.assign(destination, { read: readWrongly });
    const { result } = await run(source, destination, path, { verify: true });
    expect(result).toMatchObject({ outcome: 'differs', difference: { atBytes: 123_456, blockBytes: 512, source: source.data[123_456] } });
    // Nothing is left that would have the next copy go on behind the difference.
    expect(await recordIn(path)).toBeUndefined();
  });

  it('tells that the source was written to meanwhile', async () => {
    const { source, destination, path } = pair();
    destination.onWrite = () => {
      source.stampText = 'changed';
    };
    expect((await run(source, destination, path)).result?.outcome).toBe('source-changed');
    expect(await recordIn(path)).toBeUndefined();
  });

  it.each([
    [
      'the source has changed',
      'source-changed',
      ({ source }: Ends): void => {
        source.stampText = 'later';
      },
    ],
    [
      'the destination is another',
      'destination-changed',
      ({ destination }: Ends): void => {
        Object.assign(destination, { identity: { key: 'destination', is: 'another' } });
      },
    ],
    [
      'the destination holds something else',
      'destination-differs',
      ({ destination }: Ends): void => {
        destination.seen.fill(0x77);
      },
    ],
  ] as const)('begins anew where %s', async (_, expected, change) => {
    const ends = await interrupted();
    change(ends);
    const { result, notes } = await run(ends.source, ends.destination, ends.path);
    expect(notes).toEqual([{ kind: 'beginning-anew', why: expected }]);
    expect(result?.outcome).toBe('complete');
    expectSame(ends.destination.seen, ends.source.data, ends.source.sizeBytes, '');
  });

  it('begins anew where it is told to, and goes on where it is not', async () => {
    const ends = await interrupted(8);
    const { positionBytes } = (await recordIn(ends.path))!;
    expect((await run(ends.source, ends.destination, ends.path, { restart: true })).notes).toEqual([
      { kind: 'beginning-anew', why: 'restart' },
    ]);
    const more = await interrupted(8);
    expect((await run(more.source, more.destination, more.path)).notes).toEqual([{ kind: 'resuming', positionBytes }]);
  });

  it('takes back what a record says before it changes the destination', async () => {
    const { source, destination, path } = await interrupted(8);
    const said: (number | undefined)[] = [];
    const prepare = async (): Promise<void> => void said.push((await recordIn(path))?.positionBytes);
    Object.assign(destination, { prepare });
    await run(source, destination, path, { restart: true });
    expect(said).toEqual([0]);
  });

  it('understands no record that is damaged', async () => {
    const ends = await interrupted(9);
    const [name] = readdirSync(ends.path);
    const text = readFileSync(join(ends.path, name!), 'utf8');
    for (const damaged of [
      text.slice(0, 40),
      text.replace(/"positionBytes":\d+/, '"positionBytes":-1'),
      'null',
      text.replace('"version":1', '"version":2'),
    ]) {
      writeFileSync(join(ends.path, name!), damaged);
      expect(await recordIn(ends.path)).toBeUndefined();
    }
    expect((await run(ends.source, ends.destination, ends.path)).notes).toEqual([]);
    expectSame(ends.destination.seen, ends.source.data, ends.source.sizeBytes, '');
  });

  it('copies without a record where none can be kept', async () => {
    const { source, destination, path } = pair();
    writeFileSync(path, 'a file where a folder should be');
    const { result, notes } = await run(source, destination, path);
    expect(notes.map((note) => note.kind)).toEqual(['no-record']);
    expect(result?.outcome).toBe('complete');
  });

  it('refuses what is too small, unless it is forced', async () => {
    const rng = seededRng(4);
    const [source, destination] = [memorySource(rng, 300_000, 1), memoryDestination(rng, 512 * 300, 512)];
    const path = freshFolder();
    const refused = await run(source, destination, path);
    expect(refused.error).toMatchObject({ name: 'CopyRefusal', forcible: true });
    expect(destination.flushes).toBe(0);
    const forced = await run(source, destination, path, { force: true, verify: true });
    expect(forced.notes).toEqual([{ kind: 'cut', leftOutBytes: 300_000 - 512 * 300 }]);
    expect(forced.result?.outcome).toBe('complete');
    expectSame(destination.seen, source.data, 512 * 300, '');
  });

  it('refuses itself, what seems to be itself, and blocks of another size', async () => {
    const rng = seededRng(4);
    const [source, destination] = [memorySource(rng, 512 * KIB, 512), memoryDestination(rng, 512 * KIB, 4096)];
    expect((await run(source, destination, freshFolder())).error).toMatchObject({
      forcible: true,
      message: expect.stringContaining('4096'),
    });
    expect((await run(source, destination, freshFolder(), { force: true, verify: true })).result?.outcome).toBe('complete');
    Object.assign(destination, { identity: { key: 'elsewhere', is: source.identity.is } });
    expect((await run(source, destination, freshFolder())).error).toMatchObject({ forcible: true });
    Object.assign(destination, { identity: source.identity });
    expect((await run(source, destination, freshFolder(), { force: true })).error).toMatchObject({ forcible: false });
  });

  it('says that a larger destination keeps its end', async () => {
    const rng = seededRng(4);
    const [source, destination] = [memorySource(rng, 100_000, 1), memoryDestination(rng, 512 * 400, 512)];
    const before = destination.seen.slice();
    const { notes } = await run(source, destination, freshFolder());
    const end = Math.ceil(100_000 / 512) * 512;
    expect(notes).toEqual([{ kind: 'larger', restBytes: 512 * 400 - end }]);
    expectSame(destination.seen.subarray(end), before.subarray(end), before.length, '');
  });
});
