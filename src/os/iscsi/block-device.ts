/** A logical unit as a block device: promises in, SCSI commands out (SBC-4), cut to what the unit takes in one piece. */
import type { Readable, Writable } from 'node:stream';
import { concat } from '../../base/bytes.ts';
import { MILLISECOND } from '../../base/clock.ts';
import type { CommandRequest } from '../../storage/iscsi/initiator/index.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import type { BlockLimits, Capacity, Provisioning } from '../../wire/scsi/capacity-data.ts';
import type { TaskAttribute } from '../../wire/scsi/status.ts';
import { STATUS_CHECK_CONDITION } from '../../wire/scsi/status.ts';
import { deviceReadStream, deviceWriteStream, type ReadStreamOptions, type WriteStreamOptions } from './device-streams.ts';
import { type CommandRunner, execute } from './command-runner.ts';
import { IscsiError, usageError } from './iscsi-error.ts';
import { askCapacity, askFacts, ATTENTION_RETRIES, type UnitFacts, type UnitIdentity } from './unit-identity.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** From when the command was sent; default: the session's. 0: none. */
  readonly timeoutMilliseconds?: number;
}

export interface ReadOptions extends CallOptions {
  /** Where the data goes; exactly as long as the data. Not to be touched before the promise settles. */
  readonly into?: Uint8Array;
  /** FORCE UNIT ACCESS: from the medium, past any cache. */
  readonly fua?: boolean;
}

export interface WriteOptions extends CallOptions {
  /** FORCE UNIT ACCESS: on the medium when the promise resolves. */
  readonly fua?: boolean;
}

export interface CommandOptions extends CallOptions {
  readonly dataOut?: Uint8Array | readonly Uint8Array[];
  /** Most bytes of data-in. */
  readonly dataInBytes?: number;
  readonly attribute?: TaskAttribute;
  /** Whether it may be sent again when its connection was lost; by default what is known of the command decides. */
  readonly replay?: boolean;
  /** How often it is sent again after UNIT ATTENTION; default: never, so that callers see them. */
  readonly attentionRetries?: number;
}

export interface CommandResult {
  /** GOOD or CONDITION MET; anything else is a rejection. */
  readonly status: number;
  readonly data: Uint8Array;
  /** Positive: so much less was moved than there was room for; negative: so much more there would have been. */
  readonly residual: number;
}

export interface BlockRange {
  readonly lba: number;
  readonly blocks: number;
}

/** Longest piece of one command where the unit names no limit. */
const TRANSFER_BYTES_MAX = 8 * 1024 * 1024;
/** Where the unit names no limit of UNMAP or WRITE SAME. */
const UNMAP_BLOCKS_MAX = 0xffff_ffff;
const WRITE_SAME_BLOCKS = 0xffff;
const DESCRIPTORS_MAX = 4095;
const COMPARE_BLOCKS_MAX = 255;
const NO_DATA: readonly Uint8Array[] = [];

export class BlockDevice implements AsyncDisposable {
  readonly lun: number;
  readonly identity: UnitIdentity;
  readonly limits: BlockLimits;
  readonly provisioning: Provisioning;
  readonly runner: CommandRunner;
  readonly #ownsRunner: boolean;
  #capacity: Capacity;
  #transferBlocksMax: number;

  protected constructor(runner: CommandRunner, lun: number, facts: UnitFacts, ownsRunner: boolean) {
    this.runner = runner;
    this.lun = lun;
    this.identity = facts.identity;
    this.limits = facts.limits;
    this.provisioning = facts.provisioning;
    this.#capacity = facts.capacity;
    this.#ownsRunner = ownsRunner;
    const most = Math.max(1, Math.floor(TRANSFER_BYTES_MAX / facts.capacity.blockBytes));
    this.#transferBlocksMax = facts.limits.transferBlocksMax === 0 ? most : Math.min(most, facts.limits.transferBlocksMax);
  }

  /** `ownsRunner`: closing the device closes what is below it. */
  static async open(runner: CommandRunner, lun: number, signal?: AbortSignal, ownsRunner = false): Promise<BlockDevice> {
    return new BlockDevice(runner, lun, await askFacts(runner, lun, signal), ownsRunner);
  }

  get blocks(): number {
    return this.#capacity.blocks;
  }

  get blockBytes(): number {
    return this.#capacity.blockBytes;
  }

  get bytes(): number {
    return this.#capacity.blocks * this.#capacity.blockBytes;
  }

  get capacity(): Capacity {
    return this.#capacity;
  }

  /** Unmapped blocks are given back. */
  get thin(): boolean {
    return this.#capacity.thin || this.provisioning.byUnmap;
  }

  /** Asks again how large the unit is: units grow. */
  async refresh(signal?: AbortSignal): Promise<Capacity> {
    this.#capacity = await askCapacity(this.runner, this.lun, signal);
    return this.#capacity;
  }

  // ---- reading and writing ----

  read(lba: number, blocks: number, options: ReadOptions = {}): Promise<Uint8Array> {
    const wrong = this.#outside(lba, blocks) ?? this.#unfit(blocks, options.into);
    if (wrong !== undefined) return Promise.reject(usageError(wrong));
    if (blocks === 0) return Promise.resolve(options.into ?? new Uint8Array(0));
    if (blocks > this.#transferBlocksMax) return this.#readPieces(lba, blocks, options);
    return this.#readPiece(lba, blocks, options.into, options);
  }

  #readPiece(lba: number, blocks: number, into: Uint8Array | undefined, options: ReadOptions): Promise<Uint8Array> {
    const { signal } = options;
    const dataInBytes = blocks * this.blockBytes;
    const cdb = cdbs.read(lba, blocks, options.fua);
    const request = this.#request(cdb, options, undefined, dataInBytes, into);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.runner.submit(request, signal, (task, failure) => {
        if (failure !== undefined) reject(failure);
        else if (task.receivedBytes === dataInBytes) resolve(into ?? task.data);
        else reject(new IscsiError('data-missing', `LUN ${this.lun}: ${task.receivedBytes} of ${dataInBytes} bytes were read.`));
      });
    });
  }

  async #readPieces(lba: number, blocks: number, options: ReadOptions): Promise<Uint8Array> {
    const whole = options.into ?? Buffer.allocUnsafeSlow(blocks * this.blockBytes);
    await all(
      this.#pieces(lba, blocks, this.#transferBlocksMax).map((piece) => {
        const start = (piece.lba - lba) * this.blockBytes;
        return this.#readPiece(piece.lba, piece.blocks, whole.subarray(start, start + piece.blocks * this.blockBytes), options);
      }),
    );
    return whole;
  }

  /** `data` is whole blocks, in one array or several; not to be touched before the promise settles. */
  write(lba: number, data: Uint8Array | readonly Uint8Array[], options: WriteOptions = {}): Promise<void> {
    const views = data instanceof Uint8Array ? [data] : data;
    const bytes = lengthOf(views);
    const blocks = bytes / this.blockBytes;
    const wrong = Number.isInteger(blocks) ? this.#outside(lba, blocks) : `${bytes} bytes are no whole blocks of ${this.blockBytes}.`;
    if (wrong !== undefined) return Promise.reject(usageError(wrong));
    if (blocks === 0) return Promise.resolve();
    if (blocks > this.#transferBlocksMax) return this.#writePieces(lba, blocks, views, options);
    return this.#send(cdbs.write(lba, blocks, options.fua), views, options);
  }

  async #writePieces(lba: number, blocks: number, views: readonly Uint8Array[], options: WriteOptions): Promise<void> {
    const whole = concat(views);
    await all(
      this.#pieces(lba, blocks, this.#transferBlocksMax).map((piece) => {
        const start = (piece.lba - lba) * this.blockBytes;
        const part = whole.subarray(start, start + piece.blocks * this.blockBytes);
        return this.#send(cdbs.write(piece.lba, piece.blocks, options.fua), [part], options);
      }),
    );
  }

  #send(cdb: Uint8Array, dataOut: readonly Uint8Array[], options: CallOptions): Promise<void> {
    const { signal } = options;
    const request = this.#request(cdb, options, dataOut, undefined, undefined);
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.runner.submit(request, signal, (_, failure) => (failure === undefined ? resolve() : reject(failure)));
    });
  }

  /** Everything that was written is on the medium when the promise resolves. */
  flush(options: CallOptions = {}): Promise<void> {
    return this.#send(cdbs.synchronizeCache(), NO_DATA, options);
  }

  // ---- space ----

  /** Gives blocks back; what they read as then, the unit decides (`provisioning.readsZeros`). */
  async unmap(ranges: BlockRange | readonly BlockRange[], options: CallOptions = {}): Promise<void> {
    const list = 'lba' in ranges ? [ranges] : ranges;
    for (const { lba, blocks } of list) {
      const wrong = this.#outside(lba, blocks);
      if (wrong !== undefined) throw usageError(wrong);
    }
    for (const batch of this.#unmapBatches(list)) {
      const parameters = cdbs.unmapList(batch);
      await this.#send(cdbs.unmap(parameters.length), [parameters], options);
    }
  }

  /** Lists that the unit takes: not too many ranges, nor too many blocks, in one command. */
  #unmapBatches(ranges: readonly BlockRange[]): BlockRange[][] {
    const blocksMax = Math.min(this.limits.unmapBlocksMax || UNMAP_BLOCKS_MAX, UNMAP_BLOCKS_MAX);
    const descriptorsMax = Math.min(this.limits.unmapDescriptorsMax || 1, DESCRIPTORS_MAX);
    const batches: BlockRange[][] = [];
    let room = 0;
    for (const piece of ranges.flatMap(({ lba, blocks }) => this.#pieces(lba, blocks, blocksMax))) {
      const last = batches.at(-1);
      if (last === undefined || last.length === descriptorsMax || piece.blocks > room) {
        batches.push([piece]);
        room = blocksMax - piece.blocks;
      } else {
        last.push(piece);
        room -= piece.blocks;
      }
    }
    return batches;
  }

  /** Writes one block's data to all of a range; without data, zeros. `unmap`: the unit may give the blocks back instead. */
  async writeSame(
    lba: number,
    blocks: number,
    block?: Uint8Array,
    options: CallOptions & { readonly unmap?: boolean } = {},
  ): Promise<void> {
    const wrong = this.#outside(lba, blocks);
    if (wrong !== undefined) throw usageError(wrong);
    const data = block ?? new Uint8Array(this.blockBytes);
    if (data.length !== this.blockBytes)
      throw usageError(`The data of WRITE SAME has ${data.length} bytes; a block has ${this.blockBytes}.`);
    for (const piece of this.#pieces(lba, blocks, this.limits.writeSameBlocksMax || WRITE_SAME_BLOCKS)) {
      const cdb = cdbs.writeSame(piece.lba, piece.blocks, options.unmap === undefined ? {} : { unmap: options.unmap });
      await this.#send(cdb, [data], options);
    }
  }

  /** Writes `data` if the blocks hold `expected`, as one indivisible step. Where they differ: false, and from which byte on. */
  async compareAndWrite(
    lba: number,
    expected: Uint8Array,
    data: Uint8Array,
    options: WriteOptions = {},
  ): Promise<{ readonly written: boolean; readonly differsAt?: number }> {
    const blocks = data.length / this.blockBytes;
    const most = Math.min(this.limits.compareAndWriteBlocksMax || COMPARE_BLOCKS_MAX, COMPARE_BLOCKS_MAX);
    if (expected.length !== data.length || !Number.isInteger(blocks) || blocks === 0 || blocks > most)
      throw usageError(`COMPARE AND WRITE takes twice the same number of blocks, ${most} at most.`);
    const wrong = this.#outside(lba, blocks);
    if (wrong !== undefined) throw usageError(wrong);
    try {
      await this.#send(cdbs.compareAndWrite(lba, blocks, options.fua), [expected, data], options);
      return { written: true };
    } catch (error) {
      if (!(error instanceof IscsiError) || error.status !== STATUS_CHECK_CONDITION || error.sense?.key !== 'MISCOMPARE') throw error;
      const { information } = error.sense;
      return information === undefined ? { written: false } : { written: false, differsAt: information };
    }
  }

  // ---- anything else ----

  /** Any command of up to 16 bytes. */
  async command(cdb: Uint8Array, options: CommandOptions = {}): Promise<CommandResult> {
    const { dataOut, dataInBytes, attribute, replay, attentionRetries } = options;
    const views = dataOut instanceof Uint8Array ? [dataOut] : dataOut;
    const request = { ...this.#request(cdb, options, views, dataInBytes, undefined), attribute, replay, attentionRetries };
    const task = await execute(this.runner, request, options.signal);
    return { status: task.status, data: task.data, residual: task.residual };
  }

  /** The bytes of the device, or a part of them, read ahead. */
  createReadStream(options: ReadStreamOptions = {}): Readable {
    return deviceReadStream(this, options);
  }

  /** Takes bytes for the device from `start` on; its end flushes. */
  createWriteStream(options: WriteStreamOptions = {}): Writable {
    return deviceWriteStream(this, options);
  }

  /** Nothing is flushed by itself: call `flush` for that. */
  close(): Promise<void> {
    return this.#ownsRunner ? this.runner.close() : Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- helpers ----

  /** Every request has the same shape, whatever is in it. */
  #request(
    cdb: Uint8Array,
    { timeoutMilliseconds }: CallOptions,
    dataOut: readonly Uint8Array[] | undefined,
    dataInBytes: number | undefined,
    dataIn: Uint8Array | undefined,
  ): CommandRequest {
    const timeoutNanos = timeoutMilliseconds === undefined ? undefined : timeoutMilliseconds * MILLISECOND;
    return { lun: this.lun, cdb, dataOut, dataInBytes, dataIn, timeoutNanos, attentionRetries: ATTENTION_RETRIES };
  }

  #outside(lba: number, blocks: number): string | undefined {
    if (Number.isSafeInteger(lba) && Number.isSafeInteger(blocks) && lba >= 0 && blocks >= 0 && lba + blocks <= this.blocks)
      return undefined;
    return `${blocks} blocks from ${lba} on do not lie within the ${this.blocks} blocks of LUN ${this.lun}.`;
  }

  #unfit(blocks: number, into: Uint8Array | undefined): string | undefined {
    if (into === undefined || into.length === blocks * this.blockBytes) return undefined;
    return `The buffer has ${into.length} bytes, and ${blocks * this.blockBytes} are to be read.`;
  }

  #pieces(lba: number, blocks: number, most: number): BlockRange[] {
    const pieces: BlockRange[] = [];
    for (let done = 0; done < blocks; done += most) pieces.push({ lba: lba + done, blocks: Math.min(most, blocks - done) });
    return pieces;
  }
}

/** All of them settle before the first failure is told: nobody touches a buffer after that. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function lengthOf(views: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const view of views) bytes += view.length;
  return bytes;
}
