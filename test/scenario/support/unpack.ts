/** What is in a compressed archive, in its order. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';

export interface Unpacked {
  readonly header: Header;
  readonly content: Buffer;
}

export async function unpack(archive: string | Uint8Array): Promise<Map<string, Unpacked>> {
  const entries = new Map<string, Unpacked>();
  const source = typeof archive === 'string' ? createReadStream(archive) : Readable.from([Buffer.from(archive)]);
  const reader = source.pipe(createGunzip()).pipe(extract());
  for await (const entry of reader) {
    const pieces: Buffer[] = [];
    for await (const piece of entry as AsyncIterable<Buffer>) pieces.push(piece);
    entries.set(entry.header.name.replace(/^samewire-support\//, ''), { header: entry.header, content: Buffer.concat(pieces) });
  }
  return entries;
}
