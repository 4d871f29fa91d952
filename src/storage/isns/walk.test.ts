import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { DEVICE_ATTRIBUTE_REGISTRATION, DEVICE_GET_NEXT, STATUS_INTERNAL_ERROR, STATUS_NO_SUCH_ENTRY } from '../../wire/isns/function.ts';
import { encodeMessage, type Message, sectionsOf } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import { IsnsClient } from './client.ts';
import type { IsnsError } from './errors.ts';
import type { IsnsLimits } from './limits.ts';
import type { IsnsObject } from './objects.ts';
import { registrations } from './requests.ts';
import { MemoryServer, SERVER } from './testing/memory-server.ts';
import { queryNodes } from './walk.ts';

const SOURCE = 'iqn.2026-01.net.example:host';
const names = Array.from({ length: 30 }, (_, index) => `iqn.2026-01.net.example:disk${String(index).padStart(2, '0')}`);
const keyOf = (message: Message): string | undefined => sectionsOf(message.attributes).keys[1]!.value as string | undefined;
const nodes = (...found: readonly string[]): Partial<Message> => ({
  attributes: [{ tag: 0, value: undefined }, ...found.map((value) => ({ tag: tags.TAG_NODE_NAME, value }))],
});

function start(answer: (message: Message) => Partial<Message> | undefined, limits: Partial<IsnsLimits> = {}) {
  const server = new MemoryServer(limits);
  server.answer = answer;
  const outcomes: { objects: readonly IsnsObject[] | undefined; error: IsnsError | undefined }[] = [];
  const client = new IsnsClient(SERVER, 'test', server.limits, server.services());
  queryNodes(client, SOURCE, [], (objects, error) => outcomes.push({ objects, error }));
  return { server, outcomes };
}

/** One that can't say more than one node at a time. */
const narrow = (message: Message): Partial<Message> => {
  const key = keyOf(message);
  if (message.functionId !== DEVICE_GET_NEXT) return key === undefined ? { status: STATUS_INTERNAL_ERROR } : nodes(key);
  const next = key === undefined ? 0 : names.indexOf(key) + 1;
  return next === names.length ? { status: STATUS_NO_SUCH_ENTRY } : { attributes: [{ tag: tags.TAG_NODE_NAME, value: names[next] }] };
};

describe('asking for all nodes', () => {
  it('takes one question where the answer fits', () => {
    const { server, outcomes } = start(() => nodes(...names));
    server.run(MILLISECOND);
    expect([outcomes[0]!.objects!.length, server.inbox.length]).toEqual([30, 1]);
  });

  it('goes from node to node where it does not', () => {
    const { server, outcomes } = start(narrow);
    server.run(SECOND);
    expect(outcomes.map(({ objects }) => objects!.map((object) => (object as { name: string }).name))).toEqual([names]);
    expect(server.inbox).toHaveLength(1 + 31 + 30);
  });

  it('leaves out a node that goes in between', () => {
    const { server, outcomes } = start((message) =>
      message.functionId !== DEVICE_GET_NEXT && keyOf(message) === names[3] ? { status: STATUS_NO_SUCH_ENTRY } : narrow(message),
    );
    server.run(SECOND);
    expect(outcomes[0]!.objects).toHaveLength(29);
  });

  it.each([
    [
      'circles',
      (message: Message) =>
        message.functionId === DEVICE_GET_NEXT ? { attributes: [{ tag: tags.TAG_NODE_NAME, value: names[0] }] } : narrow(message),
      'in circles',
    ],
    ['a node without a name', (message: Message) => (message.functionId === DEVICE_GET_NEXT ? {} : narrow(message)), 'in circles'],
    ['a refusal on the way', (message: Message) => (keyOf(message) === names[5] ? { status: 8 } : narrow(message)), 'source unauthorized'],
  ])('ends with %s', (_, answer, said) => {
    const { server, outcomes } = start(answer);
    server.run(SECOND);
    expect(outcomes.map(({ error }) => error!.message)).toEqual([expect.stringContaining(said)]);
  });

  it('ends when its time is over, and with more nodes than its bound', () => {
    let made = 0;
    const endless = (message: Message): Partial<Message> =>
      message.functionId === DEVICE_GET_NEXT ? { attributes: [{ tag: tags.TAG_NODE_NAME, value: `iqn.${(made += 1)}` }] } : narrow(message);
    const bounded = start(endless);
    bounded.server.run(SECOND);
    expect(bounded.outcomes.map(({ error }) => error!.message)).toEqual(['the server has more than 4096 nodes']);
    const slow = start(
      (message) => {
        const response = endless(message);
        slow.server.clock.after(4 * SECOND, () => slow.server.respond(message, response));
        return undefined;
      },
      { walkTimeoutNanos: 30 * SECOND },
    );
    slow.server.run(60 * SECOND);
    expect(slow.outcomes.map(({ error }) => error!.reason)).toEqual(['timed-out']);
    expect(slow.server.clock.pending).toBe(0);
  });
});

const bytesOf = (attributes: Message['attributes']): number =>
  encodeMessage({ functionId: 1, transactionId: 0, sender: 'client', replace: false, status: 0, attributes })[0]!.length;

describe('a large registration', () => {
  const portals = Array.from({ length: 20 }, (_, index) => ({ address: `192.0.2.${index}`, port: 3260 }));
  const entity = { portals, nodes: names.map((name) => ({ name, type: 1, groups: [{ tag: 1, portals: [0, 1] }] })) };

  it('is cut between objects into messages that Open-iSNS takes, of which the first alone replaces', () => {
    const requests = registrations(SOURCE, { ...entity, identifier: 'array.example' }, true);
    expect(requests.length).toBeGreaterThan(1);
    for (const request of requests) expect(bytesOf(request.attributes)).toBeLessThan(4096);
    expect(requests.map((request) => request.replace)).toEqual([true, ...requests.slice(1).map(() => false)]);
    const told = requests.flatMap(({ attributes }) => sectionsOf(attributes).operating);
    expect(told.filter(({ tag }) => tag === tags.TAG_NODE_NAME).map(({ value }) => value)).toEqual(names);
    expect(told.filter(({ tag }) => tag === tags.TAG_PORTAL_ADDRESS)).toHaveLength(20);
    for (const { functionId, attributes } of requests) {
      expect(functionId).toBe(DEVICE_ATTRIBUTE_REGISTRATION);
      expect(sectionsOf(attributes).keys[1]).toEqual({ tag: tags.TAG_ENTITY_IDENTIFIER, value: 'array.example' });
      // No object begins with what belongs to another.
      expect([tags.TAG_PORTAL_ADDRESS, tags.TAG_NODE_NAME]).toContain(sectionsOf(attributes).operating[2]!.tag);
    }
  });

  it('is one message where the server names the entity, and is not sent twice then', () => {
    const requests = registrations(SOURCE, { ...entity, identifier: undefined }, false);
    expect(requests.map((request) => request.once)).toEqual([true]);
  });
});
