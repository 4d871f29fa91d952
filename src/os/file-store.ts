/** placeholder until the real one lands */
import { open } from 'node:fs/promises';
import { close, fdatasync, read, write } from 'node:fs';
import type { BackingStore } from '../storage/block/backing-store.ts';

export interface FileStoreOptions {
  readonly sizeBytes: number | undefined;
  readonly create: boolean;
  readonly thin: boolean;
  readonly readOnly: boolean;
  readonly blockBytes: number;
}

export async function openFileStore(path: string, options: FileStoreOptions): Promise<BackingStore> {
  const file = await open(path, options.readOnly ? 'r' : options.create ? 'a+' : 'r+');
  await file.close();
  const handle = await open(path, options.readOnly ? 'r' : 'r+');
  const { size } = await handle.stat();
  if (options.sizeBytes !== undefined && size < options.sizeBytes) {
    if (size === 0 && options.create) await handle.truncate(options.sizeBytes);
    else throw new Error(`The file ${path} is too small.`);
  }
  const sizeBytes = options.sizeBytes ?? size;
  const { fd } = handle;
  return {
    kind: 'file',
    sizeBytes,
    writeBack: true,
    completesAtOnce: false,
    unmapGranularityBytes: options.thin ? 4096 : 0,
    read(offset, length, done) {
      const buffer = new Uint8Array(length);
      read(fd, buffer, 0, length, offset, (error) =>
        done(error ? { fault: 'read', message: error.message } : undefined, { views: [buffer], hold: () => () => {} }),
      );
    },
    write(offset, data, _options, done) {
      const whole = Buffer.concat(data as Uint8Array[]);
      write(fd, whole, 0, whole.length, offset, (error) => done(error ? { fault: 'write', message: error.message } : undefined));
    },
    flush(done) {
      fdatasync(fd, (error) => done(error ? { fault: 'flush', message: error.message } : undefined));
    },
    unmap(offset, length, done) {
      const zeros = new Uint8Array(length);
      write(fd, zeros, 0, length, offset, (error) => done(error ? { fault: 'write', message: error.message } : undefined));
    },
    allocation(_offset, lengthBytes, _max, done) {
      done(undefined, [{ lengthBytes, mapped: true }]);
    },
    close(done) {
      close(fd, () => done(undefined));
      void handle;
    },
  };
}
