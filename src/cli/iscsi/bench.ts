/** `samewire iscsi bench`: how many reads and writes a second a logical unit does, and how long each takes. */
import { seededRng } from '../../base/rng.ts';
import { type Load, startLoad } from '../../os/bench/load.ts';
import { type BlockDevice, connectIscsi } from '../../os/iscsi/index.ts';
import { iscsiUrlText } from '../../storage/iscsi/initiator/index.ts';
import { type CommandContext, UserError } from '../context.ts';
import { type BenchReport, type Measured, measuredOf, reportText } from './bench-report.ts';
import { explained } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';
import { unitPlaceOf } from './places.ts';
import { statusLine } from './status-line.ts';
import { durationText, rateText, sizeText } from './words.ts';

export interface BenchOptions extends ConnectionOptions {
  readonly depth: number;
  readonly blockSize: number;
  readonly read?: number;
  readonly write?: boolean;
  readonly sequential?: boolean;
  readonly seconds: number;
  readonly count?: number;
  /** Default: a second, or none with `count`. */
  readonly warmUp?: number;
  readonly offset?: number;
  readonly region?: number;
  readonly seed?: number;
  readonly destroyData?: boolean;
}

const EXIT_INTERRUPTED = 130;
const SHOWN_EVERY_MILLISECONDS = 500;

export function bench(url: string, options: BenchOptions, context: CommandContext): Promise<number> {
  return explained(async () => {
    const { target, lun, portal } = unitPlaceOf(url);
    const readPercent = readShare(options);
    if (readPercent < 100 && options.destroyData !== true)
      throw new UserError('Writing destroys what is on the disk: say --destroy-data too if there is nothing on it that anybody needs.');
    const iscsi = iscsiOptionsOf(options, context);
    // Each place in the queue has to find room in the session.
    const limits = {
      commandsInFlight: Math.max(128, options.depth),
      bytesInFlight: 2 * options.depth * options.blockSize + 32 * 1024 * 1024,
    };
    const disk = await connectIscsi(url, { ...iscsi, limits });
    try {
      return await run(disk, iscsiUrlText(portal, target, lun), readPercent, options, context);
    } finally {
      await disk.close();
    }
  });
}

function readShare({ read, write }: BenchOptions): number {
  if (write === true && read !== undefined) throw new UserError('--write is --read 0: give one of the two.');
  return write === true ? 0 : (read ?? 100);
}

interface Part {
  readonly blocks: number;
  readonly startBlock: number;
  readonly regionBlocks: number;
}

function partOf(disk: BlockDevice, { blockSize, offset = 0, region }: BenchOptions): Part {
  const { blockBytes } = disk;
  if (blockSize % blockBytes !== 0) throw new UserError(`--block-size has to be whole blocks of the disk, which have ${blockBytes} bytes.`);
  if (offset % blockBytes !== 0) throw new UserError(`--offset has to be whole blocks of the disk, which have ${blockBytes} bytes.`);
  const blocks = blockSize / blockBytes;
  const { transferBlocksMax } = disk.limits;
  if (transferBlocksMax !== 0 && blocks > transferBlocksMax)
    throw new UserError(`The disk takes ${sizeText(transferBlocksMax * blockBytes)} in one command, less than --block-size.`);
  const startBlock = offset / blockBytes;
  const left = disk.blocks - startBlock;
  if (left <= 0) throw new UserError(`--offset lies behind the end of the disk, which has ${sizeText(disk.bytes)}.`);
  const regionBlocks = region === undefined ? left : Math.floor(region / blockBytes);
  if (regionBlocks > left)
    throw new UserError(`The disk has only ${sizeText(left * blockBytes)}${offset === 0 ? '' : ' behind --offset'}.`);
  if (regionBlocks < blocks) throw new UserError('Not one command of --block-size fits into that part of the disk.');
  return { blocks, startBlock, regionBlocks };
}

async function run(disk: BlockDevice, name: string, readPercent: number, options: BenchOptions, context: CommandContext): Promise<number> {
  const { depth, count, json = false, blockSize } = options;
  const part = partOf(disk, options);
  const order = options.sequential === true ? 'sequential' : 'random';
  const warmUp = options.warmUp ?? (count === undefined ? 1 : 0);
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const load = startLoad(disk, {
    ...part,
    depth,
    readPercent,
    order,
    rng: seededRng(seed),
    commands: warmUp > 0 ? undefined : count,
    now: () => performance.now() * 1e6,
  });
  const line = statusLine(json ? undefined : context.terminal, context);
  let interrupted = false;
  const unsubscribe = context.onSignal(() => {
    if (interrupted) return context.exitNow(EXIT_INTERRUPTED);
    interrupted = true;
    load.stop();
  });
  let measured: Measured;
  try {
    measured = await measure(load, { seconds: options.seconds, count, warmUp, blockSize }, line.show);
  } finally {
    unsubscribe();
    line.clear();
  }
  const report: BenchReport = {
    url: name,
    order,
    readPercent,
    blockSize,
    depth,
    seed,
    offset: part.startBlock * disk.blockBytes,
    region: part.regionBlocks * disk.blockBytes,
    ...measured,
  };
  context.out(json ? `${JSON.stringify(report)}\n` : reportText(report, context.outColors));
  return interrupted ? EXIT_INTERRUPTED : 0;
}

interface Span {
  readonly seconds: number;
  readonly count: number | undefined;
  readonly warmUp: number;
  readonly blockSize: number;
}

async function measure(load: Load, { seconds, count, warmUp, blockSize }: Span, show: (text: string) => void): Promise<Measured> {
  const state = { over: false };
  const ended = load.ended.finally(() => {
    state.over = true;
  });
  ended.catch(() => {}); // told where it is awaited
  const total = (): number => load.read.commands + load.write.commands;
  /** Until then or until the load ends, with a word on the way every now and then. */
  const until = async (limitSeconds: number, words: string): Promise<void> => {
    const start = performance.now();
    for (let [before, at] = [total(), start]; !state.over; ) {
      const left = limitSeconds * 1000 - (performance.now() - start);
      if (left <= 0) return;
      await Promise.race([ended.catch(() => {}), sleep(Math.min(SHOWN_EVERY_MILLISECONDS, left))]);
      const now = performance.now();
      const rate = (total() - before) / ((now - at) / 1000);
      [before, at] = [total(), now];
      const figures = `${Math.round(rate).toLocaleString('en')} IOPS  ${rateText(rate * blockSize)}`;
      show(`${words}  ${durationText((now - start) / 1000)}  ${figures}`);
    }
  };
  if (warmUp > 0) {
    await until(warmUp, 'warming up');
    if (!state.over) load.measure(count);
  }
  const [started, cpuBefore] = [performance.now(), process.cpuUsage()];
  await until(count === undefined ? seconds : Number.POSITIVE_INFINITY, 'measuring');
  const elapsed = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const measured = measuredOf(load, elapsed, cpu.user + cpu.system, blockSize);
  load.stop();
  await ended;
  return measured;
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
