import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putBe32 } from '../../base/bytes.ts';
import type { FabricEvent } from '../../base/event.ts';
import type { Port, Wire } from '../../base/port.ts';
import { connectQemuStream, type QemuStreamServer, serveQemuStream } from './qemu-stream.ts';

interface TestPort extends Port {
  readonly frames: Uint8Array[];
  readonly carriers: boolean[];
}

function testPort(name: string): TestPort {
  const frames: Uint8Array[] = [];
  const carriers: boolean[] = [];
  const wire: Wire | undefined = undefined;
  return { name, wire, frames, carriers, handleFrame: (frame) => frames.push(frame), handleCarrier: (up) => carriers.push(up) };
}

let folder: string;
let path: string;
let events: FabricEvent[];
let server: QemuStreamServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-stream-'));
  path = join(folder, 'vm.sock');
  events = [];
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const serve = async (ports: readonly Port[], queueBytes?: number): Promise<QemuStreamServer> =>
  (server = await serveQemuStream(
    ports,
    { address: { path }, ...(queueBytes === undefined ? {} : { queueBytes }) },
    { events: (event) => events.push(event) },
  ));

const dial = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', reject);
  });

function framed(frame: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + frame.length);
  putBe32(out, 0, frame.length);
  out.set(frame, 4);
  return out;
}

const frame = new Uint8Array(60).fill(7);

it('frames go both ways, and the carrier follows the machine', async () => {
  const port = testPort('1');
  await serve([port]);
  expect(port.wire?.carrier).toBe(false);
  const machine = await dial();
  await expect.poll(() => port.carriers).toEqual([true]);
  machine.write(framed(frame));
  await expect.poll(() => port.frames.length).toBe(1);
  expect(Buffer.compare(port.frames[0]!, frame)).toBe(0);
  const received: Buffer[] = [];
  machine.on('data', (bytes: Buffer) => received.push(bytes));
  port.wire!.transmit(frame);
  port.wire!.transmit(frame);
  await expect.poll(() => Buffer.concat(received)).toEqual(Buffer.concat([framed(frame), framed(frame)]));
  machine.destroy();
  await expect.poll(() => port.carriers).toEqual([true, false]);
  port.wire!.transmit(frame);
  expect(server!.attachments[0]!.counters).toMatchObject({ framesIn: 1, framesOut: 2, dropsOut: 1 });
  expect(events.map((event) => event.name)).toEqual(['port-machine-attached', 'port-machine-gone']);
});

it('one machine too many is turned away; a port that got free takes the next', async () => {
  const ports = [testPort('1'), testPort('2')];
  await serve(ports);
  const [first, second] = [await dial(), await dial()];
  await expect.poll(() => ports.map((port) => port.carriers)).toEqual([[true], [true]]);
  const third = await dial();
  await new Promise((resolve) => third.once('close', resolve));
  expect(events.at(-1)?.name).toBe('port-machine-refused');
  first.destroy();
  await expect.poll(() => ports[0]!.carriers).toEqual([true, false]);
  const again = await dial();
  await expect.poll(() => ports[0]!.carriers).toEqual([true, false, true]);
  expect(ports[1]!.carriers).toEqual([true]);
  second.destroy();
  again.destroy();
});

it('what is no frame ends the connection, with an event, and the next machine is served', async () => {
  const port = testPort('1');
  await serve([port]);
  const machine = await dial();
  machine.on('error', () => {});
  machine.write('GET / HTTP/1.1\r\n\r\n');
  await new Promise((resolve) => machine.once('close', resolve));
  await expect.poll(() => port.carriers).toEqual([true, false]);
  expect(events.map((event) => event.name)).toContain('port-bytes-no-frames');
  expect(server!.attachments[0]!.counters.malformed).toBe(1);
  const next = await dial();
  await expect.poll(() => port.carriers).toEqual([true, false, true]);
  next.destroy();
});

it('a machine that does not read costs a bounded queue, its frames are dropped and counted, with one event', async () => {
  const port = testPort('1');
  await serve([port], 100_000);
  const machine = await dial();
  machine.pause();
  await expect.poll(() => port.carriers).toEqual([true]);
  const long = new Uint8Array(1514);
  const { counters } = server!.attachments[0]!;
  for (let turn = 0; turn < 100 && counters.dropsOut < 200; turn += 1) {
    for (let count = 0; count < 100; count += 1) port.wire!.transmit(long);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(counters.dropsOut).toBeGreaterThanOrEqual(200);
  expect(events.filter((event) => event.name === 'port-reader-slow').length).toBe(1);
  // Once it reads again it gets whole frames, those that were taken and no others.
  let bytes = 0;
  machine.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  machine.resume();
  await expect.poll(() => bytes).toBe(counters.framesOut * (4 + long.length));
  machine.destroy();
});

it('a socket that was left behind is replaced; a file, and a socket in use, are not', async () => {
  writeFileSync(path, 'somebody’s');
  await expect(serve([testPort('1')])).rejects.toThrow('EADDRINUSE');
  expect(existsSync(path)).toBe(true);
  rmSync(path);
  await serve([testPort('1')]);
  const before = server!;
  await expect(serveQemuStream([testPort('2')], { address: { path } }, { events: () => {} })).rejects.toThrow('listens');
  await before.close();
  server = undefined;
  expect(existsSync(path)).toBe(false);
});

/** However busy the machine is: it tries again twice a second. */
const SOON = { timeout: 10_000 };

it('a machine that listens is connected to, and again after it was gone', { timeout: 30_000 }, async () => {
  const port = testPort('1');
  const seen: string[] = [];
  const attachment = connectQemuStream(port, { address: { path } }, { events: (event) => seen.push(event.name) });
  const machine = (): Promise<{ readonly socket: Socket; readonly listener: Server }> =>
    new Promise((resolve) => {
      const listener = createServer((socket) => resolve({ socket, listener })).listen(path);
    });
  try {
    // Nobody was there at first.
    for (const round of [1, 2]) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(attachment.wire.carrier).toBe(false);
      const { socket, listener } = await machine();
      await expect.poll(() => attachment.wire.carrier, SOON).toBe(true);
      socket.write(framed(frame));
      await expect.poll(() => port.frames.length, SOON).toBe(round);
      listener.close();
      socket.destroy();
      await expect.poll(() => attachment.wire.carrier, SOON).toBe(false);
    }
    expect(port.carriers).toEqual([true, false, true, false]);
    expect(attachment.counters).toMatchObject({ framesIn: 2, malformed: 0 });
    const names = ['port-machine-attached', 'port-machine-gone'];
    expect(seen).toEqual([...names, ...names]);
  } finally {
    attachment.close();
  }
  expect(port.wire).toBeUndefined();
});

it('a connection that is closed stays closed', { timeout: 30_000 }, async () => {
  const port = testPort('1');
  const attachment = connectQemuStream(port, { address: { path } }, { events: (event) => events.push(event) });
  let connections = 0;
  const listener = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
  }).listen(path);
  await expect.poll(() => connections, SOON).toBe(1);
  attachment.close();
  // Longer than it waits before it tries again.
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(connections).toBe(1);
  expect(port.carriers.at(-1) ?? false).toBe(false);
  await new Promise((resolve) => listener.close(resolve));
});
