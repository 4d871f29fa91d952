/** A whole copy: what may be copied onto what, where an interrupted one goes on, the transfer, and the comparison afterwards. */
import { formatSize } from '../../fabric/size.ts';
import { compare, type Difference } from './compare.ts';
import { type CopyDestination, CopyRefusal, type CopySource, type EndIdentity } from './ends.ts';
import { type CopyRecord, recordFile } from './record.ts';
import { transfer, type TransferProgress } from './transfer.ts';

export interface CopyOptions {
  readonly openSource: () => Promise<CopySource>;
  /** `resumes`: whether the end of this identity holds the first part of this copy. */
  readonly openDestination: (sizeBytes: number, resumes: (identity: EndIdentity) => Promise<boolean>) => Promise<CopyDestination>;
  readonly pieceBytes: number;
  readonly depth: number;
  readonly sparse: boolean;
  readonly verify: boolean;
  /** Goes on where it would refuse otherwise. */
  readonly force: boolean;
  /** From the beginning, whatever has been copied before. */
  readonly restart: boolean;
  /** Where records are kept of how far copies have come. */
  readonly recordFolder: string;
  readonly checkpointMilliseconds: number;
  readonly stop: AbortSignal;
  readonly note: (note: CopyNote) => void;
  readonly progress: CopyProgress;
  /** Milliseconds. */
  readonly now: () => number;
}

export interface CopyProgress extends TransferProgress {
  phase: 'opening' | 'copying' | 'verifying';
  totalBytes: number;
  startBytes: number;
  comparedBytes: number;
  /** How long the phases took, once they are over. */
  copyMilliseconds: number;
  compareMilliseconds: number;
}

export const newProgress = (): CopyProgress => ({
  phase: 'opening',
  totalBytes: 0,
  startBytes: 0,
  positionBytes: 0,
  comparedBytes: 0,
  copyMilliseconds: 0,
  compareMilliseconds: 0,
  dataBytes: 0,
  zeroBytes: 0,
  losses: 0,
});

export type CopyNote =
  /** The destination is larger: the rest of it stays as it is. */
  | { readonly kind: 'larger'; readonly restBytes: number }
  /** By force: only what fits is copied. */
  | { readonly kind: 'cut'; readonly leftOutBytes: number }
  | { readonly kind: 'resuming'; readonly positionBytes: number }
  /** An earlier copy can't be gone on with. */
  | { readonly kind: 'beginning-anew'; readonly why: 'source-changed' | 'destination-changed' | 'destination-differs' | 'restart' }
  /** Records can't be kept: an interrupted copy has to begin anew. */
  | { readonly kind: 'no-record'; readonly reason: string };

export interface CopyResult {
  readonly outcome: 'complete' | 'stopped' | 'differs' | 'source-changed';
  readonly bytes: number;
  /** Everything before it is durable at the destination. */
  readonly positionBytes: number;
  readonly difference?: Difference & { readonly blockBytes: number };
}

/** Rejects with a CopyRefusal for what can't or should not be copied. */
export async function copy(options: CopyOptions): Promise<CopyResult> {
  const source = await options.openSource();
  let destination: CopyDestination | undefined;
  try {
    const resumes = async (identity: EndIdentity): Promise<boolean> =>
      (await recordFile(options.recordFolder, source.identity.key, identity.key).read())?.destination.is === identity.is;
    destination = await options.openDestination(source.sizeBytes, resumes);
    return await copyBetween(source, destination, options);
  } finally {
    await destination?.close();
    await source.close();
  }
}

async function copyBetween(source: CopySource, destination: CopyDestination, options: CopyOptions): Promise<CopyResult> {
  const { progress, note, stop, now } = options;
  const unitBytes = leastCommonMultiple(source.unitBytes, destination.unitBytes);
  const pieceBytes = Math.max(1, Math.floor(options.pieceBytes / unitBytes)) * unitBytes;
  refuseNonsense(source, destination, options.force);
  const bytes = bytesToCopy(source, destination, unitBytes, options);
  const stamp = (await source.stamp()) ?? null;
  const file = recordFile(options.recordFolder, source.identity.key, destination.identity.key);
  const record = (positionBytes: number): CopyRecord => ({
    version: 1,
    source: { ...source.identity, stamp },
    destination: destination.identity,
    bytes,
    positionBytes,
  });
  let recorded = true;
  const keep = async (positionBytes: number): Promise<void> => {
    if (!recorded) return;
    try {
      await file.write(record(positionBytes));
    } catch (error) {
      recorded = false;
      note({ kind: 'no-record', reason: (error as Error).message });
    }
  };
  const shared = { pieceBytes, depth: options.depth, unitBytes, stop };
  progress.totalBytes = bytes;
  const startBytes = await beginning(source, destination, { ...options, pieceBytes }, await file.read(), record(0), unitBytes);
  progress.startBytes = startBytes;
  // Before anything is changed: what an earlier record says is not true any more then.
  if (startBytes === 0) await keep(0);
  await destination.prepare(bytes, startBytes === 0);
  progress.phase = 'copying';
  const copyStarted = now();
  const { sparse, checkpointMilliseconds } = options;
  const outcome = await transfer(source, destination, {
    ...shared,
    startBytes,
    bytes,
    sparse,
    checkpointMilliseconds,
    checkpoint: keep,
    progress,
    now,
  });
  progress.copyMilliseconds = now() - copyStarted;
  const { positionBytes } = progress;
  if (outcome === 'stopped') return { outcome, bytes, positionBytes };
  if (options.verify) {
    progress.phase = 'verifying';
    const compareStarted = now();
    const advanced = (position: number): void => {
      progress.comparedBytes = position;
    };
    const difference = await compare(source, destination, { ...shared, startBytes: 0, endBytes: bytes, advanced });
    progress.compareMilliseconds = now() - compareStarted;
    if (difference === undefined && stop.aborted && progress.comparedBytes < bytes) return { outcome: 'stopped', bytes, positionBytes };
    if (difference !== undefined) {
      if (recorded) await file.remove();
      const { unitBytes: blockBytes } = destination.unitBytes === 1 ? source : destination;
      return { outcome: 'differs', bytes, positionBytes, difference: { ...difference, blockBytes } };
    }
  }
  if (recorded) await file.remove();
  const changed = ((await source.stamp()) ?? null) !== stamp;
  return { outcome: changed ? 'source-changed' : 'complete', bytes, positionBytes };
}

function refuseNonsense(source: CopySource, destination: CopyDestination, force: boolean): void {
  if (source.identity.key === destination.identity.key) throw new CopyRefusal(`${source.name} is source and destination.`, false);
  if (force) return;
  if (source.kind === 'unit' && destination.kind === 'unit' && source.identity.is === destination.identity.is)
    throw new CopyRefusal(`${source.name} and ${destination.name} have the same names and numbers: they seem to be one unit.`, true);
  if (source.unitBytes !== destination.unitBytes && source.kind === 'unit' && destination.kind === 'unit')
    throw new CopyRefusal(
      `The source has blocks of ${source.unitBytes} bytes, the destination of ${destination.unitBytes}: what counts in blocks, such as a partition table, means something else there.`,
      true,
    );
}

function bytesToCopy(source: CopySource, destination: CopyDestination, unitBytes: number, { force, note }: CopyOptions): number {
  if (destination.sizeBytes > source.sizeBytes) {
    const rest = destination.sizeBytes - Math.ceil(source.sizeBytes / destination.unitBytes) * destination.unitBytes;
    if (rest > 0) note({ kind: 'larger', restBytes: rest });
  }
  if (destination.sizeBytes >= source.sizeBytes) return source.sizeBytes;
  if (!force)
    throw new CopyRefusal(
      `The destination has ${formatSize(destination.sizeBytes)}, ${formatSize(source.sizeBytes - destination.sizeBytes)} less than the source.`,
      true,
    );
  const bytes = Math.floor(destination.sizeBytes / unitBytes) * unitBytes;
  note({ kind: 'cut', leftOutBytes: source.sizeBytes - bytes });
  return bytes;
}

/** Where an earlier copy has come to, if it is still what it was. */
async function beginning(
  source: CopySource,
  destination: CopyDestination,
  { restart, note, depth, pieceBytes, stop }: CopyOptions,
  before: CopyRecord | undefined,
  today: CopyRecord,
  unitBytes: number,
): Promise<number> {
  if (before === undefined || before.positionBytes === 0) return 0;
  const anew = (why: 'source-changed' | 'destination-changed' | 'destination-differs' | 'restart'): number => {
    note({ kind: 'beginning-anew', why });
    return 0;
  };
  if (restart) return anew('restart');
  if (before.source.is !== today.source.is || before.source.stamp !== today.source.stamp || before.bytes !== today.bytes)
    return anew('source-changed');
  if (before.destination.is !== today.destination.is) return anew('destination-changed');
  const end = before.positionBytes === today.bytes ? today.bytes : Math.floor(before.positionBytes / unitBytes) * unitBytes;
  // What was copied last tells another disk in the same place from the one that was copied to.
  const start = Math.max(0, Math.floor((end - pieceBytes) / unitBytes) * unitBytes);
  const spot = { startBytes: start, endBytes: end, pieceBytes, depth, unitBytes, stop, advanced: () => {} };
  // A file that somebody has cut short can't be read there.
  const same = await compare(source, destination, spot).then(
    (difference) => difference === undefined,
    (error: unknown) => {
      if (destination.kind === 'file') return false;
      throw error;
    },
  );
  if (!same) return anew('destination-differs');
  note({ kind: 'resuming', positionBytes: end });
  return end;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
