import { describe, expect, it } from 'vitest';
import { fromHex } from '../../base/bytes.ts';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { DEVICE_ATTRIBUTE_QUERY, ENTITY_STATUS_INQUIRY, STATE_CHANGE_NOTIFICATION } from '../../wire/isns/function.ts';
import type { Message } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import { type ClientSink, IsnsClient } from './client.ts';
import type { IsnsError } from './errors.ts';
import type { IsnsLimits } from './limits.ts';
import { domainRegistration, query } from './requests.ts';
import { MemoryServer, SERVER } from './testing/memory-server.ts';

const NAME = 'iqn.2026-01.net.example:host';
const ASK = query(NAME, [{ tag: tags.TAG_NODE_NAME, value: undefined }]);

interface Outcome {
  response: Message | undefined;
  error: IsnsError | undefined;
}

function start(limits: Partial<IsnsLimits> = {}, sink: ClientSink = {}) {
  const server = new MemoryServer(limits);
  const client = new IsnsClient(SERVER, 'test', server.limits, server.services(), sink);
  const outcomes: Outcome[] = [];
  const ask = (request = ASK): number =>
    client.request(request, (response, error) => outcomes.push({ response, error })) ?? outcomes.length;
  return { server, client, outcomes, ask };
}

describe('an iSNS client', () => {
  it('connects when it is asked for something, and matches answers by their transaction, in whatever order', () => {
    const { server, client, outcomes, ask } = start();
    server.run(SECOND);
    expect(server.attempts).toEqual([]);
    ask();
    ask();
    server.run(MILLISECOND);
    const [first, second] = server.inbox.map((entry) => entry.message);
    expect([first!.functionId, first!.attributes, first!.sender]).toEqual([DEVICE_ATTRIBUTE_QUERY, ASK.attributes, 'client']);
    expect(second!.transactionId).not.toBe(first!.transactionId);
    server.respond(second!, { attributes: [{ tag: tags.TAG_NODE_ALIAS, value: 'second' }] });
    server.respond(first!, { attributes: [{ tag: tags.TAG_NODE_ALIAS, value: 'first' }] });
    server.run(MILLISECOND);
    expect(outcomes.map(({ response }) => response!.attributes[0]!.value)).toEqual(['second', 'first']);
    expect([client.isConnected, server.attempts.length, server.clock.pending]).toEqual([true, 1, 0]);
    expect(client.local).toBe('192.0.2.9:50000');
  });

  it('puts messages in several PDUs together, interleaved with others', () => {
    const { server, outcomes, ask } = start();
    ask();
    ask();
    server.run(MILLISECOND);
    const [first, second] = server.inbox.map((entry) => entry.message);
    const attributes = Array.from({ length: 50 }, (_, index) => ({ tag: tags.TAG_NODE_ALIAS, value: `alias ${index}` }));
    server.pairs[0]!.initiator.pieceBytes = 7;
    server.respond(first!, { attributes }, undefined, 20);
    server.respond(second!);
    server.run(MILLISECOND);
    expect(outcomes.map(({ response }) => response!.attributes.length)).toEqual([50, 0]);
    expect(outcomes[0]!.response!.attributes).toEqual(attributes);
  });

  it('says in words why the server refuses', () => {
    const { server, outcomes, ask } = start();
    ask();
    server.run(MILLISECOND);
    server.respond(server.inbox[0]!.message, { status: 8 });
    server.run(MILLISECOND);
    expect(outcomes[0]!.error).toEqual({
      reason: 'refused',
      message: 'the iSNS server refuses DevAttrQry: source unauthorized',
      status: 8,
    });
    expect(server.events.find((event) => event.id === 2306)!.data).toMatchObject({ status: 8, words: 'source unauthorized' });
  });

  it('sends again on a new connection what a lost one left unanswered, under the same transaction', () => {
    const { server, outcomes, ask } = start();
    ask();
    server.run(MILLISECOND);
    server.pairs[0]!.cut();
    server.run(2 * SECOND);
    expect(server.pairs).toHaveLength(2);
    const [before, after] = server.inbox.map((entry) => entry.message);
    expect(after).toEqual(before);
    server.respond(after!);
    server.run(MILLISECOND);
    expect(outcomes).toEqual([{ response: expect.objectContaining({ status: 0 }), error: undefined }]);
  });

  it('does not send twice what may not be done twice', () => {
    const { server, outcomes, ask } = start();
    ask(domainRegistration(NAME, { name: 'lab' }));
    server.run(MILLISECOND);
    server.pairs[0]!.cut();
    server.run(60 * SECOND);
    expect(outcomes.map(({ error }) => error!.reason)).toEqual(['connection-lost']);
    expect(server.inbox).toHaveLength(1);
  });

  it('waits longer and longer between attempts, and gives a request up when its time is over', () => {
    const { server, outcomes, ask } = start({ requestTimeoutNanos: 60 * SECOND });
    server.mood = 'refuse';
    ask();
    server.run(120 * SECOND);
    const waits = server.attempts.slice(1).map((at, index) => at - server.attempts[index]!);
    // Doubled each time up to 20 s, of which a random half is left out.
    for (const [index, wait] of waits.entries()) {
      const whole = Math.min(20 * SECOND, 500 * MILLISECOND * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(whole / 2);
      expect(wait).toBeLessThanOrEqual(whole + MILLISECOND);
    }
    expect(waits.length).toBeGreaterThan(5);
    expect(outcomes.map(({ error }) => error!.message)).toEqual([
      'no answer from the iSNS server 192.0.2.5:3205 in time: no connection: connection refused',
    ]);
    expect(server.clock.pending).toBe(0);
  });

  it('gives up an attempt that nobody answers, and a connection on which the server is silent', () => {
    const { server, outcomes, ask } = start();
    server.mood = 'ignore';
    ask();
    server.run(16 * SECOND);
    expect(server.attempts.length).toBeGreaterThan(1);
    expect(outcomes[0]!.error!.message).toMatch(/no connection: no answer in time/);
    server.mood = 'accept';
    ask();
    server.run(16 * SECOND);
    expect(outcomes[1]!.error!.message).toMatch(/there is no answer/);
    expect(server.pairs.at(-1)!.initiator.closed).toBe(true);
    ask();
    server.run(MILLISECOND);
    expect(server.pairs).toHaveLength(2);
  });

  it('takes no more requests than its bound', () => {
    const { server, outcomes, ask } = start({ requestsMax: 3 });
    for (let index = 0; index < 5; index += 1) ask();
    expect(outcomes.map(({ error }) => error!.reason)).toEqual(['too-many-requests', 'too-many-requests']);
    server.answer = () => ({});
    server.run(MILLISECOND);
    expect(outcomes.slice(2).map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  });

  it('refuses what can not be sent, and what comes after its end', () => {
    const { client, outcomes, ask } = start();
    ask(query('a name\0', []));
    client.close();
    ask();
    expect(outcomes.map(({ error }) => error!.reason)).toEqual(['usage', 'closed']);
    client.close();
  });

  it('fails what is under way when it is closed, and hears no more', () => {
    const { server, client, outcomes, ask } = start();
    ask();
    server.run(MILLISECOND);
    client.close();
    server.respond(server.inbox[0]!.message);
    server.run(SECOND);
    expect(outcomes.map(({ error }) => error!.reason)).toEqual(['closed']);
    expect([server.clock.pending, client.counters.unexpected]).toEqual([0, 0]);
  });

  it.each([
    ['no iSNS', 'ffffffffffffffffffffffff', 'version 65535 is unknown'],
    ['an authentication block', '0001800200046c0000000000', 'authentication block'],
    ['a message without its beginning', '0001800200004800000000020000', 'PDU 2 of a message where 0 is the next'],
    ['a response without a status', '0001800200004c0000000000', 'a response without a status code'],
    ['an attribute that is too long', '00018002000c4c0000000000000000000000000100000100', 'longer than its message'],
  ])('ends a connection that brings %s, with what was asked on it', (_, bytes, reason) => {
    const { server, client, outcomes, ask } = start();
    ask();
    server.run(MILLISECOND);
    server.sendBytes(fromHex(bytes));
    server.run(SECOND);
    expect(outcomes.map(({ error }) => error!.reason)).toEqual(['protocol']);
    expect(outcomes[0]!.error!.message).toContain(reason);
    expect([client.isConnected, client.counters.formatErrors, server.pairs[0]!.initiator.closed]).toEqual([false, 1, true]);
    expect(server.names()).toContain('isns-protocol-error');
  });

  it('bounds a message, and how many come at once', () => {
    for (const [limits, send] of [
      [{ messageBytesMax: 64 }, 1],
      [{ messagePdusMax: 3 }, 1],
      [{ messagesPartialMax: 2 }, 3],
    ] as const) {
      const { server, client, ask } = start(limits);
      ask();
      server.run(MILLISECOND);
      for (let message = 0; message < send; message += 1)
        for (let index = 0; index < (send === 1 ? 10 : 1); index += 1)
          server.sendBytes(fromHex(`000180020008${index === 0 ? '4400' : '4000'}000${message}000${index}0000000000000000`));
      server.run(MILLISECOND);
      expect(client.counters.formatErrors, JSON.stringify(limits)).toBe(1);
    }
  });

  it('counts answers to nothing, and goes on', () => {
    const { server, client, outcomes, ask } = start();
    ask();
    server.run(MILLISECOND);
    const { message } = server.inbox[0]!;
    server.respond({ ...message, transactionId: message.transactionId ^ 1 });
    server.respond({ ...message, functionId: 1 });
    server.respond(message);
    server.respond(message);
    server.run(MILLISECOND);
    expect([client.counters.unexpected, outcomes.length]).toEqual([3, 1]);
    expect(server.names().filter((name) => name === 'isns-unexpected-message')).toHaveLength(3);
  });

  it('hands on what the server says by itself, and sends what is answered', () => {
    const seen: number[] = [];
    const { server, client, ask } = start(
      {},
      {
        handleNotice: (message) => {
          seen.push(message.functionId);
          return message.functionId === ENTITY_STATUS_INQUIRY ? { ...message, functionId: 0x800d, sender: 'client' } : undefined;
        },
      },
    );
    ask();
    server.run(MILLISECOND);
    const notice = { transactionId: 5, sender: 'server', replace: false, status: 0, attributes: [] } as const;
    server.send({ ...notice, functionId: ENTITY_STATUS_INQUIRY });
    server.send({ ...notice, functionId: STATE_CHANGE_NOTIFICATION });
    server.run(MILLISECOND);
    expect([seen, server.inbox.at(-1)!.message.functionId, client.counters.notices]).toEqual([[0x0d, 0x08], 0x800d, 2]);
  });

  it('ends the connection of a server that asks and does not read the answers', () => {
    const { server, client, ask } = start(
      { unsentBytesMax: 1000 },
      { handleNotice: (message) => ({ ...message, functionId: 0x800d, sender: 'client' }) },
    );
    ask();
    server.run(MILLISECOND);
    const attributes = [{ tag: 5000, value: new Uint8Array(400) }];
    for (let index = 0; index < 10; index += 1)
      server.send({ functionId: 0x0d, transactionId: index, sender: 'server', replace: false, status: 0, attributes });
    server.run(MILLISECOND);
    expect(client.isConnected).toBe(false);
    expect(server.events.find((event) => event.id === 2303)!.data['reason']).toMatch(/does not read/);
  });

  it('says when the server hangs up and nothing was asked', () => {
    let hangUps = 0;
    const { server, ask } = start({}, { handleHangUp: () => void (hangUps += 1) });
    server.answer = () => ({});
    ask();
    server.run(SECOND);
    server.pairs[0]!.target.end();
    server.run(SECOND);
    expect([hangUps, server.attempts.length, server.clock.pending]).toEqual([1, 1, 0]);
  });
});
