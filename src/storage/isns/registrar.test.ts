import { describe, expect, it } from 'vitest';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { NODE_TARGET } from '../../wire/isns/bitmaps.ts';
import {
  DEVICE_ATTRIBUTE_QUERY,
  DEVICE_ATTRIBUTE_REGISTRATION,
  DEVICE_DEREGISTRATION,
  ENTITY_STATUS_INQUIRY,
  functionName,
  STATE_CHANGE_REGISTRATION,
} from '../../wire/isns/function.ts';
import { type Message, sectionsOf } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import type { IsnsLimits } from './limits.ts';
import { Registrar, type RegistrarPlan } from './registrar.ts';
import { MemoryServer, SERVER } from './testing/memory-server.ts';

const NODE = 'iqn.2026-01.net.example:disk1';
const ENTITY = 'array.example';
const PLAN: RegistrarPlan = {
  server: SERVER,
  source: 'array1/isns',
  node: NODE,
  entity: {
    identifier: ENTITY,
    portals: [
      { address: '192.0.2.7', port: 3260 },
      { address: '192.0.2.8', port: 3261 },
    ],
    nodes: [{ name: NODE, type: NODE_TARGET, groups: [{ tag: 4, portals: [1] }, { tag: undefined, portals: [0] }] }], // biome-ignore format: a picture
  },
};

const entity = (periodSeconds: number) => [
  { tag: tags.TAG_ENTITY_IDENTIFIER, value: ENTITY },
  { tag: tags.TAG_REGISTRATION_PERIOD, value: periodSeconds },
];

/** A server that grants a period, and shows what is registered. */
function start(periodSeconds: number, limits: Partial<IsnsLimits> = {}, plan: RegistrarPlan = PLAN) {
  const server = new MemoryServer(limits);
  let known = false;
  server.answer = (message) => {
    if (message.functionId === DEVICE_ATTRIBUTE_REGISTRATION) known = true;
    if (message.functionId === DEVICE_DEREGISTRATION) known = false;
    const delimiter = { tag: 0, value: undefined };
    const node = { tag: tags.TAG_NODE_NAME, value: NODE };
    return { attributes: known ? [delimiter, ...entity(periodSeconds), node] : [delimiter] };
  };
  const registrar = new Registrar(plan, server.limits, server.services());
  const asked = (): string[] => server.inbox.map(({ message }) => functionName(message.functionId) + (message.replace ? ' replace' : ''));
  return { server, registrar, asked, forget: () => void (known = false) };
}

describe('a registrar', () => {
  it('registers the entity with portals, nodes and groups in the order of RFC 4171 §5.6.5.1', () => {
    const { server, registrar } = start(90);
    registrar.start();
    server.run(MILLISECOND);
    const { keys, operating } = sectionsOf(server.inbox[0]!.message.attributes);
    expect(keys).toEqual([
      { tag: tags.TAG_NODE_NAME, value: NODE },
      { tag: tags.TAG_ENTITY_IDENTIFIER, value: ENTITY },
    ]);
    expect(operating.map(({ tag, value }) => [tag, value])).toEqual([
      [tags.TAG_ENTITY_IDENTIFIER, ENTITY],
      [tags.TAG_ENTITY_PROTOCOL, 2],
      [tags.TAG_PORTAL_ADDRESS, '192.0.2.7'],
      [tags.TAG_PORTAL_PORT, 3260],
      [tags.TAG_PORTAL_ADDRESS, '192.0.2.8'],
      [tags.TAG_PORTAL_PORT, 3261],
      [tags.TAG_NODE_NAME, NODE],
      [tags.TAG_NODE_TYPE, 1],
      [tags.TAG_GROUP_TAG, 4],
      [tags.TAG_GROUP_PORTAL_ADDRESS, '192.0.2.8'],
      [tags.TAG_GROUP_PORTAL_PORT, 3261],
      // RFC 4171 §6.5.4: NULL, this portal does not lead there.
      [tags.TAG_GROUP_TAG, undefined],
      [tags.TAG_GROUP_PORTAL_ADDRESS, '192.0.2.7'],
      [tags.TAG_GROUP_PORTAL_PORT, 3260],
    ]);
    expect([registrar.state, registrar.periodSeconds]).toEqual(['registered', 90]);
    expect(server.events.find((event) => event.name === 'isns-registered')!.message).toBe(
      'registered as array.example: 1 nodes at 2 portals, for 90 s at a time',
    );
  });

  it('asks for itself three times a period, which refreshes it', () => {
    const { server, registrar, asked } = start(90);
    registrar.start();
    server.run(10 * 90 * SECOND);
    expect(asked().slice(0, 3)).toEqual(['DevAttrReg replace', 'DevAttrQry', 'DevAttrQry']);
    expect(asked().filter((name) => name === 'DevAttrQry')).toHaveLength(30 - 1);
    expect(asked().filter((name) => name.startsWith('DevAttrReg'))).toHaveLength(1);
  });

  it('registers again, without replacing, what the server does not show any more', () => {
    const { server, registrar, asked, forget } = start(90);
    registrar.start();
    server.run(SECOND);
    forget();
    server.run(40 * SECOND);
    expect(asked()).toEqual(['DevAttrReg replace', 'DevAttrQry', 'DevAttrReg']);
    expect(server.names()).toContain('isns-registration-renewed');
    server.run(30 * SECOND);
    expect(asked().at(-1)).toBe('DevAttrQry');
  });

  it('looks after its registration soon when the server hangs up, and not before', () => {
    const { server, registrar, asked } = start(3600, { recheckNanos: 10 * SECOND });
    registrar.start();
    server.run(SECOND);
    server.pairs[0]!.target.end();
    server.run(4 * SECOND);
    expect(asked()).toHaveLength(1);
    server.run(7 * SECOND);
    expect(asked()).toEqual(['DevAttrReg replace', 'DevAttrQry']);
    // A server that hangs up after every answer is asked about as often, not without end.
    server.answer = ((answer) => (message: Message) => {
      server.pairs.at(-1)!.target.end();
      return answer(message);
    })(server.answer!);
    server.run(100 * SECOND);
    expect(asked().length).toBeLessThan(2 + 100 / 5 + 1);
  });

  it('tries for as long as it takes, and tells of each failure and of the success', () => {
    const { server, registrar } = start(90);
    server.mood = 'refuse';
    registrar.start();
    server.run(300 * SECOND);
    expect(registrar.state).toBe('registering');
    const failures = server.events.filter((event) => event.name === 'isns-registration-failed');
    expect(failures.length).toBeGreaterThan(5);
    expect(failures[0]!.message).toMatch(/connection refused; the next attempt is in /);
    server.mood = 'accept';
    server.run(60 * SECOND);
    expect(registrar.state).toBe('registered');
  });

  it('tries again where the server refuses', () => {
    const { server, registrar } = start(90);
    const { answer } = server;
    server.answer = () => ({ status: 3 });
    registrar.start();
    server.run(10 * SECOND);
    expect(server.events.find((event) => event.name === 'isns-registration-failed')!.data['reason']).toMatch(/invalid registration/);
    server.answer = answer;
    server.run(30 * SECOND);
    expect(registrar.state).toBe('registered');
  });

  it('deregisters the entity when it stops, and leaves nothing behind', () => {
    const { server, registrar, asked } = start(90);
    registrar.start();
    server.run(SECOND);
    let done = 0;
    registrar.stop(() => void (done += 1));
    server.run(SECOND);
    expect(asked()).toEqual(['DevAttrReg replace', 'DevDereg']);
    expect(sectionsOf(server.inbox[1]!.message.attributes)).toEqual({
      keys: [{ tag: tags.TAG_NODE_NAME, value: NODE }],
      operating: [{ tag: tags.TAG_ENTITY_IDENTIFIER, value: ENTITY }],
    });
    expect([done, registrar.state, server.clock.pending]).toEqual([1, 'stopped', 0]);
    expect(server.names()).toContain('isns-deregistered');
    server.run(1000 * SECOND);
    expect(asked()).toHaveLength(2);
  });

  it('stops in time without a server', () => {
    for (const reach of ['never', 'no more'] as const) {
      const { server, registrar } = start(90, { farewellNanos: 3 * SECOND });
      if (reach === 'never') server.mood = 'refuse';
      registrar.start();
      server.run(10 * SECOND);
      server.mood = 'ignore';
      for (const pair of server.pairs) pair.cut();
      server.move();
      let done = 0;
      registrar.stop(() => void (done += 1));
      server.run(4 * SECOND);
      expect([done, registrar.state, server.clock.pending], reach).toEqual([1, 'stopped', 0]);
      expect(server.names().includes('isns-deregistration-failed')).toBe(reach === 'no more');
    }
  });

  it('is told of changes again after each registration', () => {
    const { server, registrar, asked, forget } = start(90, {}, { ...PLAN, notifications: 0x18 });
    registrar.start();
    server.run(SECOND);
    expect(server.inbox[1]!.message.functionId).toBe(STATE_CHANGE_REGISTRATION);
    expect(sectionsOf(server.inbox[1]!.message.attributes).operating).toEqual([{ tag: tags.TAG_NODE_NOTIFICATIONS, value: 0x18 }]);
    forget();
    server.run(40 * SECOND);
    expect(asked()).toEqual(['DevAttrReg replace', 'SCNReg', 'DevAttrQry', 'DevAttrReg', 'SCNReg']);
    expect(server.inbox[2]!.message.functionId).toBe(DEVICE_ATTRIBUTE_QUERY);
  });

  it('answers inquiries on its own connection, for its own entity only', () => {
    const { server, registrar } = start(90);
    registrar.start();
    server.run(SECOND);
    for (const identifier of [ENTITY, 'another.example']) {
      server.send({
        functionId: ENTITY_STATUS_INQUIRY,
        transactionId: 77,
        sender: 'server',
        replace: false,
        status: 0,
        attributes: [
          { tag: tags.TAG_TIMESTAMP, value: 1_800_000_000 },
          { tag: tags.TAG_ENTITY_IDENTIFIER, value: identifier },
          { tag: tags.TAG_PORTAL_ADDRESS, value: '192.0.2.7' },
          { tag: tags.TAG_PORTAL_PORT, value: 3260 },
        ],
      });
      server.run(MILLISECOND);
    }
    const [own, other] = server.inbox.slice(1).map(({ message }) => message);
    expect([own!.functionId, own!.transactionId, own!.status, own!.attributes.length]).toEqual([0x800d, 77, 0, 4]);
    expect([other!.status, other!.attributes]).toEqual([9, []]);
  });
});
