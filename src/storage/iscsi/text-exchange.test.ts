import { describe, expect, it } from 'vitest';
import { putBe32, utf8Bytes, utf8Text } from '../../base/bytes.ts';
import { RESERVED_TAG } from '../../wire/iscsi/basic-header.ts';
import type { KeyValues } from '../../wire/iscsi/key-value.ts';
import { TextExchange, type TextOutcome } from './text-exchange.ts';

const FINAL = 0x80;
const CONTINUES = 0x40;

function request(flags: number, taskTag: number, transferTag = RESERVED_TAG): Uint8Array {
  const pdu = new Uint8Array(48);
  pdu[0] = 0x04;
  pdu[1] = flags;
  putBe32(pdu, 16, taskTag);
  putBe32(pdu, 20, transferTag);
  return pdu;
}

/** An exchange that answers each key with its value twice; `segment`: what the initiator takes at a time. */
function exchange(segment = 8192) {
  const asked: KeyValues[] = [];
  const machine = new TextExchange((pairs) => {
    asked.push(pairs);
    return pairs.map(([key, value]) => [key, value + value] as const);
  });
  return {
    asked,
    send: (flags: number, taskTag: number, text = '', transferTag = RESERVED_TAG): TextOutcome =>
      machine.handle(request(flags, taskTag, transferTag), 0, utf8Bytes(text), segment),
  };
}

/** `F`, `C` and the text, or why not. */
const shown = (outcome: TextOutcome): string =>
  'rejected' in outcome
    ? `rejected: ${outcome.rejected}`
    : `${outcome.final ? 'F' : ''}${outcome.continues ? 'C' : ''}${outcome.transferTag === RESERVED_TAG ? '' : '+'} ${utf8Text(outcome.text).replaceAll('\0', ';')}`;
const tagOf = (outcome: TextOutcome): number => ('rejected' in outcome ? -1 : outcome.transferTag);

describe('one request, one answer', () => {
  it('is final on both sides, and has no tag', () => {
    const e = exchange();
    const outcome = e.send(FINAL, 9, 'A=1\0B=2\0');
    expect(shown(outcome)).toBe('F A=11;B=22;');
    expect(outcome).toMatchObject({ taskTag: 9, transferTag: RESERVED_TAG });
  });

  it('may be empty on both sides', () => expect(shown(exchange().send(FINAL, 9))).toBe('F '));
  it('that makes no sense is rejected', () => expect(shown(exchange().send(FINAL, 9, 'A'))).toMatch(/^rejected: iscsi-text/));
  it('is not final and continued at once', () =>
    expect(shown(exchange().send(FINAL | CONTINUES, 9, 'A=1\0'))).toBe('rejected: it is both final and continued'));
});

describe('a request that is not final', () => {
  it('gets no final answer (RFC 7143 §11.11.1), and goes on under the tag it gets', () => {
    const e = exchange();
    const first = e.send(0, 9, 'A=1\0');
    expect(shown(first)).toBe('+ A=11;');
    const second = e.send(0, 9, 'B=2\0', tagOf(first));
    expect(shown(second)).toBe('+ B=22;');
    expect(shown(e.send(FINAL, 9, '', tagOf(second)))).toBe('F ');
  });
});

describe('text over several requests', () => {
  it('is gathered under a tag of ours, then answered', () => {
    const e = exchange();
    const first = e.send(CONTINUES, 9, 'A=1');
    expect(shown(first)).toBe('+ ');
    const second = e.send(CONTINUES, 9, '2\0B', tagOf(first));
    expect(shown(second)).toBe('+ ');
    expect(e.asked).toEqual([]);
    expect(shown(e.send(FINAL, 9, '=3\0', tagOf(second)))).toBe('F A=1212;B=33;');
  });

  it('goes on only with the tag given last, and the same task tag', () => {
    const e = exchange();
    const first = e.send(CONTINUES, 9, 'A=1');
    expect(shown(e.send(FINAL, 9, '2\0', tagOf(first) + 1))).toMatch(/not open/);
    expect(shown(e.send(FINAL, 8, '2\0', tagOf(first)))).toMatch(/not open/);
    expect(shown(e.send(FINAL, 9, '2\0', tagOf(first)))).toBe('F A=1212;');
  });

  it('is bounded', () => {
    const e = exchange();
    let tag = RESERVED_TAG;
    for (let sent = 0; sent < 8; sent += 1) tag = tagOf(e.send(CONTINUES, 9, 'x'.repeat(8192), tag));
    expect(shown(e.send(FINAL, 9, 'x', tag))).toMatch(/longer than 65536 bytes/);
    expect(shown(e.send(FINAL, 10, 'A=1\0'))).toBe('F A=11;');
  });
});

it('a request in ever so many empty pieces is given up', () => {
  const e = exchange();
  let tag = RESERVED_TAG;
  for (let sent = 0; sent < 64; sent += 1) tag = tagOf(e.send(CONTINUES, 9, '', tag));
  expect(shown(e.send(CONTINUES, 9, '', tag))).toMatch(/more than 64 PDUs/);
});

describe('an answer over several responses', () => {
  it('comes in pieces the initiator can take, each asked for with an empty request', () => {
    const e = exchange(8);
    const first = e.send(FINAL, 9, 'KEY=abcdef\0'); // KEY=abcdefabcdef;
    expect(shown(first)).toBe('C+ KEY=abcd');
    const second = e.send(FINAL, 9, '', tagOf(first));
    expect(shown(second)).toBe('C+ efabcdef'); // the zero byte still has to come
    expect(shown(e.send(FINAL, 9, '', tagOf(second)))).toBe('F ;');
  });

  it('is final only if the request that fetches its end is', () => {
    const e = exchange(8);
    const first = e.send(FINAL, 9, 'KEY=ab\0'); // KEY=abab;
    expect(shown(first)).toBe('C+ KEY=abab');
    const second = e.send(0, 9, '', tagOf(first));
    expect(shown(second)).toBe('+ ;');
    expect(shown(e.send(FINAL, 9, '', tagOf(second)))).toBe('F ');
  });

  it('is not mixed with a new question', () => {
    const e = exchange(8);
    const first = e.send(FINAL, 9, 'KEY=abcdef\0');
    expect(shown(e.send(FINAL, 9, 'B=1\0', tagOf(first)))).toMatch(/^rejected/);
    expect(shown(e.send(FINAL, 9, '', tagOf(first)))).toMatch(/^rejected/);
  });

  it('is forgotten when a new exchange begins', () => {
    const e = exchange(8);
    const first = e.send(FINAL, 9, 'KEY=abcdef\0');
    expect(shown(e.send(FINAL, 10, 'B=1\0'))).toBe('F B=11;');
    expect(shown(e.send(FINAL, 9, '', tagOf(first)))).toMatch(/not open/);
  });
});
