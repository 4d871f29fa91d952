/**
 * The calls of Node that a file store stands on, in one place, so that a test can make them fail or fall short; and the loops that go on after a
 * short transfer, because the platform may always do less than it was asked for.
 */
import { close, fdatasync, readv, readvSync, writev, writevSync } from 'node:fs';

export type CallError = NodeJS.ErrnoException | null;
export type CountDone = (error: CallError, count: number) => void;

export interface FileCalls {
  readvSync(fd: number, views: readonly Uint8Array[], position: number): number;
  writevSync(fd: number, views: readonly Uint8Array[], position: number): number;
  readv(fd: number, views: readonly Uint8Array[], position: number, done: CountDone): void;
  writev(fd: number, views: readonly Uint8Array[], position: number, done: CountDone): void;
  fdatasync(fd: number, done: (error: CallError) => void): void;
  close(fd: number, done: (error: CallError) => void): void;
}

export const nodeFileCalls: FileCalls = { readvSync, writevSync, readv, writev, fdatasync, close };

/** `moved` bytes were transferred in order; without an error that is all of them. At the end of the file a read stops short with none. */
export type TransferDone = (error: CallError, moved: number) => void;

type Transfer = (fd: number, views: readonly Uint8Array[], position: number, done: CountDone) => void;

/** Reads until the views are full or the file ends. */
export const readAll = (calls: FileCalls, fd: number, views: readonly Uint8Array[], position: number, done: TransferDone): void =>
  transfer(calls.readv, fd, views, position, 0, done);

/** Writes all of the views. */
export const writeAll = (calls: FileCalls, fd: number, views: readonly Uint8Array[], position: number, done: TransferDone): void =>
  transfer(calls.writev, fd, views, position, 0, done);

function transfer(call: Transfer, fd: number, views: readonly Uint8Array[], position: number, before: number, done: TransferDone): void {
  call(fd, views, position, (error, count) => {
    if (error !== null) return done(error, before);
    const rest = withoutFirst(views, count);
    const moved = before + count;
    if (rest.length === 0 || count === 0) return done(null, moved);
    transfer(call, fd, rest, position + count, moved, done);
  });
}

/** Like `writeAll`, before it returns. Throws what the platform throws; `progress.moved` tells how far it came. */
export function writeAllSync(
  calls: FileCalls,
  fd: number,
  views: readonly Uint8Array[],
  position: number,
  progress: { moved: number },
): void {
  for (let rest = views; rest.length !== 0; ) {
    const count = calls.writevSync(fd, rest, position + progress.moved);
    progress.moved += count;
    if (count === 0) return;
    rest = withoutFirst(rest, count);
  }
}

/** What follows the first `count` bytes; no empty views at its start. */
export function withoutFirst(views: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0;
  let left = count;
  while (index < views.length && left >= views[index]!.length) {
    left -= views[index]!.length;
    index += 1;
  }
  if (index === views.length) return [];
  return left === 0 ? views.slice(index) : [views[index]!.subarray(left), ...views.slice(index + 1)];
}
