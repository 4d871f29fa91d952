/** Entries to a compressed archive: in their order, within bounds, and nothing leaves before it was searched for secrets. */
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { SecretScanner } from './secret-scan.ts';

export interface Entry {
  /** Within the archive: `state.json`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Bytes at places that count: what is hidden keeps its length. */
  readonly isBinary?: boolean;
}

export interface PackedEntry {
  readonly name: string;
  readonly bytes: number;
  /** So many bytes did not fit. */
  readonly cutBytes: number;
  /** Secrets that were found and hidden, before it was packed. */
  readonly found: number;
}

export interface Limits {
  readonly entryBytes: number;
  readonly totalBytes: number;
}

export const LIMITS: Limits = { entryBytes: 16 * 1024 * 1024, totalBytes: 64 * 1024 * 1024 };

/** Room for what is written last. */
const MANIFEST_BYTES = 1024 * 1024;
const FOLDER = 'samewire-support';

export interface Bundle {
  readonly archive: Uint8Array;
  readonly entries: readonly PackedEntry[];
}

interface Content extends PackedEntry {
  readonly content: Uint8Array;
}

const withoutContent = ({ name, bytes, cutBytes, found }: Content): PackedEntry => ({ name, bytes, cutBytes, found });

/** `manifest` is given what the others came to, and is the second of the archive. The first of `entries` is its first. */
export async function packBundle(
  entries: readonly Entry[],
  manifest: (packed: readonly PackedEntry[]) => Uint8Array,
  scanner: SecretScanner,
  made: Date,
  limits: Limits = LIMITS,
): Promise<Bundle> {
  let left = limits.totalBytes - MANIFEST_BYTES;
  const packed: Content[] = [];
  for (const entry of entries) {
    const { bytes: clean, found } = scanner.scan(entry.bytes, entry.isBinary);
    const content = cut(clean, Math.max(0, Math.min(left, limits.entryBytes)), entry.isBinary === true);
    left -= content.length;
    packed.push({ name: entry.name, bytes: content.length, cutBytes: clean.length - content.length, found, content });
  }
  const report = scanner.scan(manifest(packed.map(withoutContent)));
  const own = { name: 'manifest.json', bytes: report.bytes.length, cutBytes: 0, found: report.found, content: report.bytes };
  const all = [...packed.slice(0, 1), own, ...packed.slice(1)];
  return { archive: await archiveOf(all, made), entries: all.map(withoutContent) };
}

/** Texts end with a line. */
function cut(bytes: Uint8Array, most: number, isBinary: boolean): Uint8Array {
  if (bytes.length <= most) return bytes;
  const short = bytes.subarray(0, most);
  return isBinary ? short : short.subarray(0, short.lastIndexOf(0x0a) + 1);
}

async function archiveOf(entries: readonly { readonly name: string; readonly content: Uint8Array }[], made: Date): Promise<Uint8Array> {
  const tar = pack();
  const zipped = tar.pipe(createGzip({ level: 9 }));
  const mtime = new Date(Math.floor(made.getTime() / 1000) * 1000);
  const owner = { uid: 0, gid: 0, uname: '', gname: '', mtime };
  for (const { name, content } of entries) tar.entry({ name: `${FOLDER}/${name}`, mode: 0o600, ...owner }, Buffer.from(content));
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of zipped as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
