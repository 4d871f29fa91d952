/** Nobody holds up the others: neither who reads no answer, nor what comes to no end. */
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startFabric } from '../view/testing/started-fabric.ts';
import { startSampler } from '../view/start-sampler.ts';
import type { Served } from '../api/operation.ts';
import { type App, buildApp, type Door, openDoor } from './app.ts';
import { REQUESTS_MAX } from './bounds.ts';
import { inTime, TooLate } from './in-time.ts';
import { choosePage } from './page-address.ts';
import { openPageListener } from './page-listener.ts';
import { RACK } from './testing/asked-rack.ts';

const otherDoor: Door = () => ({ mayAct: true });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function servedRack(): Promise<Served> {
  const started = await startFabric(RACK);
  const sampler = startSampler(started.fabric);
  closers.push(
    () => started[Symbol.asyncDispose](),
    () => sampler.close(),
  );
  return { fabric: started.fabric, sampler };
}

const listening = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

it('who asks and reads nothing is cut off; who has nothing to read is not', async () => {
  const closed: string[] = [];
  let cut!: () => void;
  const isCut = new Promise<void>((resolve) => (cut = resolve));
  const handle: App['handle'] = ({ url = '' }, response) => {
    response.once('close', () => {
      closed.push(url);
      if (url === '/much') cut();
    });
    // More than the sockets of both ends take.
    if (url === '/much') response.end(Buffer.alloc(50_000_000));
    else response.flushHeaders();
  };
  const page = await openPageListener(choosePage('127.0.0.1:0', {}), { handle }, () => {}, 100);
  closers.push(() => page.close());
  const open = (path: string): void => {
    const socket = connect(Number(new URL(page.url).port), '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    );
    socket.pause();
    socket.on('error', () => {});
    closers.push(() => socket.destroy());
  };
  open('/quiet');
  open('/much');
  await isCut;
  expect(closed).toEqual(['/much']);
});

it('a crowd at one door keeps nobody from the other', async () => {
  const served = await servedRack();
  const hosts = { ...served.fabric.hosts, reset: () => new Promise<number>(() => {}) };
  const app = await buildApp({ ...served, fabric: { ...served.fabric, hosts } });
  closers.push(() => app.close());
  const crowded = await listening(createServer((incoming, response) => app.handle(incoming, response, otherDoor)));
  const free = await listening(createServer((incoming, response) => app.handle(incoming, response, openDoor)));
  const body = JSON.stringify({ host: 'esx1', adapter: 'vmhba64' });
  for (let index = 0; index < REQUESTS_MAX; index += 1)
    request(`${crowded}/api/hosts/reset`, { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false })
      .on('error', () => {})
      .end(body);
  await expect.poll(async () => (await fetch(`${crowded}/healthz`)).status).toBe(429);
  expect((await fetch(`${free}/healthz`)).status).toBe(200);
});

it('requests that were sent at once are over when their connection is', async () => {
  const served = await servedRack();
  const hosts = { ...served.fabric.hosts, reset: () => new Promise<number>(() => {}) };
  const app = await buildApp({ ...served, fabric: { ...served.fabric, hosts } });
  closers.push(() => app.close());
  const url = await listening(createServer((incoming, response) => app.handle(incoming, response, openDoor)));
  const body = JSON.stringify({ host: 'esx1', adapter: 'vmhba64' });
  const head = `POST /api/hosts/reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(`${head}${body}`.repeat(REQUESTS_MAX + 5)));
  const status = async (): Promise<number> => (await fetch(`${url}/healthz`)).status;
  await expect.poll(status).toBe(429);
  socket.destroy();
  await expect.poll(status).toBe(200);
});

it('what comes to no end is answered', async () => {
  const served = await servedRack();
  const hosts = { ...served.fabric.hosts, reset: () => new Promise<number>(() => {}) };
  const app = await buildApp({ ...served, fabric: { ...served.fabric, hosts } }, 30);
  closers.push(() => app.close());
  const url = await listening(createServer((incoming, response) => app.handle(incoming, response, openDoor)));
  const answer = await fetch(`${url}/api/hosts/reset`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ host: 'esx1', adapter: 'vmhba64' }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    504,
    { error: 'This was begun and goes on: it has not come to an end within 0.03 s. State and events say what becomes of it.' },
  ]);
  await expect(inTime(new Promise(() => {}), 1)).rejects.toThrow(TooLate);
  expect(await inTime(Promise.resolve(1), 1000)).toBe(1);
  expect(await inTime(2, 1000)).toBe(2);
});

it('a path that is no text is refused as everything else is', async () => {
  const app = await buildApp(await servedRack());
  closers.push(() => app.close());
  const url = await listening(createServer((incoming, response) => app.handle(incoming, response, openDoor)));
  const answer = await fetch(`${url}/api/%E0%A4%A`);
  expect([answer.status, await answer.json()]).toEqual([400, { error: "The request's path can't be read." }]);
});
