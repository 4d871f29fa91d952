import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../../base/bytes.ts';
import type { FabricEvent } from '../../base/event.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { decodeAttributes } from '../../wire/isns/attribute.ts';
import { decodePduHeader } from '../../wire/isns/header.ts';
import { decodeMessage, encodeMessage, type Message } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import { StreamPair } from '../iscsi/initiator/testing/stream-pair.ts';
import { discoveredIn } from './discovery.ts';
import { defaultIsnsLimits, type IsnsLimits } from './limits.ts';
import { acceptNotices, answerDatagram, type NoticeServices } from './notice-port.ts';
import { answerNotice, describeChange, type Notice } from './notices.ts';
import { objectsOf } from './objects.ts';
import { INQUIRY, NOTIFICATION } from './testing/golden.ts';

const ofOnePdu = (pdu: Uint8Array): Message => decodeMessage(decodePduHeader(pdu, 0), pdu.subarray(12));
const everything = (): boolean => true;

describe('what isnsd says by itself', () => {
  it('is a notification of what changed, answered with whom it was for (RFC 4171 §5.7.5.8)', () => {
    const { response, notice } = answerNotice(ofOnePdu(NOTIFICATION), everything);
    expect(notice).toEqual({
      type: 'changes',
      node: 'iqn.2026-01.net.example:host',
      timeSeconds: expect.any(Number),
      changes: [{ bitmap: 0x0c, node: 'iqn.2026-01.net.example:theirs', domains: [] }],
    });
    expect((notice as Notice & { type: 'changes' }).changes.map(describeChange)).toEqual([
      'added and updated iqn.2026-01.net.example:theirs',
    ]);
    expect(response).toMatchObject({
      functionId: 0x8008,
      status: 0,
      sender: 'client',
      attributes: [{ tag: tags.TAG_NODE_NAME, value: 'iqn.2026-01.net.example:host' }],
    });
  });

  it('is an inquiry, answered with its own attributes (RFC 4171 §5.7.5.13)', () => {
    const inquiry = ofOnePdu(INQUIRY);
    const { response, notice } = answerNotice(inquiry, (entity) => entity === 'array.example');
    expect(notice).toEqual({ type: 'inquiry', entity: 'array.example', portal: { address: '127.0.0.1', port: 3260 } });
    expect([response.functionId, response.transactionId, response.status]).toEqual([0x800d, inquiry.transactionId, 0]);
    expect(response.attributes).toEqual(inquiry.attributes);
    expect(answerNotice(inquiry, () => false)).toMatchObject({ notice: undefined, response: { status: 9, attributes: [] } });
  });
});

const message = (functionId: number, attributes: Message['attributes']): Message => ({
  functionId,
  transactionId: 1,
  sender: 'server',
  replace: false,
  status: 0,
  attributes,
});
const node = (value: string) => ({ tag: tags.TAG_NODE_NAME, value });
const bitmap = (value: number) => ({ tag: tags.TAG_NODE_NOTIFICATIONS, value });

const domain = (value: number) => ({ tag: tags.TAG_DOMAIN_ID, value });

describe('notifications', () => {
  it('hold several changes, with the domains of each (RFC 4171 §5.6.5.8)', () => {
    const attributes = [
      node('me'),
      bitmap(0x28),
      node('one'),
      domain(3),
      domain(4),
      bitmap(0x11),
      node('two'),
      node('three'),
      bitmap(0x21),
      domain(5),
    ];
    const { notice } = answerNotice(message(8, attributes), everything);
    expect((notice as Notice & { type: 'changes' }).changes.map(describeChange)).toEqual([
      'added one in domain 3 in domain 4',
      'removed and member added two',
      'removed and member added three',
      'member added in domain 5',
    ]);
  });

  it.each([
    ['without a destination', 8, [bitmap(8), node('one')], 2],
    ['with a change before its bitmap', 8, [node('me'), node('one')], 2],
    ['that are inquiries after nothing', 13, [node('me')], 2],
    ['that are requests to a server', 1, [], 15],
    ['that are heartbeats', 14, [], 15],
  ])('%s are refused', (_, functionId, attributes, status) => {
    expect(answerNotice(message(functionId, attributes), everything)).toMatchObject({
      notice: undefined,
      response: { status, attributes: [] },
    });
  });
});

function open(limits: Partial<IsnsLimits> = {}) {
  const clock = new VirtualClock();
  const events: FabricEvent[] = [];
  const notices: Notice[] = [];
  const services: NoticeServices = {
    clock,
    events: (event) => events.push(event),
    source: 'test',
    owns: everything,
    handleNotice: (notice) => notices.push(notice),
  };
  const all = { ...defaultIsnsLimits, ...limits };
  const pair = new StreamPair('192.0.2.7:7000', '192.0.2.5:40000');
  const { receiver, attach } = acceptNotices(all, services);
  pair.initiator.receiver = receiver;
  const heard: Uint8Array[] = [];
  const buffer = new Uint8Array(65536);
  pair.target.receiver = { nextBuffer: () => buffer, handleBytes: (count) => heard.push(buffer.slice(0, count)), handleClose: () => {} };
  attach(pair.initiator);
  const move = (): void => {
    while (pair.move());
  };
  return { clock, events, notices, services, pair, heard, move };
}

describe('the port for notices', () => {
  it('answers on the connection each came on, in pieces of any size', () => {
    const { pair, notices, heard, events, move } = open();
    pair.initiator.pieceBytes = 5;
    pair.target.write([NOTIFICATION, INQUIRY], undefined);
    move();
    expect(notices.map(({ type }) => type)).toEqual(['changes', 'inquiry']);
    const bytes = concat(heard);
    const first = decodePduHeader(bytes, 0);
    const second = decodePduHeader(bytes, 12 + first.payloadBytes);
    expect([first.functionId, second.functionId, first.fromClient]).toEqual([0x8008, 0x800d, true]);
    expect(events.map(({ id }) => id)).toEqual([2320, 2321]);
  });

  it('says nothing to responses, and ends on what is no iSNS', () => {
    const { pair, heard, events, move } = open();
    pair.target.write(encodeMessage({ ...message(0x8001, []), status: 3 }), undefined);
    move();
    expect([heard.length, events.map(({ id }) => id)]).toEqual([0, [2307]]);
    pair.target.write([new Uint8Array(12)], undefined);
    move();
    expect([pair.initiator.closed, events.at(-1)!.id]).toEqual([true, 2304]);
  });

  it('ends after a silence', () => {
    const { clock, pair, move } = open({ noticeIdleNanos: 1000 });
    clock.run(500);
    pair.target.write([INQUIRY], undefined);
    move();
    clock.run(1400);
    move();
    expect(pair.initiator.closed).toBe(false);
    clock.run(1501);
    move();
    expect([pair.initiator.closed, clock.pending]).toEqual([true, 0]);
  });

  it('ends where the answers are not read', () => {
    const { pair, move } = open({ unsentBytesMax: 1000 });
    pair.target.write(
      Array.from({ length: 50 }, () => INQUIRY),
      undefined,
    );
    move();
    expect(pair.initiator.closed).toBe(true);
  });

  it('answers datagrams that are one whole message', () => {
    const { services, events } = open();
    const response = answerDatagram(INQUIRY, '192.0.2.5:3205', services)!;
    expect(ofOnePdu(response).functionId).toBe(0x800d);
    for (const bytes of [INQUIRY.subarray(0, 40), concat([INQUIRY, new Uint8Array(4)]), new Uint8Array(0), first(INQUIRY)])
      expect(answerDatagram(bytes, '192.0.2.5:3205', services)).toBeUndefined();
    expect(events.map(({ id }) => id)).toEqual([2321, 2304, 2304, 2304, 2304]);
  });
});

/** The same, as the first of several PDUs. */
const first = (pdu: Uint8Array): Uint8Array => {
  const changed = pdu.slice();
  changed[6]! &= ~0x08;
  return changed;
};

const read = (text: string) => {
  const bytes = fromHex(text);
  return objectsOf(decodeAttributes(bytes, 0, bytes.length));
};

describe('objects', () => {
  it('begin with their keys, and what has none is left out', () => {
    expect(read('00000021 00000004 00000001 00000020 00000004 61000000 00000021 00000004 00000003')).toEqual([
      expect.objectContaining({ kind: 'node', name: 'a', type: 3 }),
    ]);
    // A portal without its port, a group without its address, a node of length zero.
    expect(read('00000010 00000010 00000000000000000000ffffc0000201 00000030 00000004 61000000 00000020 00000000')).toEqual([]);
  });

  it('are domains with members, and sets of domains', () => {
    expect(
      read('00000811 00000004 00000007 00000812 00000004 6c616200 00000814 00000004 61000000 00000814 00000004 62000000' +
        '00000801 00000004 00000009 00000811 00000004 00000007 00000811 00000004 00000008'), // biome-ignore format: an object a line
    ).toEqual([
      { kind: 'domain', id: 7, name: 'lab', members: ['a', 'b'], features: undefined },
      { kind: 'domain set', id: 9, name: undefined, status: undefined, domains: [7, 8] },
    ]);
  });
});

const portal = (address: string, port: number) => [
  { tag: tags.TAG_PORTAL_ADDRESS, value: address },
  { tag: tags.TAG_PORTAL_PORT, value: port },
];
const group = (name: string, address: string, port: number, tag: number | undefined) => [
  { tag: tags.TAG_GROUP_NODE_NAME, value: name },
  { tag: tags.TAG_GROUP_PORTAL_ADDRESS, value: address },
  { tag: tags.TAG_GROUP_PORTAL_PORT, value: port },
  { tag: tags.TAG_GROUP_TAG, value: tag },
];
const target = (name: string, type = 1) => [node(name), { tag: tags.TAG_NODE_TYPE, value: type }];
const found = (...attributes: Message['attributes'][]) => discoveredIn(objectsOf(attributes.flat()));

describe('discovery', () => {
  it('takes the portals that a group with a tag leads to, whatever the order', () => {
    const answer = found(
      group('t1', '192.0.2.1', 3260, 9),
      target('t1'),
      portal('192.0.2.1', 3260),
      group('t1', '192.0.2.2', 3260, undefined),
      portal('192.0.2.2', 3260),
      group('t1', '192.0.2.3', 3260, 1), // its portal is gone
      group('t1', '2001:db8::1', 0, 0x1_0002),
      portal('2001:db8::1', 0),
      group('other', '192.0.2.1', 3260, 1),
      target('i1', 2),
      group('i1', '192.0.2.1', 3260, 1),
    );
    expect(answer).toEqual({
      targets: [
        {
          name: 't1',
          portals: [
            { host: '192.0.2.1', port: 3260, groupTag: 9 },
            { host: '2001:db8::1', port: 3260, groupTag: 2 },
          ],
        },
      ],
      unreachable: [],
    });
  });

  it('counts a target once, leaves UDP out, and says which no portal leads to', () => {
    const answer = found(
      target('t1'),
      portal('192.0.2.1', 0x1_0cbc),
      group('t1', '192.0.2.1', 0x1_0cbc, 1),
      target('t2', 7),
      portal('192.0.2.1', 3260),
      group('t2', '192.0.2.1', 3260, 1),
      target('t2', 7),
      group('t2', '192.0.2.1', 3260, 1),
    );
    expect(answer.unreachable).toEqual(['t1']);
    expect(answer.targets).toEqual([{ name: 't2', portals: [{ host: '192.0.2.1', port: 3260, groupTag: 1 }] }]);
  });
});
