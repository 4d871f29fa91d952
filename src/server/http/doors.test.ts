/** What is behind both doors of a running fabric is the same. */
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askControlSocket, openControlStream } from '../../os/control-socket.ts';
import { choosePage } from './page-address.ts';
import { type AskedRack, askedRack } from './testing/asked-rack.ts';

let rack: AskedRack;
let control: string;
beforeAll(async () => {
  rack = await askedRack();
  const file = join(rack.environment['XDG_RUNTIME_DIR']!, 'rack.yaml');
  writeFileSync(file, '');
  control = await rack.server.openControl(file);
});
afterAll(() => rack[Symbol.asyncDispose]());

const onControl = (method: 'GET' | 'POST', url: string, body?: unknown): Promise<unknown> => askControlSocket([control], method, url, body);

it('the control socket takes no token', async () => {
  expect(await onControl('GET', '/api/fabric')).toEqual((await rack.ask('/api/fabric')).value);
  expect(await onControl('POST', '/api/network/link', { at: 'tor1:1', up: true })).toMatchObject({ link: { up: true } });
  expect(await onControl('POST', '/api/hosts/rescan')).toMatchObject({ needsStart: [] });
  await expect(onControl('POST', '/api/network/link', { at: 'tor1:1' })).rejects.toThrow('`up` is missing: true or false.');
  await expect(onControl('GET', '/nothing')).rejects.toThrow('There is nothing at GET /nothing.');
  await expect(onControl('POST', '/api/network/link', { at: 'x'.repeat(70_000) })).rejects.toThrow();
});

it('a page whose usual place is taken is elsewhere; one that was asked for is not', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { readonly port: number };
  const usual = { ...choosePage(undefined, {}), port };
  const url = new URL(await rack.server.openPage(usual));
  expect(url.port).not.toBe(String(port));
  expect(rack.fabric.events.find({ kinds: ['page-elsewhere'] }).at(-1)?.message).toBe(
    `127.0.0.1:${port} is taken, perhaps by another fabric: the page is at ${url.host}.`,
  );
  await expect(rack.server.openPage(choosePage(`127.0.0.1:${port}`, {}))).rejects.toThrow(
    `The page can't listen on 127.0.0.1:${port}: something else listens there.`,
  );
  await new Promise((resolve) => other.close(resolve));
});

it('streams end with the fabric, with their summaries', async () => {
  await using ending = await askedRack();
  const file = join(ending.environment['XDG_RUNTIME_DIR']!, 'other.yaml');
  writeFileSync(file, '');
  const path = await ending.server.openControl(file);
  const stream = (await openControlStream([path], '/api/network/capture', { at: 'tor1:1' }))!;
  const reading = (async () => {
    for await (const piece of stream) expect(piece.length).toBeGreaterThan(0);
  })();
  await ending.server.close();
  await reading;
  expect(stream.summary()).toEqual({ frames: expect.any(Number), omitted: 0 });
  expect(await askControlSocket([path], 'GET', '/api/fabric')).toBeUndefined();
});
