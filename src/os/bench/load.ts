/**
 * Keeps so many reads and writes under way at a logical unit and takes their times. Each place in the queue has its buffer, its CDB and its
 * request, made once: what a command costs is the session's.
 */
import { putBe16, putBe32, putBe64 } from '../../base/bytes.ts';
import { below, chance, type Rng } from '../../base/rng.ts';
import type { CommandRequest } from '../../storage/iscsi/initiator/index.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import type { BlockDevice } from '../iscsi/index.ts';
import { LatencyHistogram } from '../../base/latency-histogram.ts';

export interface LoadOptions {
  readonly depth: number;
  /** Blocks of one command. */
  readonly blocks: number;
  /** Percent of the commands that read. */
  readonly readPercent: number;
  readonly order: 'random' | 'sequential';
  /** The part of the unit that is used. */
  readonly startBlock: number;
  readonly regionBlocks: number;
  /** Which commands, where, and what is written: the same for the same seed. */
  readonly rng: Rng;
  /** So many commands; undefined: until it is stopped. */
  readonly commands: number | undefined;
  /** Nanoseconds, with a fraction or without. */
  readonly now: () => number;
}

export interface Direction {
  readonly latency: LatencyHistogram;
  commands: number;
}

export interface Load {
  readonly read: Direction;
  readonly write: Direction;
  /** Resolves when nothing is under way any more: all commands are done, or `stop` was called. Rejects with what a command failed with. */
  readonly ended: Promise<void>;
  /** What was counted until now was the warm-up. `commands`: so many are to come. */
  measure(commands: number | undefined): void;
  stop(): void;
}

export function startLoad(device: BlockDevice, options: LoadOptions): Load {
  const { depth, blocks, readPercent, rng, now } = options;
  const { lun, blockBytes, runner } = device;
  const bytes = blocks * blockBytes;
  const places = Math.floor(options.regionBlocks / blocks);
  const read: Direction = { latency: new LatencyHistogram(), commands: 0 };
  const write: Direction = { latency: new LatencyHistogram(), commands: 0 };
  // The longer forms only where they are needed: a block address of more than 32 bits, or more than 65,535 blocks.
  const long = options.startBlock + options.regionBlocks > 0x1_0000_0000 || blocks > 0xffff;
  let place = -1;
  let issued = 0;
  let underWay = 0;
  let most = options.commands ?? Number.POSITIVE_INFINITY;
  let failure: { readonly error: unknown } | undefined;
  let settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });

  const nextBlock = (): number => {
    place = options.order === 'random' ? below(rng, places) : (place + 1) % places;
    return options.startBlock + place * blocks;
  };

  const startPlace = (): void => {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    const makeRequest = (code: number, data: Pick<CommandRequest, 'dataOut' | 'dataIn' | 'dataInBytes'>): CommandRequest => ({
      lun,
      cdb: makeCdb(code, blocks, long),
      attentionRetries: 8,
      ...data,
    });
    const reading = makeRequest(long ? cdbs.READ_16 : cdbs.READ_10, { dataOut: undefined, dataIn: buffer, dataInBytes: bytes });
    const writing =
      readPercent === 100
        ? undefined
        : makeRequest(long ? cdbs.WRITE_16 : cdbs.WRITE_10, {
            // No zeros and nothing twice: what a target could leave out.
            dataOut: [rng.fill(Buffer.allocUnsafeSlow(bytes))],
            dataIn: undefined,
            dataInBytes: undefined,
          });
    let direction = read;
    let startedNanos = 0;
    const done = (_: unknown, error: unknown): void => {
      if (error !== undefined) {
        failure ??= { error };
        most = 0;
      } else {
        direction.latency.record(now() - startedNanos);
        direction.commands += 1;
      }
      issue();
    };
    const issue = (): void => {
      if (issued >= most) return end();
      issued += 1;
      const reads = writing === undefined || readPercent === 100 || (readPercent > 0 && chance(rng, readPercent / 100));
      direction = reads ? read : write;
      const request = reads ? reading : writing;
      putBlock(request.cdb, nextBlock(), long);
      startedNanos = now();
      runner.submit(request, undefined, done);
    };
    issue();
  };
  const end = (): void => {
    underWay -= 1;
    if (underWay > 0) return;
    if (failure === undefined) settle!.resolve();
    else settle!.reject(failure.error);
  };
  underWay = depth;
  for (let slot = 0; slot < depth; slot += 1) startPlace();

  return {
    read,
    write,
    ended,
    measure(commands) {
      for (const direction of [read, write]) {
        direction.latency.clear();
        direction.commands = 0;
      }
      // Those under way now will be counted.
      if (commands !== undefined) most = issued + Math.max(0, commands - depth);
    },
    stop() {
      most = 0;
    },
  };
}

/** READ and WRITE of ten or sixteen bytes (SBC-4 §5) for this many blocks; where, is put in each time. */
function makeCdb(code: number, blocks: number, long: boolean): Uint8Array {
  const cdb = new Uint8Array(long ? 16 : 10);
  cdb[0] = code;
  if (long) putBe32(cdb, 10, blocks);
  else putBe16(cdb, 7, blocks);
  return cdb;
}

function putBlock(cdb: Uint8Array, block: number, long: boolean): void {
  if (long) putBe64(cdb, 2, block);
  else putBe32(cdb, 2, block);
}
