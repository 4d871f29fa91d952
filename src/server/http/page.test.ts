/** Requests to a page through real sockets. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { REQUEST_BYTES_MAX, STREAMS_MAX } from './bounds.ts';
import { type AskedRack, askedRack } from './testing/asked-rack.ts';

let rack: AskedRack;
beforeAll(async () => {
  rack = await askedRack();
});
afterAll(() => rack[Symbol.asyncDispose]());

const CUT = { at: 'tor1:3', up: false };
const idsSince = (sequence: number): number[] => rack.fabric.events.find({ after: sequence, severity: 'debug' }).map(({ id }) => id);
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await settle();
};

describe('a page on loopback', () => {
  it('shows everybody how the fabric is, and lets the token act', async () => {
    expect((await rack.ask('/api/fabric')).value).toMatchObject({
      name: 'test',
      url: `http://${rack.host}/`,
      counts: { arrays: 1, targets: 1, units: 1, hosts: 1, machines: 2, switches: 1, links: 2 },
    });
    expect(await rack.act('/api/network/link', { at: 'esx1:nic0', up: false })).toMatchObject({
      status: 200,
      value: { link: { up: false } },
    });
    expect(rack.fabric.network!.links()[0]!.up).toBe(false);
    expect(await rack.act('/api/network/link', { at: 'esx1:nic0', up: true })).toMatchObject({
      status: 200,
      value: { link: { up: true } },
    });
  });

  it('refuses what acts without the token, or with another', async () => {
    const refused = await rack.ask('/api/network/link', { method: 'POST', body: { at: 'esx1:nic0', up: false } });
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(refused.value).toEqual({ error: 'This takes the token, which stands in the address that `samewire up` printed.' });
    const before = rack.fabric.events.last;
    for (let times = 0; times < 3; times += 1) {
      const headers = { authorization: 'Bearer of-yesterday' };
      expect((await rack.ask('/api/network/link', { method: 'POST', headers, body: { at: 'esx1:nic0', up: false } })).status).toBe(401);
      expect((await rack.ask('/api/state', { headers })).status).toBe(401);
    }
    expect(idsSince(before).filter((id) => id === 9010)).toEqual([9010]);
    expect(JSON.stringify(rack.fabric.events.find({ severity: 'debug' }))).not.toContain('of-yesterday');
    expect(rack.fabric.network!.links()[0]!.up).toBe(true);
  });

  it('refuses what another site sends, even with the token, and tells of it once', async () => {
    const before = rack.fabric.events.last;
    const authorization = `Bearer ${rack.token}`;
    const body = { at: 'esx1:nic0', up: false };
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      expect(
        (await rack.ask('/api/network/link', { method: 'POST', headers: { authorization, ...headers } as Record<string, string>, body }))
          .status,
      ).toBe(403);
    // DNS rebinding: their name, our address.
    const host = `evil.example:${rack.port}`;
    for (const path of ['/', '/api/state', '/healthz', '/api/openapi.json', '/nothing'])
      expect([path, (await rack.ask(path, { headers: { host, origin: `http://${host}` } })).status]).toEqual([path, 403]);
    expect(rack.fabric.network!.links()[0]!.up).toBe(true);
    expect(idsSince(before).filter((id) => id > 9000)).toEqual([9014]);
    const headers = { authorization, origin: `http://${rack.host}`, 'sec-fetch-site': 'same-origin' };
    expect((await rack.ask('/api/network/link', { method: 'POST', headers, body: { at: 'esx1:nic0', up: true } })).status).toBe(200);
  });

  it('takes JSON, and no form of a page', async () => {
    const send = (type: string, body: string): Promise<{ readonly status: number }> =>
      rack.ask('/api/network/link', { method: 'POST', headers: { authorization: `Bearer ${rack.token}`, 'content-type': type }, body });
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', 'application/jsonx'])
      expect([type, (await send(type, JSON.stringify(CUT))).status]).toEqual([type, 415]);
    for (const body of ['{', '[1]', 'null', '"x"', '{"at":"tor1:3","up":false,"__proto__":{}}'])
      expect([body, (await send('application/json', body)).status]).toEqual([body, 400]);
    expect((await rack.act('/api/network/link', [CUT])).value).toEqual({ error: 'A request is a JSON object.' });
  });

  it('takes no more than 64 KiB', async () => {
    const answer = await rack.act('/api/network/link', { at: 'x'.repeat(REQUEST_BYTES_MAX), up: true });
    expect(answer).toMatchObject({ status: 413, value: { error: `A request has ${REQUEST_BYTES_MAX} bytes at most.` } });
  });

  it('says what is not there', async () => {
    expect(await rack.ask('/api/nothing')).toMatchObject({ status: 404, value: { error: 'There is nothing at GET /api/nothing.' } });
    expect((await rack.act('/api/state')).status).toBe(404);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH'])
      expect([method, (await rack.ask('/api/state', { method })).status]).toEqual([method, 401]);
    expect(await rack.ask('/api/nodes/detail?node=esx9')).toMatchObject({
      status: 404,
      value: { error: 'There is no esx9 in the fabric.' },
    });
    expect(await rack.act('/api/network/link', { at: 'tor1:99', up: true })).toMatchObject({
      status: 404,
      value: { error: 'tor1 has no port 99; it has 1, 2, 3.' },
    });
    expect(await rack.act('/api/network/link', CUT)).toMatchObject({ status: 400, value: { error: 'Nothing is plugged into tor1:3.' } });
    // However it is written, what is guarded is guarded.
    for (const path of ['/%61pi/network/link', '//api/network/link', '/api/../api/network/link', '/api/network/link/', '/API/network/link'])
      expect([path, (await rack.ask(path, { method: 'POST', body: CUT })).status]).toEqual([path, 401]);
  });

  it('tells browsers to run nothing but the page', async () => {
    for (const path of ['/', '/api/state', '/nothing', '/api/openapi.json']) {
      const { headers } = await rack.ask(path);
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';.* frame-ancestors 'none'$/);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
    expect((await rack.ask('/')).headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await rack.ask('/healthz')).value).toEqual({ status: 'up' });
    const metrics = await rack.ask('/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(/^# HELP samewire_/m);
    for (const path of ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/package.json', '/assets/'])
      expect([path, (await rack.ask(path)).status]).toEqual([path, expect.toSatisfy((status: number) => status >= 400 && status < 500)]);
  });

  it('tells nobody how it is made when it meets a mistake of its own', async () => {
    const before = rack.fabric.events.last;
    const { reports } = rack.fabric.hosts;
    Object.assign(rack.fabric.hosts, {
      reports() {
        throw new TypeError("Cannot read properties of undefined (reading 'secret')");
      },
    });
    const answer = await rack.ask('/api/hosts');
    Object.assign(rack.fabric.hosts, { reports });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toMatch(/undefined|secret|\.ts/);
    const [event] = rack.fabric.events.find({ after: before, kinds: ['9011'] });
    expect(event?.message).toContain('GET /api/hosts could not be answered: TypeError: Cannot read');
  });
});

describe('a stream', () => {
  const capture = { method: 'POST', path: '/api/network/capture' };
  /** Its response, when its head is there. */
  const begun = (body: unknown) =>
    new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${rack.token}` };
      request({ host: '127.0.0.1', port: rack.port, ...capture, headers, agent: false }, resolve)
        .on('error', reject)
        .end(JSON.stringify(body));
    });

  it('is stopped by its number, and there are only so many', async () => {
    const all = await Promise.all(Array.from({ length: STREAMS_MAX }, () => begun({ at: 'tor1:1' })));
    const numbers = all.map(({ headers }) => Number(headers['samewire-stream']));
    expect(new Set(numbers).size).toBe(STREAMS_MAX);
    expect(all[0]!.headers).toMatchObject({ 'content-type': 'application/x-pcapng', 'x-content-type-options': 'nosniff' });
    expect((await rack.act('/api/network/capture', { at: 'tor1:1' })).status).toBe(429);
    for (const response of all) response.resume();
    for (const stream of numbers) expect((await rack.act('/api/streams/stop', { stream })).status).toBe(200);
    await until(() => all.every(({ complete }) => complete));
    expect(JSON.parse(all[0]!.trailers['samewire-summary']!)).toEqual({ frames: expect.any(Number), omitted: 0 });
    const last = await begun({ at: 'tor1:1' });
    expect(last.statusCode).toBe(200);
    last.destroy();
  });
});

/** What a WebSocket hears first. */
const opened = (protocols: string[], headers: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://${rack.host}/api/feed`, protocols, { headers });
    socket.on('error', (error) => resolve(error.message));
    socket.once('message', (data: Buffer) => {
      resolve(data.toString('utf8'));
      socket.terminate();
    });
  });

describe('the feed', () => {
  it('is for the page alone', async () => {
    const own = `http://${rack.host}`;
    expect(JSON.parse(await opened(['samewire.1', `token.${rack.token}`], { origin: own }))).toMatchObject({ type: 'hello', mayAct: true });
    expect(JSON.parse(await opened(['samewire.1'], { origin: own }))).toMatchObject({ type: 'hello', mayAct: false });
    const foreign = await opened(['samewire.1', `token.${rack.token}`], { origin: 'http://evil.example' });
    expect(foreign).toContain('403');
    expect(await opened(['samewire.1'], { origin: own, host: 'evil.example' })).toContain('403');
  });
});

it('survives what is no HTTP', async () => {
  const answers = await Promise.all(
    ['\0\0\0\0', 'GET\r\n\r\n', 'GET /api/state HTTP/1.1\r\n\r\n', `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nHost: ${rack.host}\r\n\r\n`].map(
      (text) =>
        new Promise<string>((resolve) => {
          const socket = connect(rack.port, '127.0.0.1', () => socket.end(text));
          let heard = '';
          socket.on('data', (data) => (heard += data.toString()));
          socket.on('error', () => {}).on('close', () => resolve(heard.slice(0, 12)));
        }),
    ),
  );
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 4|^$/);
  expect((await rack.ask('/healthz')).status).toBe(200);
});

it('beyond loopback it takes the token to look, and an address of 0.0.0.0 is shown as one that works', async () => {
  await using elsewhere = await askedRack({ token: 'sixteen-letters.', page: '0.0.0.0:0' });
  expect(elsewhere.host).toMatch(/^127\.0\.0\.1:/);
  for (const path of ['/api/state', '/api/openapi.json', '/metrics', '/api/events'])
    expect([path, (await elsewhere.ask(path)).status]).toEqual([path, 401]);
  for (const path of ['/', '/healthz']) expect([path, (await elsewhere.ask(path)).status]).toEqual([path, 200]);
  const headers = { authorization: 'Bearer sixteen-letters.', host: 'rack.example' };
  expect((await elsewhere.ask('/api/state', { headers })).status).toBe(200);
});
