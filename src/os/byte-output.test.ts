import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openByteOutput } from './byte-output.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

const fifo = (): string => {
  const path = join(folder, 'f');
  execFileSync('mkfifo', [path]);
  return path;
};

describe('bytes on their way out', () => {
  it('go to a file, in place of what was in it', async () => {
    const file = join(folder, 'a');
    writeFileSync(file, 'something long that was here before');
    const output = await openByteOutput(file, never);
    for (const letter of 'abc') expect(await output.write(Buffer.from(letter))).toBe(true);
    await output.close();
    expect(readFileSync(file, 'utf8')).toBe('abc');
  });

  it('say in a sentence where they can not go', async () => {
    await expect(openByteOutput(join(folder, 'no', 'a'), never)).rejects.toThrow(/^Can't write .*: ENOENT/);
  });

  describe.skipIf(process.platform === 'win32')('to a FIFO', () => {
    it('wait for a reader, and for room', async () => {
      const path = fifo();
      const opening = openByteOutput(path, never);
      const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
      const output = await opening;
      const piece = Buffer.alloc(100_000, 'x');
      const writing = (async () => {
        for (let index = 0; index < 20; index += 1) expect(await output.write(piece)).toBe(true);
        await output.close();
      })();
      let bytes = 0;
      for await (const part of reader.stdout as AsyncIterable<Buffer>) bytes += part.length;
      await writing;
      expect(bytes).toBe(2_000_000);
    });

    it('end when the reader goes away', async () => {
      const path = fifo();
      const opening = openByteOutput(path, never);
      const reader = spawn('head', ['-c', '1', path], { stdio: 'ignore' });
      const output = await opening;
      const gone = new Promise((resolve) => void reader.once('close', resolve));
      expect(await output.write(Buffer.alloc(10))).toBe(true);
      await gone;
      let taken = true;
      for (let index = 0; taken && index < 10; index += 1) {
        taken = await output.write(Buffer.alloc(10));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(taken).toBe(false);
    });

    it('wait no longer than anybody wants', async () => {
      const cancel = new AbortController();
      const opening = openByteOutput(fifo(), cancel.signal);
      cancel.abort();
      await expect(opening).rejects.toThrow("Can't write");
    });
  });
});
