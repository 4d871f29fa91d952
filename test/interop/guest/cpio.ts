/** The archive that the Linux kernel unpacks as its first root: cpio in the "newc" form (Linux, Documentation/driver-api/early-userspace). */

export type ArchiveEntry =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly data: Uint8Array; readonly isExecutable: boolean }
  | { readonly kind: 'link'; readonly to: string };

const TYPE_FOLDER = 0o040000;
const TYPE_FILE = 0o100000;
const TYPE_LINK = 0o120000;
const TRAILER = 'TRAILER!!!';

/** Entries by path; a folder's comes before what is in it, which sorting sees to. Times and owners are zero: the same entries, the same bytes. */
export function encodeCpio(entries: ReadonlyMap<string, ArchiveEntry>): Uint8Array {
  const parts: Uint8Array[] = [];
  let inode = 1;
  for (const path of [...entries.keys()].sort()) {
    const entry = entries.get(path)!;
    parts.push(...record(path, modeOf(entry), dataOf(entry), inode));
    inode += 1;
  }
  parts.push(...record(TRAILER, 0, new Uint8Array(0), 0));
  return Buffer.concat(parts);
}

function modeOf(entry: ArchiveEntry): number {
  if (entry.kind === 'folder') return TYPE_FOLDER | 0o755;
  if (entry.kind === 'link') return TYPE_LINK | 0o777;
  return TYPE_FILE | (entry.isExecutable ? 0o755 : 0o644);
}

function dataOf(entry: ArchiveEntry): Uint8Array {
  if (entry.kind === 'file') return entry.data;
  return entry.kind === 'link' ? Buffer.from(entry.to) : new Uint8Array(0);
}

function record(path: string, mode: number, data: Uint8Array, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  // Inode, mode, owner, group, links, time, size, device (2), device of a node (2), length of the name, checksum: unused here.
  const fields = [inode, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).toUpperCase().padStart(8, '0')).join('')}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

/** Names and data begin at multiples of four. */
const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
