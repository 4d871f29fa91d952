/** How far a copy has come, in a small file of its own: replaced as a whole, and durable before anybody builds on it. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export interface CopyRecord {
  readonly version: 1;
  readonly source: { readonly key: string; readonly is: string; readonly stamp: string | null };
  readonly destination: { readonly key: string; readonly is: string };
  /** Bytes that are copied in all. */
  readonly bytes: number;
  /** Everything before it is durable at the destination. */
  readonly positionBytes: number;
}

export interface RecordFile {
  readonly path: string;
  /** Undefined: there is none, or none that can be understood. */
  read(): Promise<CopyRecord | undefined>;
  write(record: CopyRecord): Promise<void>;
  remove(): Promise<void>;
}

/** One for each pair of source and destination. */
export function recordFile(folder: string, sourceKey: string, destinationKey: string): RecordFile {
  const name = createHash('sha256').update(`${sourceKey}\n${destinationKey}`).digest('hex').slice(0, 32);
  const path = join(folder, `${name}.json`);
  return {
    path,
    async read() {
      try {
        const record = JSON.parse(await readFile(path, 'utf8')) as unknown;
        return isRecord(record) ? record : undefined;
      } catch {
        return undefined;
      }
    },
    async write(record) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const next = `${path}.next`;
      const handle = await open(next, 'w', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(record)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(next, path);
      const directory = await open(folder, constants.O_RDONLY).catch(() => undefined);
      await directory?.sync().catch(() => {});
      await directory?.close();
    },
    async remove() {
      await rm(path, { force: true });
      await rm(`${path}.next`, { force: true });
    },
  };
}

function isRecord(value: unknown): value is CopyRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { version, source, destination, bytes, positionBytes } = value as Partial<CopyRecord>;
  if (version !== 1 || !isEnd(source) || !isEnd(destination)) return false;
  return Number.isSafeInteger(bytes) && Number.isSafeInteger(positionBytes) && positionBytes! >= 0 && positionBytes! <= bytes!;
}

const isEnd = (end: { readonly key?: unknown; readonly is?: unknown } | undefined): boolean =>
  typeof end === 'object' && end !== null && typeof end.key === 'string' && typeof end.is === 'string';
