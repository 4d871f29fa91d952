/**
 * The guest's kernel and first root, built from Debian packages and kept outside the repository: below SAMEWIRE_CACHE, or the user's cache
 * folder. The key is a hash of the recipe and of the code that follows it; remove the folder to take newer packages.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { encodeCpio } from './cpio.ts';
import { unpackPackages } from './packages.ts';
import { RECIPE } from './recipe.ts';
import { makeRootTree } from './root-tree.ts';
import { tool } from './tool.ts';

export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
}

const HERE = import.meta.dirname;
const FILES = join(HERE, 'files');
const PARTS = ['build.ts', 'cpio.ts', 'packages.ts', 'recipe.ts', 'root-tree.ts'];

export function cacheFolder(): string {
  return process.env['SAMEWIRE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'samewire');
}

function recipeKey(): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    const data = readFileSync(path);
    hash.update(`${data.length}\n`).update(data);
  };
  for (const part of PARTS) add(join(HERE, part));
  for (const name of readdirSync(FILES).sort()) add(join(FILES, name));
  if (existsSync('/etc/debian_version')) add('/etc/debian_version');
  return hash.digest('hex').slice(0, 16);
}

/** Builds the image unless it is there. Two that build at once do the work twice and end with one. */
export function guestImage(say: (line: string) => void = () => {}): GuestImage {
  const folder = join(cacheFolder(), `guest-${recipeKey()}`);
  if (!existsSync(folder)) {
    mkdirSync(cacheFolder(), { recursive: true });
    const work = mkdtempSync(join(cacheFolder(), 'building-'));
    try {
      build(work, say);
      renameInto(join(work, 'image'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return { kernel: join(folder, 'kernel'), initrd: join(folder, 'initrd') };
}

function renameInto(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error; // Somebody else was quicker.
  }
}

function build(work: string, say: (line: string) => void): void {
  say('downloading and unpacking packages');
  const stage = unpackPackages(RECIPE, work);
  say('putting the root together');
  const { entries, kernelRelease } = makeRootTree(RECIPE, stage, FILES, work);
  const image = join(work, 'image');
  mkdirSync(image);
  // Not compressed: unpacking under emulation would take longer than reading more.
  writeFileSync(join(image, 'initrd'), encodeCpio(entries));
  writeFileSync(join(image, 'kernel'), unpackKernel(join(stage, 'boot', `vmlinuz-${kernelRelease}`)));
  writeFileSync(join(image, 'packages.txt'), `${readdirSync(join(work, 'archives')).sort().join('\n')}\n`);
  say(`kernel ${kernelRelease}, ${entries.size} files`);
}

const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const ELF_MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);

/**
 * A bzImage unpacks itself, which takes seconds under emulation; QEMU also boots the kernel that is packed in it (by its PVH entry).
 * Where it is packed in another way it stays as it is.
 */
function unpackKernel(path: string): Uint8Array {
  const bzImage = readFileSync(path);
  const start = bzImage.indexOf(XZ_MAGIC);
  if (start === -1) return bzImage;
  const packed = `${path}.xz`;
  writeFileSync(packed, bzImage.subarray(start));
  // xz complains of the bytes behind the end of the stream: the result tells whether it went well.
  const kernel = tool('xz', ['-dc', '--single-stream', packed], { mayFail: true });
  return kernel.subarray(0, 4).equals(ELF_MAGIC) ? kernel : bzImage;
}

/** `node scripts/run-typescript.mjs test/interop/guest/build.ts` */
export function main(): void {
  const image = guestImage((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`${image.kernel}\n${image.initrd}\n`);
}
