/** A file, or a block device of the operating system, as the end of a copy; holes are found and made where the platform can. */
import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lockFile, type FileLock } from '../file-lock.ts';
import { EINVAL, ENXIO, loadPosix, type Posix, PUNCH_HOLE, SEEK_DATA, SEEK_HOLE } from '../posix.ts';
import { type CopyDestination, type CopyEnd, CopyRefusal, type CopySource, type EndIdentity, type Extent } from './ends.ts';
import { blockDeviceBytes } from '../file-opening.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a directory',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its file system is full',
  EFBIG: 'its file system takes no file that large',
  EBUSY: 'it is in use',
};

const why = (error: unknown): string => REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;

interface OpenEnd {
  readonly handle: FileHandle;
  readonly lock: FileLock;
  readonly sizeBytes: number;
  readonly regular: boolean;
  readonly identity: EndIdentity;
}

async function openEnd(path: string, flags: number, readOnly: boolean): Promise<OpenEnd> {
  const handle = await open(path, flags, 0o600);
  try {
    const status = await handle.stat();
    if (!status.isFile() && !status.isBlockDevice())
      throw new CopyRefusal(
        `${path} is ${status.isDirectory() ? 'a directory' : 'no regular file'}; an image is copied from or to a file or a block device.`,
        false,
      );
    const lock = lockFile(loadPosix(), handle.fd, path, readOnly);
    if (lock === undefined)
      throw new CopyRefusal(`${path} is in use by another program: what is copied would be a mixture of before and after.`, false);
    const regular = status.isFile();
    const sizeBytes = regular ? status.size : await blockDeviceBytes(status);
    const key = `file:${join(await realpath(dirname(path)), basename(path))}`;
    return { handle, lock, sizeBytes, regular, identity: { key, is: `${status.dev}:${status.ino}` } };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const refusal = (path: string, what: string, error: unknown): CopyRefusal =>
  error instanceof CopyRefusal ? error : new CopyRefusal(`${path} can't be ${what}: ${why(error)}.`, false, { cause: error });

/** Rejects with a CopyRefusal. */
export async function openFileSource(path: string): Promise<CopySource> {
  try {
    return fileSource(path, await openEnd(path, constants.O_RDONLY, true), loadPosix()?.seek);
  } catch (error) {
    throw refusal(path, 'read', error);
  }
}

function fileSource(path: string, { handle, lock, ...end }: OpenEnd, seek: Posix['seek']): CopySource {
  /** No such call, or a file system that does not tell. */
  let opaque = seek === undefined || !end.regular;
  const find = (at: number, whence: number): Promise<number> => new Promise((resolve) => seek!(handle.fd, at, whence, resolve));
  return {
    ...fileEnd(path, handle, lock, end),
    async extentAt(at): Promise<Extent> {
      if (opaque) return { endBytes: end.sizeBytes, zeros: false };
      const data = await find(at, SEEK_DATA);
      if (data > at) return { endBytes: Math.min(data, end.sizeBytes), zeros: true };
      // ENXIO: no data from here to the end (lseek(2)).
      if (data === -ENXIO) return { endBytes: end.sizeBytes, zeros: true };
      const hole = data === at ? await find(at, SEEK_HOLE) : -EINVAL;
      if (hole > at) return { endBytes: Math.min(hole, end.sizeBytes), zeros: false };
      opaque = true;
      return { endBytes: end.sizeBytes, zeros: false };
    },
    async stamp() {
      const { size, mtimeNs } = await handle.stat({ bigint: true });
      // A block device has no time of its content.
      return end.regular ? `${size}:${mtimeNs}` : undefined;
    },
  };
}

function fileEnd(
  path: string,
  handle: FileHandle,
  lock: FileLock,
  { sizeBytes, identity }: { readonly sizeBytes: number; readonly identity: EndIdentity },
): CopyEnd {
  return {
    kind: 'file',
    name: path,
    unitBytes: 1,
    sizeBytes,
    identity,
    async read(at, into) {
      for (let done = 0; done < into.length; ) {
        const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
        if (bytesRead === 0) throw new Error(`${path} ends at byte ${at + done}: it has become shorter meanwhile.`);
        done += bytesRead;
      }
    },
    async close() {
      lock.release();
      await handle.close();
    },
  };
}

export interface FileDestinationOptions {
  readonly sizeBytes: number;
  /** A file that holds something already may be written over. */
  readonly overwrite: boolean;
  /** It holds the first part of this copy. */
  readonly resumes: (identity: EndIdentity) => Promise<boolean>;
}

/** Without O_CREAT this keeps a block device for us alone; one that is mounted is refused (open(2)). */
const alone = async (path: string): Promise<number> =>
  process.platform === 'linux' && (await stat(path)).isBlockDevice() ? constants.O_EXCL : 0;

const ZEROS_BYTES = 1024 * 1024;

/** Rejects with a CopyRefusal. Makes the file where there is none. */
export async function openFileDestination(path: string, options: FileDestinationOptions): Promise<CopyDestination> {
  let made = true;
  let end: OpenEnd;
  try {
    end = await openEnd(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, false).catch(
      async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
        made = false;
        return openEnd(path, constants.O_RDWR | (await alone(path)), false);
      },
    );
  } catch (error) {
    throw refusal(path, 'written', error);
  }
  const { handle, lock, ...rest } = end;
  const occupied = rest.regular && !made && rest.sizeBytes !== 0 && !options.overwrite;
  if (occupied && !(await options.resumes(rest.identity))) {
    lock.release();
    await handle.close();
    throw new CopyRefusal(`${path} exists already, and holds something.`, true);
  }
  const sizeBytes = rest.regular ? options.sizeBytes : rest.sizeBytes;
  const posix = loadPosix();
  let holesBefore = false;
  let punches = posix?.allocate !== undefined;
  const zeros = new Uint8Array(ZEROS_BYTES);
  const write = async (at: number, data: Uint8Array): Promise<void> => {
    for (let done = 0; done < data.length; ) done += (await handle.write(data, done, data.length - done, at + done)).bytesWritten;
  };
  return {
    ...fileEnd(path, handle, lock, { sizeBytes, identity: rest.identity }),
    zeroUnitBytes: 1,
    async prepare(bytes, fresh) {
      if (!rest.regular) return;
      try {
        if (fresh) {
          await handle.truncate(0);
          await handle.truncate(bytes);
          holesBefore = true;
        } else if ((await handle.stat()).size !== bytes) await handle.truncate(bytes);
        await handle.sync();
        await syncFolder(dirname(path));
      } catch (error) {
        throw refusal(path, `given ${bytes} bytes`, error);
      }
    },
    write,
    async zero(at, bytes) {
      if (holesBefore) return;
      if (punches) {
        const result = await new Promise<number>((resolve) => posix!.allocate!(handle.fd, PUNCH_HOLE, at, bytes, resolve));
        if (result >= 0) return;
        punches = false;
      }
      for (let done = 0; done < bytes; done += ZEROS_BYTES) await write(at + done, zeros.subarray(0, Math.min(ZEROS_BYTES, bytes - done)));
    },
    flush: () => handle.datasync(),
    onLoss: () => () => {},
  };
}

/** The name of a new file is durable when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  if (handle === undefined) return; // Some platforms can't open folders; nor do they need it.
  await handle.sync().catch(() => {});
  await handle.close();
}
