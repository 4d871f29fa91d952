/** Opens a disk image, makes it if it shall be made, and sees to it that nobody else has it. What is wrong is said in one sentence. */
import { close, constants, fstat, fsync, ftruncate, open, type Stats, stat, unlink } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { formatSize } from '../fabric/size.ts';
import { type FileLock, lockFile } from './file-lock.ts';
import { fillWithZeros } from './file-zeros.ts';
import { EOPNOTSUPP, errorName, type Posix } from './posix.ts';

export interface FileStoreOptions {
  /** What the declaration says; undefined: what the file has. */
  readonly sizeBytes: number | undefined;
  /** Make the file where there is none. */
  readonly create: boolean;
  readonly thin: boolean;
  readonly readOnly: boolean;
  readonly blockBytes: number;
}

export interface OpenedFile {
  readonly fd: number;
  /** Each write through it is durable when it returns (O_DSYNC). Undefined: the platform has no such thing, or nothing is written. */
  readonly durableFd: number | undefined;
  readonly sizeBytes: number;
  readonly statistics: Stats;
  /** It lives in memory: reading and writing never wait for a disk. */
  readonly inMemory: boolean;
  readonly lock: FileLock;
}

const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;

// Plain descriptors: a FileHandle would close its own once nothing refers to it any more.
const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(stat);
const statDescriptor = promisify(fstat);
const truncate = promisify(ftruncate);
const sync = promisify(fsync);
const remove = promisify(unlink);

/** Rejects with an Error of one sentence, and then nothing is left open, locked or made. */
export async function openImage(path: string, options: FileStoreOptions, posix: Posix | undefined): Promise<OpenedFile> {
  const known = await statOrNothing(path);
  if (known === undefined && (!options.create || options.readOnly || options.sizeBytes === undefined)) {
    const remedy = options.readOnly ? 'correct its name' : 'correct its name, or declare a size to have it made';
    throw new Error(`The file ${path} does not exist: ${remedy}.`);
  }
  if (known !== undefined && !known.isFile() && !known.isBlockDevice()) {
    throw new Error(
      `${path} is ${known.isDirectory() ? 'a directory' : 'no regular file'}; a disk needs a regular file or a block device.`,
    );
  }
  const descriptors: number[] = [];
  let lock: FileLock | undefined;
  try {
    const fd = await openOrExplain(path, known, options.readOnly);
    descriptors.push(fd);
    lock = lockFile(posix, fd, path, options.readOnly);
    if (lock === undefined) throw new Error(inUse(path));
    const before = await statDescriptor(fd);
    const bytes = before.isBlockDevice() ? await blockDeviceBytes(before) : before.size;
    // An empty file is one that somebody was about to make.
    const isNew = bytes === 0 && before.isFile() && options.create && !options.readOnly && options.sizeBytes !== undefined;
    const sizeBytes = options.sizeBytes ?? bytes - (bytes % options.blockBytes);
    if (!isNew) checkSize(path, bytes, sizeBytes, options);
    else await make(path, fd, sizeBytes, options.thin, posix);
    const durableFd = options.readOnly ? undefined : await openDurable(path, before);
    if (durableFd !== undefined) descriptors.push(durableFd);
    return { fd, durableFd, sizeBytes, statistics: await statDescriptor(fd), inMemory: await isInMemory(path), lock };
  } catch (error) {
    lock?.release();
    for (const fd of descriptors) await closeFile(fd).catch(() => {});
    if (known === undefined && descriptors.length !== 0) await remove(path).catch(() => {});
    throw error;
  }
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await statFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`The file ${path} can't be opened: ${reasonOf(error)}.`, { cause: error });
  }
}

async function openOrExplain(path: string, known: Stats | undefined, readOnly: boolean): Promise<number> {
  // A disk image is its owner's alone, as a disk is. Should somebody make it at the same moment, this fails.
  const making = known === undefined ? constants.O_CREAT | constants.O_EXCL : 0;
  // Without O_CREAT this keeps a block device for us alone; one that is mounted is refused (open(2)).
  const alone = known?.isBlockDevice() === true && !readOnly && process.platform === 'linux' ? constants.O_EXCL : 0;
  try {
    return await openFile(path, (readOnly ? constants.O_RDONLY : constants.O_RDWR) | making | alone, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY' || code === 'EEXIST') throw new Error(inUse(path), { cause: error });
    throw new Error(`The file ${path} can't be ${known === undefined ? 'made' : 'opened'}: ${reasonOf(error)}.`, { cause: error });
  }
}

const inUse = (path: string): string =>
  `The file ${path} is in use by another program or another LUN: two writers would destroy each other's data, so stop the other one first.`;

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'its file system is read-only (declare the LUN read-only too)',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is not a folder',
  ENOSPC: 'its file system is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'its file system takes no file that large',
};

const reasonOf = (error: unknown): string => reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;

function checkSize(path: string, bytes: number, sizeBytes: number, options: FileStoreOptions): void {
  if (bytes < sizeBytes) {
    throw new Error(
      `The file ${path} holds ${formatSize(bytes)}, the declaration says ${formatSize(sizeBytes)}: ` +
        `declare what it holds, or make it larger with: truncate -s ${sizeBytes} ${path}`,
    );
  }
  if (sizeBytes === 0) {
    throw new Error(
      `The file ${path} holds ${formatSize(bytes)}, less than one block of ${options.blockBytes} bytes: declare its size, or fill it.`,
    );
  }
}

/** Gives an empty file its size; a thick one also its space. A crash in between leaves an empty file, or one of zeros. */
async function make(path: string, fd: number, sizeBytes: number, thin: boolean, posix: Posix | undefined): Promise<void> {
  try {
    if (!thin) await allocate(fd, sizeBytes, posix);
    await truncate(fd, sizeBytes);
    await sync(fd);
    await syncFolder(dirname(path));
  } catch (error) {
    // Given back, so that the next try finds it empty too.
    await truncate(fd, 0).catch(() => {});
    throw new Error(`The file ${path} can't be given ${formatSize(sizeBytes)}: ${reasonOf(error)}.`, { cause: error });
  }
}

async function allocate(fd: number, sizeBytes: number, posix: Posix | undefined): Promise<void> {
  if (posix?.allocate !== undefined) {
    const result = await new Promise<number>((resolve) => posix.allocate!(fd, 0, 0, sizeBytes, resolve));
    if (result >= 0) return;
    if (result !== -EOPNOTSUPP) throw Object.assign(new Error(errorName(-result)), { code: errorName(-result) });
  }
  await new Promise<void>((resolve, reject) => fillWithZeros(fd, 0, sizeBytes, (error) => (error === null ? resolve() : reject(error))));
}

/** The name of a new file is durable when its folder is. Some platforms can't open folders; nor do they need it. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const fd = await openFile(folder, constants.O_RDONLY);
    await sync(fd).finally(() => closeFile(fd));
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EISDIR', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function openDurable(path: string, same: Stats): Promise<number | undefined> {
  if (constants.O_DSYNC === undefined) return undefined;
  const fd = await openFile(path, constants.O_WRONLY | constants.O_DSYNC);
  const { dev, ino } = await statDescriptor(fd);
  if (dev === same.dev && ino === same.ino) return fd;
  await closeFile(fd);
  throw new Error(`The file ${path} was replaced by another while it was opened: try again.`);
}

/** Linux tells it in 512-byte sectors, whatever the device's own are. */
export async function blockDeviceBytes(statistics: Stats): Promise<number> {
  // dev_t as glibc packs it: twelve bits of major number, twenty of minor.
  const major = Math.floor(statistics.rdev / 256) & 0xfff;
  const minor = (statistics.rdev & 0xff) | (Math.floor(statistics.rdev / 4096) & 0xfff00);
  try {
    return Number(await readFile(`/sys/dev/block/${major}:${minor}/size`, 'utf8')) * 512;
  } catch (error) {
    throw new Error(`The size of a block device can't be told on this platform: declare a file instead.`, { cause: error });
  }
}

async function isInMemory(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const { type } = await statfs(path).catch(() => ({ type: 0 }));
  return type === TMPFS_MAGIC || type === RAMFS_MAGIC;
}
