/**
 * The API from its own description: every operation with inputs that fit and inputs that don't, with and without the token, and with what is no request at
 * all. Every answer is one that the description has, none is a mistake of the program, nothing acts without the token, and afterwards all is as alive as
 * before. SAMEWIRE_FUZZ_REQUESTS and SAMEWIRE_FUZZ_SEED override.
 */
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostReport } from '../../src/device/host-report.ts';
import { type Answer, type Ask, Asker } from './api-asker.ts';
import { type Document, type Operation, operationsOf } from './api-description.ts';
import { type FuzzedFabric, startFuzzedFabric, TOKEN } from './api-fabric.ts';
import { brokenBodies, fitting, spoilt, STRANGE_TEXTS, type Words } from './api-input.ts';

const REQUESTS = Number(process.env['SAMEWIRE_FUZZ_REQUESTS'] ?? 1000);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 8326);
const TIMEOUT_MILLISECONDS = 60_000 + REQUESTS * 40;
const AT_ONCE = 8;
/** So long an answer is waited for before the next is asked. */
const PATIENCE_MILLISECONDS = 1500;
const LATE_MAX = 24;
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const REPLAY = `replay: SAMEWIRE_FUZZ_SEED=${SEED} SAMEWIRE_FUZZ_REQUESTS=${REQUESTS} npx vitest run test/fuzz/api.test.ts`;

interface Case extends Ask {
  readonly operation: Operation;
  /** Undefined: nobody can say before. */
  readonly fits: boolean | undefined;
}

let up: FuzzedFabric;
let asker: Asker;
let operations: readonly Operation[];
let words: Words;
let handlesBefore: number;

const handles = (): number => process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;

async function json<T>(path: string): Promise<T> {
  const { status, body } = await asker.ask({ method: 'GET', path });
  if (status !== 200) throw new Error(`${path}: ${status} ${body.toString()}`);
  return JSON.parse(body.toString()) as T;
}

beforeAll(async () => {
  handlesBefore = handles();
  up = await startFuzzedFabric();
  asker = new Asker(up.port);
  operations = operationsOf(await json<Document>('/api/openapi.json'));
  words = await wordsOf();
}, 60_000);

afterAll(async () => {
  asker?.close();
  await up?.stop();
}, 60_000);

/** What is there, by the keys that name it. */
async function wordsOf(): Promise<Words> {
  const topology = await json<{ nodes: { id: string; ports: string[] }[] }>('/api/topology');
  const { hosts } = await json<{ hosts: HostReport[] }>('/api/hosts');
  const { sessions } = await json<{ sessions: { id: number }[] }>('/api/sessions');
  const nodes = topology.nodes.map(({ id }) => id);
  const devices = hosts.flatMap((host) => host.devices);
  return {
    node: nodes,
    at: topology.nodes.flatMap(({ id, ports }) => ports.map((port) => `${id}:${port}`)),
    host: hosts.map(({ host }) => host),
    to: [...nodes, '192.0.2.20', '192.0.2.99', '::1', '255.255.255.255'],
    adapter: ['vmhba64'],
    target: ['iqn.2026-01.net.samewire:disk'],
    address: ['192.0.2.20:3260', '192.0.2.20'],
    device: devices.map(({ device }) => device),
    path: devices.flatMap(({ paths }) => paths.map(({ path }) => path)),
    array: ['array1'],
    group: [1, 2],
    session: sessions.map(({ id }) => id),
    series: ['totals readsPerSecond', 'link 0 0 bitsPerSecond'],
    kind: ['9002', 'fabric-ready'],
    stream: [1, 2, 3],
  };
}

// ---- cases ----

const goesOn = (operation: Operation): Pick<Ask, 'leaveAfter'> => (operation.mediaType.includes('pcapng') ? { leaveAfter: 30 } : {});

function queryOf(input: unknown): string {
  const query = new URLSearchParams();
  if (typeof input === 'object' && input !== null)
    for (const [key, value] of Object.entries(input))
      for (const one of Array.isArray(value) ? value : [value])
        query.append(key, (typeof one === 'object' ? JSON.stringify(one) : String(one)).slice(0, 3000));
  const text = query.toString().slice(0, 12_000);
  return text === '' ? '' : `?${text}`;
}

function withInput(operation: Operation): Arbitrary<Case> {
  const inputs = fc.oneof(fitting(operation.input, words), spoilt(operation.input, words));
  return inputs.map((input) => {
    const { method, path } = operation;
    if (!operation.acts) return { operation, method, path: `${path}${queryOf(input)}`, fits: undefined, ...goesOn(operation) };
    const body = JSON.stringify(input) ?? '';
    return {
      operation,
      method,
      path,
      headers: { ...AUTHORIZED, 'content-type': 'application/json' },
      body,
      // What is too long is not read, and nothing at all is an empty object.
      fits: body.length > 60_000 || body === '' ? undefined : operation.fits(JSON.parse(body)),
      ...goesOn(operation),
    };
  });
}

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=latin1',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'a/b/c',
  '',
  'application/json, text/html',
];

const withBrokenBody = (operation: Operation): Arbitrary<Case> =>
  fc
    .tuple(brokenBodies, fc.constantFrom(...CONTENT_TYPES), fc.constantFrom(undefined, 'gzip', 'br', 'identity'))
    .map(([body, type, encoding]) => ({
      operation,
      method: operation.method,
      path: operation.path,
      headers: { ...AUTHORIZED, 'content-type': type, ...(encoding === undefined ? {} : { 'content-encoding': encoding }) },
      body: operation.acts ? body : '',
      fits: undefined,
      ...goesOn(operation),
    }));

const lines = (first: string, ...headers: readonly string[]): string => `${[first, 'Host: 127.0.0.1', ...headers].join('\r\n')}\r\n\r\n`;

async function inTurns<T>(cases: readonly T[], run: (one: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next;
      next += 1;
      if (index >= cases.length) return;
      await run(cases[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const shown = ({ method, path, headers, body }: Ask, answer?: Answer): string =>
  [
    `${method} ${path.slice(0, 300)} ${JSON.stringify(headers ?? {}).slice(0, 300)}`,
    `body: ${JSON.stringify(String(body ?? '')).slice(0, 400)}`,
    ...(answer === undefined ? [] : [`answer: ${answer.status} ${answer.body.toString().slice(0, 400)}`]),
    REPLAY,
  ].join('\n');

/** What acting would change. */
async function settled(): Promise<unknown> {
  const { links } = await json<{ links: { ends: { node: string; port: string; faults: unknown }[]; up: boolean; delayNanos: number }[] }>(
    '/api/network',
  );
  const { hosts } = await json<{ hosts: HostReport[] }>('/api/hosts');
  const { sessions } = await json<{ sessions: { array: string; id: number }[] }>('/api/sessions');
  return {
    links: links.map(({ ends, up: isUp, delayNanos }) => [isUp, delayNanos, ends.map(({ faults }) => faults)]),
    off: hosts.flatMap(({ devices }) =>
      devices.flatMap(({ paths }) => paths.map(({ path, state, access }) => `${path} ${state} ${access}`)),
    ),
    sessions: sessions.map(({ array, id }) => `${array} ${id}`),
  };
}

const act = (path: string, body: unknown): Promise<Answer> =>
  asker.ask({ method: 'POST', path, headers: { ...AUTHORIZED, 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** A host that logs in again takes its time where cables are cut; once they are not, everything comes to an end. */
async function mend(): Promise<void> {
  for (const at of words['at']!) {
    await act('/api/network/link', { at, up: true });
    await act('/api/network/faults', { at });
    await act('/api/network/delay', { at, delayNanos: 15 });
  }
  for (const group of [1, 2]) await act('/api/arrays/access', { array: 'array1', group, access: 'active' });
}

const mistakes = (): readonly string[] =>
  up.fabric.events
    .find({ severity: 'error', limit: 10_000 })
    .filter(({ name }) => name === 'request-failed')
    .map(({ message }) => message);

async function expectAlive(): Promise<void> {
  expect(mistakes(), REPLAY).toEqual([]);
  expect((await asker.ask({ method: 'GET', path: '/healthz' })).status).toBe(200);
  expect((await json<{ name: string }>('/api/fabric')).name).toBe('fuzzed');
}

const madeUp = (status: number, body: unknown, type = 'application/json'): Answer => ({
  status,
  type,
  body: Buffer.from(JSON.stringify(body)),
  wasLeft: false,
});

describe('the API', () => {
  it('has operations to look and to act, and all are described', () => {
    expect(operations.filter(({ acts }) => acts).length).toBeGreaterThan(8);
    expect(operations.filter(({ acts }) => !acts).length).toBeGreaterThan(8);
    for (const { method, path, statuses } of operations) expect(statuses.has(200), `${method} ${path}`).toBe(true);
    expect(words['at']!.length).toBeGreaterThan(10);
    expect(words['session']!.length).toBeGreaterThan(0);
  });

  it('would show what is not as described', () => {
    const sessions = operations.find(({ path, acts }) => path === '/api/sessions' && !acts)!;
    expect(sessions.wrongness(madeUp(200, { fabric: 'a', sessions: [] }))).toBeUndefined();
    expect(sessions.wrongness(madeUp(400, { error: 'No.' }))).toBeUndefined();
    for (const wrong of [
      madeUp(200, { fabric: 'a', sessions: [{}] }),
      madeUp(200, { fabric: 'a' }),
      madeUp(400, { message: 'No.' }),
      madeUp(418, { error: 'No.' }),
      madeUp(200, { fabric: 'a', sessions: [] }, 'text/html'),
    ])
      expect(sessions.wrongness(wrong)).toBeDefined();
    const link = operations.find(({ path, acts }) => path === '/api/network/link' && acts)!;
    expect([{ at: 'a:1', up: true }, { at: 'a:1', up: 1 }, { at: 'a:1', up: true, more: 1 }, {}].map(link.fits)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('lets nobody act without the token', async () => {
    const before = await settled();
    const acting = operations.filter(({ acts }) => acts);
    const doors: readonly Partial<Ask>[] = [
      {},
      { headers: { authorization: '' }, from: '127.0.0.5' },
      { headers: { authorization: `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}` }, from: '127.0.0.5' },
      { headers: { authorization: TOKEN }, from: '127.0.0.6' },
      { headers: { authorization: `Bearer ${TOKEN}x` }, from: '127.0.0.7' },
      { headers: { authorization: `Bearer ${TOKEN.slice(1)}` }, from: '127.0.0.7' },
      { headers: { ...AUTHORIZED, origin: 'http://evil.example' }, from: '127.0.0.8' },
      { headers: { ...AUTHORIZED, origin: 'null' }, from: '127.0.0.8' },
      { headers: { ...AUTHORIZED, host: 'evil.example:80' }, from: '127.0.0.8' },
      { headers: { ...AUTHORIZED, 'sec-fetch-site': 'cross-site' }, from: '127.0.0.8' },
      { headers: { cookie: `token=${TOKEN}` } },
    ];
    const cases = acting.flatMap((operation, index) =>
      doors.flatMap((door, turn) => {
        const inputs = fc.sample(fitting(operation.input, words), { numRuns: 2, seed: SEED + index * 100 + turn });
        return inputs.map((input) => ({ operation, door, input }));
      }),
    );
    await inTurns(cases, async ({ operation, door, input }) => {
      for (const method of [operation.method, 'PUT', 'DELETE']) {
        const ask: Ask = {
          method,
          path: operation.path,
          ...door,
          headers: { 'content-type': 'application/json', ...door.headers },
          body: JSON.stringify(input),
        };
        const answer = await asker.ask(ask);
        expect(method === operation.method ? [401, 403, 429] : [401, 403, 404, 405, 429], shown(ask, answer)).toContain(answer.status);
        // A token in the address is a token in a log.
        if (method !== operation.method) continue;
        const inAddress = await asker.ask({ ...ask, path: `${operation.path}?token=${TOKEN}` });
        expect([401, 403, 429], shown(ask, inAddress)).toContain(inAddress.status);
      }
    });
    expect(await settled()).toEqual(before);
    // The same with it acts: what was compared would have shown it.
    const answer = await act('/api/network/faults', { at: 'esx2:nic0', loss: 0.5 });
    expect(answer.status).toBe(200);
    expect(await settled()).not.toEqual(before);
    await expectAlive();
  }, 60_000);

  it(
    'answers every input as it says, and none with a mistake of its own',
    async () => {
      const each = Math.ceil(REQUESTS / operations.length);
      const lists = operations.map((operation, index) =>
        fc.sample(fc.oneof({ weight: 6, arbitrary: withInput(operation) }, { weight: 1, arbitrary: withBrokenBody(operation) }), {
          numRuns: each,
          seed: SEED + index,
        }),
      );
      // All kinds of operations beside each other.
      const cases = Array.from({ length: each }, (_, turn) => lists.map((list) => list[turn]!)).flat();
      const seen = new Map<string, Set<number>>();
      const check = async (one: Case): Promise<void> => {
        const answer = await asker.ask(one);
        const { method, path } = one.operation;
        seen.set(`${method} ${path}`, (seen.get(`${method} ${path}`) ?? new Set()).add(answer.status));
        expect(answer.status, shown(one, answer)).toBeLessThan(500);
        expect(one.operation.wrongness(answer), shown(one, answer)).toBeUndefined();
        if (one.fits === false) expect(answer.status, `it does not fit:\n${shown(one, answer)}`).toBe(400);
      };
      const late = new Set<Promise<void>>();
      await inTurns(cases, async (one) => {
        if (late.size >= LATE_MAX) {
          await mend();
          await Promise.all(late);
        }
        const checked = check(one);
        late.add(checked);
        // What fails is told where all are waited for.
        checked.then(() => late.delete(checked)).catch(() => {});
        await Promise.race([checked, wait(PATIENCE_MILLISECONDS)]);
      });
      await mend();
      await Promise.all(late);
      // With names that are there, every operation is carried out some time.
      const never = [...seen].filter(([, statuses]) => !statuses.has(200)).map(([name]) => name);
      expect(never, REPLAY).toEqual([]);
      await expectAlive();
    },
    TIMEOUT_MILLISECONDS,
  );

  it('takes no harm from what is no request', async () => {
    const long = 'x'.repeat(20_000);
    const requests = [
      lines(`GET /api/state?${long} HTTP/1.1`),
      lines(`GET /${'../'.repeat(200)}etc/passwd HTTP/1.1`),
      lines('GET /api/%00 HTTP/1.1'),
      lines('GET /api/%ff%fe HTTP/1.1'),
      lines('GET //evil.example/api/state HTTP/1.1'),
      lines('GET http://evil.example/api/state HTTP/1.1'),
      lines('GET * HTTP/1.1'),
      lines('OPTIONS * HTTP/1.1'),
      lines('CONNECT evil.example:80 HTTP/1.1'),
      lines('TRACE /api/state HTTP/1.1'),
      lines('BREW /api/state HTTP/1.1'),
      lines('GET /api/state HTTP/9.9'),
      lines('GET /api/state HTTP/1.1', ...Array.from({ length: 3000 }, (_, index) => `x-${index}: y`)),
      lines('GET /api/state HTTP/1.1', `x: ${long}`),
      lines('GET /api/state HTTP/1.1', 'Host: evil.example'),
      lines('POST /api/network/link HTTP/1.1', 'content-length: -1'),
      lines('POST /api/network/link HTTP/1.1', 'content-length: 5', 'transfer-encoding: chunked'),
      `${lines('POST /api/network/link HTTP/1.1', 'transfer-encoding: chunked')}zz\r\n`,
      `${lines('POST /api/network/link HTTP/1.1', 'content-length: 10')}{"at"`,
      'GET /api/state HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.0\r\n\r\n',
      '\u0000'.repeat(1000),
      '\u0016\u0003\u0001\u0000\u0005hello',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      lines('GET /api/feed HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: short'),
      lines('GET /api/state HTTP/1.1', 'Upgrade: h2c', 'Connection: Upgrade'),
      ...STRANGE_TEXTS.map((text) =>
        lines(`GET /api/${encodeURIComponent(text.replace(/[\ud800-\udfff]/g, '?')).slice(0, 9000)} HTTP/1.1`),
      ),
    ];
    await inTurns(requests, async (request) => {
      const answer = await asker.raw(request, 1500);
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
      // Nothing, or a refusal; the methods that only look are answered.
      expect(
        status === 0 || (status >= 200 && status < 500) || status === 501 || status === 505,
        `${request.slice(0, 200)}\n${answer.slice(0, 300)}`,
      ).toBe(true);
      expect(answer).not.toMatch(/\bat .*\.(?:ts|js):\d+/);
    });
    await expectAlive();
  }, 60_000);

  it('lets go of everything when nobody asks any more', async () => {
    asker.close();
    const stopped = up.stop();
    expect(await stopped).toBe(0);
    for (let turn = 0; turn < 100 && handles() > handlesBefore; turn += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(handles()).toBeLessThanOrEqual(handlesBefore);
  }, 60_000);
});
