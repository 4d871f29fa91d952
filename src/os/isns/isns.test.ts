/** The iSNS client over real sockets, at a server of ours that answers what a test says: nobody else's software is needed. */
import { createServer, type Server } from 'node:net';
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { parseFabric } from '../../fabric/load.ts';
import { planArrays } from '../../fabric/plan.ts';
import { decodeDatagram, defaultIsnsLimits, MessageReader, objectsOf } from '../../storage/isns/index.ts';
import { INQUIRY } from '../../storage/isns/testing/golden.ts';
import {
  DELIMITER,
  encodeMessage,
  type Message,
  sectionsOf,
  TAG_ENTITY_IDENTIFIER,
  TAG_REGISTRATION_PERIOD,
} from '../../wire/isns/index.ts';
import { streamFromSocket } from '../socket-stream.ts';
import { wallClock } from '../wall-clock.ts';
import { registerArray } from './array-registration.ts';
import { discoverByIsns, IsnsConnection, IsnsFailure, isnsServerOf, listenForNotices } from './index.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** Answers by function ID; what came is kept. Undefined: no answer. */
async function isnsServer(answer: (message: Message) => Partial<Message> | undefined) {
  const inbox: Message[] = [];
  let told: (() => void) | undefined;
  const server: Server = createServer({ pauseOnConnect: true }, (socket) => {
    closers.push(() => socket.destroy());
    const reader = new MessageReader(defaultIsnsLimits, {
      handleMessage: (message) => {
        inbox.push(message);
        told?.();
        const { functionId, transactionId } = message;
        const response = answer(message);
        const whole = {
          functionId: functionId | 0x8000,
          transactionId,
          sender: 'server',
          replace: false,
          status: 0,
          attributes: [],
        } as const;
        if (response !== undefined) stream.write(encodeMessage({ ...whole, ...response }, 16), undefined);
      },
      handleFormatError: () => socket.destroy(),
    });
    const stream = streamFromSocket(socket, {
      nextBuffer: () => reader.nextBuffer(),
      handleBytes: (count) => reader.handleBytes(count),
      handleClose: () => {},
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.address() as { port: number };
  const came = async (count: number): Promise<void> => {
    while (inbox.length < count) await new Promise<void>((resolve) => (told = resolve));
  };
  return { port, address: `127.0.0.1:${port}`, inbox, came };
}

const failureOf = (promise: Promise<unknown>): Promise<IsnsFailure> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(IsnsFailure);
      return error as IsnsFailure;
    },
  );

describe('the address of a server', () => {
  it('has port 3205 where none is written', () => {
    expect(['isns.example', '192.0.2.5:99', '[2001:db8::5]', '[2001:db8::5]:99'].map(isnsServerOf)).toEqual([
      { host: 'isns.example', port: 3205 },
      { host: '192.0.2.5', port: 99 },
      { host: '2001:db8::5', port: 3205 },
      { host: '2001:db8::5', port: 99 },
    ]);
    for (const text of ['', '2001:db8::5', 'a b', 'host:0', 'host:3205,1']) expect(() => isnsServerOf(text), text).toThrow(IsnsFailure);
  });
});

describe('discovery', () => {
  it('rejects with the reason in a sentence, whatever is wrong', async () => {
    const refusing = await isnsServer(() => ({ status: 8 }));
    expect((await failureOf(discoverByIsns(refusing.address))).message).toBe('The iSNS server refuses DevAttrQry: source unauthorized.');
    const silent = await isnsServer(() => undefined);
    expect((await failureOf(discoverByIsns(silent.address, { timeoutMilliseconds: 50 }))).message).toMatch(/there is no answer\.$/);
    const closed = `127.0.0.1:${silent.port === 1 ? 2 : 1}`;
    expect((await failureOf(discoverByIsns(closed, { timeoutMilliseconds: 50 }))).reason).toBe('timed-out');
    expect((await failureOf(discoverByIsns(refusing.address, { initiatorName: 'x'.repeat(300) }))).reason).toBe('usage');
  });

  it('can be given up', async () => {
    const silent = await isnsServer(() => undefined);
    const abort = new AbortController();
    const asking = discoverByIsns(silent.address, { signal: abort.signal });
    await silent.came(1);
    abort.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('enough');
  });
});

describe('a connection', () => {
  it('takes "no such entry" as nothing found, and other refusals as such', async () => {
    let status = 9;
    const server = await isnsServer(() => ({ status }));
    await using connection = new IsnsConnection(server.address, { source: 'iqn.2026-01.net.example:host' });
    expect(await connection.everything()).toEqual([]);
    status = 11;
    expect((await failureOf(connection.everything())).message).toMatch(/internal error\.$/);
    expect((await failureOf(connection.register({ identifier: undefined, portals: [], nodes: [] }))).status).toBe(11);
  });

  it('says so where the server names no entity it has made', async () => {
    const server = await isnsServer(() => ({}));
    await using connection = new IsnsConnection(server.address, { source: 'iqn.2026-01.net.example:host' });
    expect((await failureOf(connection.register({ identifier: undefined, portals: [], nodes: [] }))).reason).toBe('protocol');
  });
});

const fabric = (isns: string, portals: string): string => `version: 1
name: x
arrays:
  array1:
    isns: ${isns}
    portals: ${portals}
    targets:
      iqn.2026-01.net.example:open: { alias: open }
      iqn.2026-01.net.example:closed:
        portals: [last]
        access: [{ initiator: any, chap: { user: u, secret: { env: S } } }]
`;

async function registered(portals: string, ports: readonly number[], more = '') {
  const server = await isnsServer((message) => ({
    attributes: [
      DELIMITER,
      { tag: TAG_ENTITY_IDENTIFIER, value: sectionsOf(message.attributes).keys[1]?.value },
      { tag: TAG_REGISTRATION_PERIOD, value: 60 },
    ],
  }));
  const [plan] = planArrays(parseFabric(fabric(`{ server: "${server.address}"${more} }`, portals), 'x.yaml'), 'x.yaml');
  const events: FabricEvent[] = [];
  const listened = ports.map((port) => ({ address: `?:${port}`, port }));
  const deregister = await registerArray(plan!, plan!.isns!, listened, (event) => events.push(event));
  await server.came(1);
  await deregister();
  expect(server.inbox.map((message) => message.functionId)).toEqual([1, 4]);
  return { objects: objectsOf(sectionsOf(server.inbox[0]!.attributes).operating), events, attributes: server.inbox[0]!.attributes };
}

describe('an array', () => {
  it('registers where it listens, in its groups, and which portals lead where', async () => {
    const { objects, attributes } = await registered('["127.0.0.1:0", { name: last, listen: "[::1]:3262", group: 2 }]', [4000, 3262]);
    const portals = objects.filter((object) => object.kind === 'portal').map(({ address, port }) => [address, port.port]);
    expect(portals).toEqual([
      ['127.0.0.1', 4000],
      ['::1', 3262],
    ]);
    const nodes = objects.filter((object) => object.kind === 'node');
    expect(nodes.map(({ name, alias, authentication }) => [name, alias, authentication])).toEqual([
      ['iqn.2026-01.net.example:open', 'open', 'none'],
      ['iqn.2026-01.net.example:closed', undefined, 'CHAP'],
    ]);
    const groups = attributes.filter(({ tag }) => [32, 49, 51].includes(tag)).slice(1);
    expect(groups.map(({ value }) => value)).toEqual([
      'iqn.2026-01.net.example:open',
      1,
      '127.0.0.1',
      2,
      '::1',
      'iqn.2026-01.net.example:closed',
      undefined,
      '127.0.0.1',
      2,
      '::1',
    ]);
  });

  it('registers what it announces instead, every address of a wildcard, and no name', async () => {
    const { objects, events } = await registered(
      '[{ listen: "127.0.0.1:0", announce: "203.0.113.7" }, { listen: "127.0.0.1:0", announce: "storage.example:3260" }, { name: last, listen: "0.0.0.0:0" }]',
      [4000, 4001, 4002],
    );
    const portals = objects.filter((object) => object.kind === 'portal').map(({ address, port }) => `${address}:${port.port}`);
    expect(portals[0]).toBe('203.0.113.7:4000');
    expect(portals.length).toBeGreaterThan(1);
    for (const portal of portals.slice(1)) expect(portal).toMatch(/^\d+\.\d+\.\d+\.\d+:4002$/);
    expect(portals).not.toContain('0.0.0.0:4002');
    const leftOut = events.filter((event) => event.name === 'isns-portal-left-out');
    expect(leftOut.map((event) => event.data['portal'])).toEqual(['storage.example:3260']);
  });

  it('listens for inquiries where a portal is its own', async () => {
    const { objects } = await registered(
      '[{ name: last, listen: "127.0.0.1:0" }, { listen: "127.0.0.1:0", announce: "203.0.113.7" }]',
      [4000, 4001],
      ', inquiry: 30s',
    );
    const portals = objects.filter((object) => object.kind === 'portal');
    expect(portals.map((portal) => [portal.address, portal.inquiryIntervalSeconds, portal.inquiryPort?.transport])).toEqual([
      ['127.0.0.1', 30, 'tcp'],
      ['203.0.113.7', undefined, undefined],
    ]);
    expect(portals[0]!.inquiryPort!.port).toBeGreaterThan(0);
  });
});

describe('the port for notices', () => {
  it('answers datagrams, and closes', async () => {
    const services = { clock: wallClock(), events: () => {}, source: 'test', owns: () => true, handleNotice: () => {} };
    const listener = await listenForNotices('127.0.0.1', { port: 0, transport: 'udp' }, defaultIsnsLimits, services);
    const socket = createSocket('udp4');
    const answer = new Promise<Uint8Array>((resolve) => socket.once('message', resolve));
    socket.send(INQUIRY, listener.port.port, '127.0.0.1');
    expect(decodeDatagram(await answer).functionId).toBe(0x800d);
    socket.close();
    await expect(listenForNotices('127.0.0.1', listener.port, defaultIsnsLimits, services)).rejects.toThrow(
      /Can't listen on 127\.0\.0\.1:\d+ \(UDP\)/,
    );
    await listener.close();
  });
});
