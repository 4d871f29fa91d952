/** `samewire capture` at a fabric that is up: over a control socket, into outputs that are made up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ByteOutput } from '../os/byte-output.ts';
import { type ControlSocket, openControlSocket, openControlStream } from '../os/control-socket.ts';
import { type App, buildApp, openDoor } from '../server/http/app.ts';
import { capture } from './capture.ts';
import { ping } from './network/ping.ts';
import { type TestContext, testContext } from './testing/test-context.ts';
import { type RunningRack, runningRack } from './network/testing/running-rack.ts';

const MEBIBYTE = 1024 * 1024;

let folder: string;
let rack: RunningRack;
let socket: ControlSocket;
let app: App;
let pieces: Uint8Array[];
let output: ByteOutput;
let context: TestContext;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-capture-'));
  const path = join(folder, 'own', 'x.sock');
  pieces = [];
  output = {
    async write(bytes) {
      pieces.push(bytes);
      return true;
    },
    close: async () => {},
    destroy: () => {},
  };
  rack = await runningRack();
  context = testContext({
    streams: {
      openControlStream: async (file, url, body) => (file === 'other.yaml' ? undefined : openControlStream([path], url, body)),
      openOutput: async () => output,
    },
  });
  app = await buildApp(rack.context.served()!);
  socket = await openControlSocket([path], (incoming, response) => app.handle(incoming, response, openDoor));
});
afterEach(async () => {
  await app.endStreams();
  await socket.close();
  await app.close();
  await rack.stop();
  rmSync(folder, { recursive: true });
});

/** Types of the blocks of a pcapng stream that is whole. */
function blocksOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true)) {
    types.push(view.getUint32(at, true));
    const length = view.getUint32(at + 4, true);
    expect(view.getUint32(at + length - 4, true)).toBe(length);
  }
  return types;
}

const SECTION = 0x0a0d_0d0a;
const INTERFACE = 1;
const PACKET = 6;
const written = (): Buffer => Buffer.concat(pieces);
const echo = (): Promise<number> => ping('rack.yaml', 'esx1', 'esx2', { count: 1, size: 56, wait: 5 }, rack.context);
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
};

describe('samewire capture', () => {
  it('ends after so many frames', async () => {
    const done = capture('rack.yaml', 'esx1:nic0', { count: 4 }, context);
    await until(() => pieces.length > 0);
    // Neighbours find each other, then ask and answer: four frames at the least.
    await echo();
    expect(await done).toBe(0);
    expect(blocksOf(written())).toEqual([SECTION, INTERFACE, INTERFACE, PACKET, PACKET, PACKET, PACKET]);
    for (const name of ['esx1:nic0', 'tor1:1']) expect(written().toString('latin1')).toContain(name);
    expect(context.complaints()).toBe('capturing at esx1:nic0; Ctrl-C ends\n4 frames captured at esx1:nic0\n');
  });

  it('ends at a signal, with whole frames; others at the same link go on', async () => {
    const done = capture(undefined, 'tor1:2', {}, context);
    await until(() => pieces.length > 0);
    const other: Uint8Array[] = [];
    const second = rack.network.capture({ node: 'esx2', port: 'nic0' }, (bytes) => other.push(bytes) > 0)!;
    await echo();
    context.signal();
    expect(await done).toBe(0);
    const frames = blocksOf(written()).filter((type) => type === PACKET).length;
    expect(frames).toBeGreaterThanOrEqual(4);
    expect(context.complaints()).toContain(`\n${frames} frames captured at tor1:2\n`);
    const before = other.length;
    await echo();
    expect(other.length).toBeGreaterThan(before);
    second.stop();
    const after = other.length;
    await echo();
    expect(other).toHaveLength(after);
  });

  it('ends when nobody reads any more', async () => {
    output = { ...output, write: async () => false };
    expect(await capture('rack.yaml', 'esx1:nic0', {}, context)).toBe(0);
    expect(context.complaints()).toMatch(/\d+ frames captured/);
  });

  it('ends with the fabric', async () => {
    const done = capture('rack.yaml', 'esx1:nic0', {}, context);
    await until(() => pieces.length > 0);
    await app.endStreams();
    expect(await done).toBe(0);
    expect(context.complaints()).toContain('0 frames captured at esx1:nic0\n');
  });

  it('leaves out frames for a slow reader, and says how many', async () => {
    let read: (() => void) | undefined;
    const reading = new Promise<boolean>((resolve) => {
      read = () => resolve(true);
    });
    output = {
      ...output,
      write(bytes) {
        pieces.push(bytes);
        return reading;
      },
    };
    const done = capture('rack.yaml', 'esx1:nic0', {}, context);
    await until(() => pieces.length > 0);
    // Longer than the link carries: each is dropped, with a comment, and costs no time of the network.
    const giant = new Uint8Array(MEBIBYTE);
    const { wire } = rack.network.network.port({ node: 'esx1', port: 'nic0' })!;
    for (let count = 0; count < 50; count += 1) wire!.transmit(giant);
    read!();
    context.signal();
    expect(await done).toBe(0);
    expect(context.complaints()).toMatch(/\nnote: \d+ frames left out: they came faster than they were read\n$/);
  });

  it('says what is wrong', async () => {
    const at = (port: string, file = 'rack.yaml'): Promise<number> => capture(file, port, { write: 'a' }, context);
    await expect(at('tor1:3')).rejects.toThrow('Nothing is plugged into tor1:3.');
    await expect(at('tor1:4')).rejects.toThrow('tor1 has no port 4; it has 1, 2, 3, 5, 9.');
    await expect(at('tor1')).rejects.toThrow('is no port: write a node and its port');
    await expect(at('tor1:1', 'other.yaml')).rejects.toThrow('other.yaml is not up');
    const toTerminal = { ...context, outIsTerminal: true };
    await expect(capture('rack.yaml', 'tor1:1', {}, toTerminal)).rejects.toThrow(
      'A capture is bytes, not text: write it to a file with -w, or pass it on, as in: samewire capture rack.yaml tor1:1 | wireshark -k -i -',
    );
  });
});
