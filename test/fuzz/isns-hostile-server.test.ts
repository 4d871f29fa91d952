/**
 * An iSNS server that means ill (RFC 4171): answers cut, changed, repeated, interleaved, asked for by nobody, or none at all, and connections
 * refused, silent, or cut. Nothing is thrown, every request ends once and in time, nothing grows, and a server that comes to its senses is served.
 */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/base/clock.ts';
import { DecodeError } from '../../src/base/bytes.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { IsnsClient } from '../../src/storage/isns/client.ts';
import { discoverIsnsTargets } from '../../src/storage/isns/discovery.ts';
import { decodeDatagram } from '../../src/storage/isns/message-reader.ts';
import { answerDatagram, takeNotice } from '../../src/storage/isns/notice-port.ts';
import { Registrar } from '../../src/storage/isns/registrar.ts';
import { MemoryServer, SERVER } from '../../src/storage/isns/testing/memory-server.ts';
import { INQUIRY, NOTIFICATION } from '../../src/storage/isns/testing/golden.ts';
import { RESPONSE_BIT } from '../../src/wire/isns/function.ts';
import { encodeMessage, type Message } from '../../src/wire/isns/message.ts';
import { DEREGISTRATION, QUERY, REGISTRATION, REGISTRATION_RESPONSE } from '../../src/wire/isns/testing/golden.ts';

const ROUNDS = Number(process.env['SAMEWIRE_FUZZ_ROUNDS'] ?? 300);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 41_710);
const NODE = 'iqn.2026-01.net.example:disk1';
const SAMPLES = [REGISTRATION, REGISTRATION_RESPONSE, QUERY, DEREGISTRATION, NOTIFICATION, INQUIRY];

const replay = (seed: number): string =>
  `SAMEWIRE_FUZZ_SEED=${seed} SAMEWIRE_FUZZ_ROUNDS=1 npx vitest run test/fuzz/isns-hostile-server.test.ts`;

/** Bytes changed, left out or put in; lengths and counts like to be extreme. */
function spoiled(rng: Rng, bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  const edits = 1 + below(rng, 4);
  for (let edit = 0; edit < edits; edit += 1)
    out[below(rng, out.length)] = chance(rng, 0.5) ? below(rng, 256) : [0, 0xff, 4, 0x80][below(rng, 4)]!;
  return chance(rng, 0.2) ? out.subarray(0, below(rng, out.length)) : out;
}

/** What the hostile server does with a request, or out of boredom. */
function misbehave(server: MemoryServer, rng: Rng, request: Message | undefined): void {
  const pair = server.pairs.at(-1);
  if (pair === undefined) return;
  const good: Message = {
    functionId: (request?.functionId ?? 2) | RESPONSE_BIT,
    transactionId: request?.transactionId ?? below(rng, 65536),
    sender: 'server',
    replace: false,
    status: chance(rng, 0.5) ? 0 : below(rng, 40),
    attributes: [
      { tag: 1, value: 'array.example' },
      { tag: 0, value: undefined },
      { tag: 1, value: 'array.example' },
      { tag: 6, value: below(rng, 2) === 0 ? below(rng, 0xffff_ffff) : below(rng, 5) },
      { tag: 32, value: NODE },
    ],
  };
  switch (below(rng, 8)) {
    case 0:
      return pair.target.write(
        encodeMessage(good, 4 * (1 + below(rng, 20))).map((pdu) => (chance(rng, 0.1) ? spoiled(rng, pdu) : pdu)),
        undefined,
      );
    case 1:
      return pair.target.write([spoiled(rng, encodeMessage(good)[0]!)], undefined);
    case 2:
      return pair.target.write([SAMPLES[below(rng, SAMPLES.length)]!], undefined);
    case 3:
      return pair.target.write([spoiled(rng, SAMPLES[below(rng, SAMPLES.length)]!)], undefined);
    case 4:
      return pair.target.write([rng.fill(new Uint8Array(1 + below(rng, 200)))], undefined);
    case 5:
      return pair.cut();
    case 6:
      return pair.target.end();
    default:
      return undefined;
  }
}

function round(seed: number): void {
  const rng = seededRng(seed);
  const server = new MemoryServer({
    messageBytesMax: 64 * 1024,
    messagePdusMax: 64,
    unsentBytesMax: 64 * 1024,
    walkTimeoutNanos: 30 * SECOND,
  });
  const services = server.services(seed);
  const client = new IsnsClient(SERVER, 'client', server.limits, services, {
    handleNotice: (message, from) => takeNotice(message, from, { ...services, source: 'client', owns: () => true, handleNotice: () => {} }),
  });
  const registrar = new Registrar(
    {
      server: SERVER,
      source: 'registrar',
      node: NODE,
      entity: { identifier: 'array.example', portals: [{ address: '192.0.2.7', port: 3260 }], nodes: [{ name: NODE, type: 1 }] },
      notifications: 0x18,
    },
    server.limits,
    services,
  );
  server.answer = (message) => void misbehave(server, rng, message);
  registrar.start();
  let asked = 0;
  let ended = 0;
  const began: number[] = [];
  const ask = (): void => {
    const id = asked;
    asked += 1;
    began[id] = server.clock.now();
    let once = 0;
    discoverIsnsTargets(client, NODE, (found, error) => {
      once += 1;
      ended += 1;
      expect(once).toBe(1);
      expect(found === undefined).toBe(error !== undefined);
      expect(server.clock.now() - began[id]!).toBeLessThanOrEqual(server.limits.requestTimeoutNanos + server.limits.walkTimeoutNanos);
    });
  };
  for (let step = 0; step < 40; step += 1) {
    server.mood = chance(rng, 0.8) ? 'accept' : chance(rng, 0.5) ? 'refuse' : 'ignore';
    if (chance(rng, 0.6)) ask();
    if (chance(rng, 0.3)) misbehave(server, rng, undefined);
    const pair = server.pairs.at(-1);
    if (pair !== undefined && chance(rng, 0.3)) pair.initiator.pieceBytes = 1 + below(rng, 30);
    server.run(below(rng, 5 * SECOND));
    // As many timers as there are things to wait for, and no more; and so with what is kept to be told.
    expect(server.clock.pending).toBeLessThan(2 * server.limits.requestsMax);
    server.pairs.splice(0, Math.max(0, server.pairs.length - 8));
    server.inbox.length = 0;
    server.events.length = 0;
  }
  // It comes to its senses.
  server.mood = 'accept';
  server.answer = () => ({ attributes: [{ tag: 0, value: undefined }] });
  server.run(60 * SECOND);
  expect(ended).toBe(asked);
  expect(registrar.state).toBe('registered');
  // Half a PDU may still stand in the way on the old connection: one request finds that out, and the next has a new one.
  ask();
  server.run(server.limits.requestTimeoutNanos);
  const { responses } = client.counters;
  ask();
  server.run(SECOND);
  expect([ended, client.counters.responses]).toEqual([asked, responses + 1]);
  let stopped = 0;
  registrar.stop(() => void (stopped += 1));
  client.close();
  server.run(10 * SECOND);
  expect([stopped, server.clock.pending]).toEqual([1, 0]);
}

describe('a hostile iSNS server', () => {
  it(`does no harm in ${ROUNDS} rounds from seed ${SEED}`, () => {
    for (let index = 0; index < ROUNDS; index += 1) {
      try {
        round(SEED + index);
      } catch (error) {
        throw new Error(`${(error as Error).message}\nreplay: ${replay(SEED + index)}`, { cause: error });
      }
    }
  });

  it('sends datagrams that get an answer or none', () => {
    const rng = seededRng(SEED);
    const services = new MemoryServer().services();
    let answered = 0;
    for (let index = 0; index < 20_000; index += 1) {
      const sample = SAMPLES[below(rng, SAMPLES.length)]!;
      const bytes = chance(rng, 0.9) ? spoiled(rng, sample) : rng.fill(new Uint8Array(below(rng, 100)));
      const response = answerDatagram(bytes, '192.0.2.5:3205', {
        ...services,
        events: () => {},
        source: 's',
        owns: () => true,
        handleNotice: () => {},
      });
      if (response === undefined) continue;
      answered += 1;
      try {
        expect(decodeDatagram(response).functionId & RESPONSE_BIT).toBe(RESPONSE_BIT);
      } catch (error) {
        expect(error, `seed ${SEED}, datagram ${index}`).not.toBeInstanceOf(DecodeError);
        throw error;
      }
    }
    expect(answered).toBeGreaterThan(1000);
  });
});
