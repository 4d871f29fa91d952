import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../base/event.ts';
import { secretReader } from './secrets.ts';

const directory = mkdtempSync(join(tmpdir(), 'samewire-secrets-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('secretReader', () => {
  it('reads the environment', () => {
    expect(text(secretReader({ DISK: 'correct-horse' })({ kind: 'env', name: 'DISK' }))).toBe('correct-horse');
  });

  it('reads a file without the end of its line', () => {
    expect(text(secretReader({})({ kind: 'file', path: file('good', 'correct-horse\r\n') }))).toBe('correct-horse');
  });

  it.skipIf(process.platform === 'win32')('warns of a file that others can read, without showing what is in it', () => {
    const events: FabricEvent[] = [];
    const read = secretReader({}, (event) => events.push(event));
    const path = file('shown', 'correct-horse\n');
    chmodSync(path, 0o640);
    read({ kind: 'file', path });
    expect(events.map(({ id, severity }) => [id, severity])).toEqual([[8001, 'warning']]);
    expect(events[0]!.message).toBe(`The file ${path}, which holds a CHAP secret, can be read by others (mode 640): chmod 600 ${path}`);
    expect(JSON.stringify(events)).not.toContain('horse');
    chmodSync(path, 0o600);
    read({ kind: 'file', path });
    expect(events.length).toBe(1);
  });

  it('says what is missing', () => {
    expect(() => secretReader({})({ kind: 'env', name: 'DISK' })).toThrow(/environment variable DISK.*not set/);
    expect(() => secretReader({})({ kind: 'file', path: join(directory, 'none') })).toThrow(/none.*does not exist/);
    expect(() => secretReader({})({ kind: 'file', path: directory })).toThrow(/can't be read/);
  });

  it('refuses what is too short or too long, without showing it (RFC 7143 §9.2.1)', () => {
    const read = secretReader({ SHORT: 'hunter2hunt', LONG: 'x'.repeat(256) });
    expect(() => read({ kind: 'env', name: 'SHORT' })).toThrow(
      'The CHAP secret in the environment variable SHORT has 11 bytes; it needs at least 12.',
    );
    expect(() => read({ kind: 'env', name: 'LONG' })).toThrow(/255 at most/);
    expect(() => read({ kind: 'file', path: file('long', 'hunter2'.repeat(100)) })).toThrow(/^(?!.*hunter2).*too long/);
  });
});
