import { describe, expect, it } from 'vitest';
import { encodeIscsiTransportId } from '../../../wire/scsi/transport-id.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { REGISTRATIONS_MAX } from '../persistent-state.ts';
import {
  ACTIONS,
  nexusOf,
  portName,
  readFullStatus,
  readKeys,
  readReservation,
  reserveIn,
  reserveMove,
  reserveOut,
  takeAttentions,
} from '../testing/persistent-reserve.ts';
import { makeTestUnit, makeUnit, run, TestCommand } from '../testing/test-command.ts';
import { executeCommand } from '../device-server.ts';
import type { UnitNexus } from '../unit-nexus.ts';

const CONFLICT = 'RESERVATION CONFLICT';
const WRITE_EXCLUSIVE = 1;
const EXCLUSIVE_ACCESS = 3;
const WRITE_EXCLUSIVE_REGISTRANTS = 5;
const EXCLUSIVE_ACCESS_ALL = 8;

const BLOCK = new Uint8Array(512).fill(1);
const write = (unit: LogicalUnit, link: UnitNexus): string =>
  run(unit, [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0], { link, dataOut: BLOCK }).outcome;
const read = (unit: LogicalUnit, link: UnitNexus): string => run(unit, [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], { link }).outcome;

/** A unit with initiators `a`, `b`, `c`; `a` registered with key 1, `b` with 2. */
function scene(): { unit: LogicalUnit; a: UnitNexus; b: UnitNexus; c: UnitNexus } {
  const unit = makeUnit();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => nexusOf(unit, name)) as [UnitNexus, UnitNexus, UnitNexus];
  expect(reserveOut(unit, a, ACTIONS.register, { newKey: 1 }).outcome).toBe('GOOD');
  expect(reserveOut(unit, b, ACTIONS.registerAndIgnore, { newKey: 2 }).outcome).toBe('GOOD');
  return { unit, a, b, c };
}

describe('registering', () => {
  it('counts generations and shows keys, cut to the allocation length', () => {
    const { unit, a } = scene();
    expect(readKeys(unit, a)).toEqual({ generation: 2, keys: [1, 2] });
    const cut = reserveIn(unit, a, 0x00, 8);
    expect([...cut]).toEqual([0, 0, 0, 2, 0, 0, 0, 16]);
  });

  it('wants the key that is registered, or zero from a newcomer', () => {
    const { unit, a, c } = scene();
    expect(reserveOut(unit, a, ACTIONS.register, { key: 9, newKey: 5 }).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 5 }).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, c, ACTIONS.register, { key: 1, newKey: 5 }).outcome).toBe(CONFLICT);
    expect(readKeys(unit, a)).toEqual({ generation: 2, keys: [1, 2] });
    expect(reserveOut(unit, a, ACTIONS.register, { key: 1, newKey: 5 }).outcome).toBe('GOOD');
    expect(readKeys(unit, a)).toEqual({ generation: 3, keys: [5, 2] });
  });

  it('does nothing for a newcomer with a key of zero', () => {
    const { unit, c } = scene();
    expect(reserveOut(unit, c, ACTIONS.register).outcome).toBe('GOOD');
    expect(reserveOut(unit, c, ACTIONS.registerAndIgnore).outcome).toBe('GOOD');
    expect(readKeys(unit, c)).toEqual({ generation: 2, keys: [1, 2] });
  });

  it('ends with a key of zero, and takes the reservation along', () => {
    const { unit, a, b, c } = scene();
    reserveOut(unit, c, ACTIONS.register, { newKey: 3 });
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: WRITE_EXCLUSIVE_REGISTRANTS });
    expect(reserveOut(unit, a, ACTIONS.register, { key: 1 }).outcome).toBe('GOOD');
    expect(readReservation(unit, a)).toBeUndefined();
    expect(readKeys(unit, a).keys).toEqual([2, 3]);
    expect([takeAttentions(a), takeAttentions(b), takeAttentions(c)]).toEqual([[], ['reservations released'], ['reservations released']]);
  });

  it('tells nobody when the holder of an exclusive type goes, and keeps what all registrants hold', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: EXCLUSIVE_ACCESS });
    reserveOut(unit, a, ACTIONS.register, { key: 1 });
    expect(readReservation(unit, b)).toBeUndefined();
    expect(takeAttentions(b)).toEqual([]);
    reserveOut(unit, b, ACTIONS.reserve, { key: 2, type: EXCLUSIVE_ACCESS_ALL });
    reserveOut(unit, a, ACTIONS.register, { newKey: 1 });
    reserveOut(unit, b, ACTIONS.register, { key: 2 });
    expect(readReservation(unit, a)).toEqual({ key: 0, type: EXCLUSIVE_ACCESS_ALL });
    reserveOut(unit, a, ACTIONS.register, { key: 1 });
    expect(readReservation(unit, a)).toBeUndefined();
  });

  it('at all target ports with ALL_TG_PT, and away from them again', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, flags: 0x04 }).outcome).toBe('GOOD');
    expect(readFullStatus(unit, a).map(({ key, relativePort }) => [key, relativePort])).toEqual([
      [7, 1],
      [7, 2],
    ]);
    expect(reserveOut(unit, nexusOf(unit, 'a', 1), ACTIONS.reserve, { key: 7, type: WRITE_EXCLUSIVE }).outcome).toBe('GOOD');
    expect(reserveOut(unit, a, ACTIONS.register, { key: 7, flags: 0x04 }).outcome).toBe('GOOD');
    expect(readKeys(unit, a).keys).toEqual([]);
    expect(readReservation(unit, a)).toBeUndefined();
  });

  it('for others with SPEC_I_PT, who need not be there yet', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    const transportIds = ['x', 'y'].map((name) => encodeIscsiTransportId(portName(name)));
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, flags: 0x08, transportIds }).outcome).toBe('GOOD');
    expect(readFullStatus(unit, a).map(({ transportId }) => transportId)).toEqual([encodeIscsiTransportId(portName('a')), ...transportIds]);
    // `x` finds itself registered.
    expect(reserveOut(unit, nexusOf(unit, 'x'), ACTIONS.reserve, { key: 7, type: WRITE_EXCLUSIVE }).outcome).toBe('GOOD');
    expect(reserveOut(unit, a, ACTIONS.register, { key: 7, newKey: 8, flags: 0x08, transportIds: [] }).outcome).toContain('parameter list');
    expect(reserveOut(unit, a, ACTIONS.registerAndIgnore, { newKey: 8, flags: 0x08 }).outcome).toContain(
      'invalid field in parameter list (26h/00h), parameter list byte 20 bit 3',
    );
  });

  it('refuses broken TransportIDs and lengths, leaving nothing registered', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    const good = encodeIscsiTransportId(portName('x'));
    const broken = good.slice();
    broken[0] = 0x0f;
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, flags: 0x08, transportIds: [good, broken] }).outcome).toContain(
      `parameter list byte ${28 + good.length}`,
    );
    for (const listBytes of [0, 23, 25, 40 * 1024])
      expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, listBytes }).outcome).toContain('parameter list length error');
    expect(reserveOut(unit, a, ACTIONS.reserve, { key: 7, type: 1, transportIds: [] }).outcome).toContain('parameter list length error');
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, transportIds: [good] }).outcome).toContain('parameter list length error');
    expect(readKeys(unit, a)).toEqual({ generation: 0, keys: [] });
  });

  it('is bounded', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    const outcomes = new Map<string, number>();
    for (let index = 0; index <= REGISTRATIONS_MAX; index += 1) {
      const { outcome } = reserveOut(unit, nexusOf(unit, `n${index}`), ACTIONS.register, { newKey: 1 });
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.values()]).toEqual([REGISTRATIONS_MAX, 1]);
    expect([...outcomes.keys()][1]).toContain('insufficient registration resources');
    expect(readKeys(unit, a).keys.length).toBe(REGISTRATIONS_MAX);
  });

  it('refuses APTPL where nothing keeps reservations, and says so', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 7, flags: 0x01 }).outcome).toContain('parameter list byte 20 bit 0');
    expect([...reserveIn(unit, a, 0x02)]).toEqual([0, 8, 0x1c, 0xb0, 0xea, 0x01, 0, 0]);
  });
});

describe('reserving', () => {
  it.each([
    [1, 'GOOD', CONFLICT, 'GOOD', CONFLICT],
    [3, CONFLICT, CONFLICT, CONFLICT, CONFLICT],
    [5, 'GOOD', 'GOOD', 'GOOD', CONFLICT],
    [6, 'GOOD', 'GOOD', CONFLICT, CONFLICT],
    [7, 'GOOD', 'GOOD', 'GOOD', CONFLICT],
    [8, 'GOOD', 'GOOD', CONFLICT, CONFLICT],
  ])(
    'type %i: registered others read %s, write %s; strangers read %s, write %s',
    (type, otherReads, otherWrites, strangerReads, strangerWrites) => {
      const { unit, a, b, c } = scene();
      expect(reserveOut(unit, a, ACTIONS.reserve, { key: 1, type }).outcome).toBe('GOOD');
      expect(readReservation(unit, c)).toEqual({ key: type < 7 ? 1 : 0, type });
      expect([read(unit, a), write(unit, a)]).toEqual(['GOOD', 'GOOD']);
      expect([read(unit, b), write(unit, b)]).toEqual([otherReads, otherWrites]);
      expect([read(unit, c), write(unit, c)]).toEqual([strangerReads, strangerWrites]);
      // The same initiator through the other target port is another nexus.
      expect(write(unit, nexusOf(unit, 'a', 1))).toBe(strangerWrites);
      // SPC-5 table 64: TEST UNIT READY and INQUIRY pass every type.
      expect(run(unit, [0, 0, 0, 0, 0, 0], { link: c }).outcome).toBe('GOOD');
      expect(run(unit, [0x12, 0, 0, 0, 36, 0], { link: c }).outcome).toBe('GOOD');
      expect(readFullStatus(unit, c).map(({ holder }) => holder)).toEqual([true, type >= 7]);
    },
  );

  it('is for the registered, with their key, in a scope and type there is', () => {
    const { unit, a, c } = scene();
    expect(reserveOut(unit, c, ACTIONS.reserve, { type: 1 }).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, a, ACTIONS.reserve, { key: 2, type: 1 }).outcome).toBe(CONFLICT);
    for (const type of [0, 2, 4, 9, 0x11, 0x21])
      expect(reserveOut(unit, a, ACTIONS.reserve, { key: 1, type }).outcome).toContain('invalid field in CDB (24h/00h), CDB byte 2');
  });

  it('takes the same again from the holder, and nothing else from anybody', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 }).outcome).toBe('GOOD');
    expect(reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 }).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, b, ACTIONS.reserve, { key: 2, type: 1 }).outcome).toBe(CONFLICT);
    expect(readKeys(unit, a).generation).toBe(2);
  });

  it('survives resets and the loss of the nexus', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    unit.reset();
    unit.nexusLost(a);
    takeAttentions(b);
    expect(read(unit, b)).toBe(CONFLICT);
  });
});

describe('releasing', () => {
  it('is for the holder and its type', () => {
    const { unit, a, b, c } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 5 });
    expect(reserveOut(unit, c, ACTIONS.release, { type: 5 }).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, b, ACTIONS.release, { key: 2, type: 5 }).outcome).toBe('GOOD');
    expect(reserveOut(unit, a, ACTIONS.release, { key: 1, type: 1 }).outcome).toContain(
      'invalid release of persistent reservation (26h/04h)',
    );
    expect(readReservation(unit, a)).toEqual({ key: 1, type: 5 });
    expect(reserveOut(unit, a, ACTIONS.release, { key: 1, type: 5 }).outcome).toBe('GOOD');
    expect(readReservation(unit, a)).toBeUndefined();
    expect([takeAttentions(a), takeAttentions(b), takeAttentions(c)]).toEqual([[], ['reservations released'], []]);
  });

  it('of an exclusive type tells nobody', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    reserveOut(unit, a, ACTIONS.release, { key: 1, type: 1 });
    expect(takeAttentions(b)).toEqual([]);
  });
});

describe('CLEAR', () => {
  it('ends everything and tells the others', () => {
    const { unit, a, b, c } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    expect(reserveOut(unit, c, ACTIONS.clear).outcome).toBe(CONFLICT);
    expect(reserveOut(unit, b, ACTIONS.clear, { key: 2 }).outcome).toBe('GOOD');
    expect(readKeys(unit, b)).toEqual({ generation: 3, keys: [] });
    expect(readReservation(unit, b)).toBeUndefined();
    expect([takeAttentions(a), takeAttentions(b)]).toEqual([['reservations preempted'], []]);
  });
});

describe('PREEMPT', () => {
  it('takes the reservation from its holder', () => {
    const { unit, a, b, c } = scene();
    reserveOut(unit, c, ACTIONS.register, { newKey: 3 });
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    expect(reserveOut(unit, b, ACTIONS.preempt, { key: 2, newKey: 1, type: 1 }).outcome).toBe('GOOD');
    expect(readReservation(unit, b)).toEqual({ key: 2, type: 1 });
    expect(readKeys(unit, b)).toEqual({ generation: 4, keys: [2, 3] });
    expect([takeAttentions(a), takeAttentions(b), takeAttentions(c)]).toEqual([['registrations preempted'], [], ['reservations released']]);
  });

  it('of a key that holds nothing removes registrations, and ignores the type', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    expect(reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 2, type: 0xff }).outcome).toBe('GOOD');
    expect(readReservation(unit, a)).toEqual({ key: 1, type: 3 });
    expect(readKeys(unit, a).keys).toEqual([1]);
    expect(takeAttentions(b)).toEqual(['registrations preempted']);
    expect(reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 2, type: 3 }).outcome).toBe(CONFLICT);
  });

  it('by the holder of its own key changes the type and keeps it registered', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    expect(reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 1, type: 6 }).outcome).toBe('GOOD');
    expect(readReservation(unit, a)).toEqual({ key: 1, type: 6 });
    expect(readKeys(unit, a).keys).toEqual([1, 2]);
    expect(takeAttentions(b)).toEqual(['reservations released']);
    expect(reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 1, type: 0x16 }).outcome).toContain('CDB byte 2');
  });

  it('of zero means everybody else where all registrants hold the reservation, and is an error elsewhere', () => {
    const { unit, a, b } = scene();
    expect(reserveOut(unit, b, ACTIONS.preempt, { key: 2, type: 1 }).outcome).toContain('parameter list byte 8');
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 7 });
    expect(reserveOut(unit, b, ACTIONS.preempt, { key: 2, type: 1 }).outcome).toBe('GOOD');
    expect(readReservation(unit, b)).toEqual({ key: 2, type: 1 });
    expect(readKeys(unit, b).keys).toEqual([2]);
    expect(takeAttentions(a)).toEqual(['registrations preempted']);
  });

  it('of a key among all registrants leaves the reservation to the rest, and to nobody after the last', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 8 });
    expect(reserveOut(unit, b, ACTIONS.preempt, { key: 2, newKey: 1, type: 1 }).outcome).toBe('GOOD');
    expect(readReservation(unit, b)).toEqual({ key: 0, type: 8 });
    expect(reserveOut(unit, b, ACTIONS.preempt, { key: 2, newKey: 2, type: 1 }).outcome).toBe('GOOD');
    expect(readReservation(unit, b)).toBeUndefined();
    expect(readKeys(unit, b).keys).toEqual([]);
  });
});

describe('PREEMPT AND ABORT', () => {
  it('answers once the commands of the preempted nexus have ended, and they are not answered', () => {
    const { unit, store } = makeTestUnit({ deferred: true });
    const [a, b] = ['a', 'b'].map((name) => nexusOf(unit, name)) as [UnitNexus, UnitNexus];
    reserveOut(unit, a, ACTIONS.register, { newKey: 1 });
    reserveOut(unit, b, ACTIONS.register, { newKey: 2 });
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    a.preventsRemoval = true;
    const victim = run(unit, [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0], { link: a, dataOut: BLOCK });
    const bystander = run(unit, [0x28, 0, 0, 0, 0, 9, 0, 0, 1, 0], { link: b });
    const preempting = reserveOut(unit, b, ACTIONS.preemptAndAbort, { key: 2, newKey: 1, type: 1 });
    expect([victim.outcome, bystander.outcome, preempting.outcome]).toEqual(['aborted', 'pending', 'pending']);
    store.completeAll();
    expect([victim.outcome, bystander.outcome, preempting.outcome]).toEqual(['aborted', 'GOOD', 'GOOD']);
    expect(takeAttentions(a)).toEqual(['registrations preempted', 'commands cleared by another initiator']);
    expect(a.preventsRemoval).toBe(false);
    expect(readReservation(unit, b)).toEqual({ key: 2, type: 1 });
  });

  it('of its own key aborts everything of its nexus but itself', () => {
    const { unit, store } = makeTestUnit({ deferred: true });
    const a = nexusOf(unit, 'a');
    reserveOut(unit, a, ACTIONS.register, { newKey: 1 });
    const own = run(unit, [0x28, 0, 0, 0, 0, 9, 0, 0, 1, 0], { link: a });
    const preempting = reserveOut(unit, a, ACTIONS.preemptAndAbort, { key: 1, newKey: 1, type: 1 });
    store.completeAll();
    expect([own.outcome, preempting.outcome]).toEqual(['aborted', 'GOOD']);
    expect(takeAttentions(a)).toEqual([]);
  });
});

describe('REGISTER AND MOVE', () => {
  const destination = encodeIscsiTransportId(portName('z'));

  it('hands the reservation to a nexus that was never seen', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(reserveMove(unit, a, { key: 1, newKey: 9, flags: 0x02, relativePort: 2, transportId: destination }).outcome).toBe('GOOD');
    expect(readKeys(unit, b)).toEqual({ generation: 3, keys: [2, 9] });
    const z = nexusOf(unit, 'z', 1);
    expect(write(unit, z)).toBe('GOOD');
    expect(write(unit, a)).toBe(CONFLICT);
    expect(readFullStatus(unit, b).find(({ holder }) => holder)).toEqual({
      key: 9,
      holder: true,
      type: 1,
      relativePort: 2,
      transportId: destination,
    });
  });

  it('keeps the sender registered unless asked, and changes the key of a registered destination', () => {
    const { unit, a, b } = scene();
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(reserveMove(unit, a, { key: 1, newKey: 9, transportId: encodeIscsiTransportId(portName('b')) }).outcome).toBe('GOOD');
    expect(readKeys(unit, b).keys).toEqual([1, 9]);
    expect(readReservation(unit, b)).toEqual({ key: 9, type: 1 });
  });

  it('refuses what makes no sense', () => {
    const { unit, a, b } = scene();
    const move = { key: 1, newKey: 9, transportId: destination };
    expect(reserveMove(unit, a, move).outcome).toContain('invalid field in CDB');
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(reserveMove(unit, b, { ...move, key: 2 }).outcome).toBe(CONFLICT);
    expect(reserveMove(unit, a, { ...move, key: 2 }).outcome).toBe(CONFLICT);
    expect(reserveMove(unit, a, { ...move, newKey: 0 }).outcome).toContain('parameter list byte 8');
    expect(reserveMove(unit, a, { ...move, relativePort: 3 }).outcome).toContain('parameter list byte 18');
    expect(reserveMove(unit, a, { ...move, transportId: encodeIscsiTransportId(portName('a')) }).outcome).toContain(
      'parameter list byte 24',
    );
    expect(reserveMove(unit, a, { ...move, flags: 0x01 }).outcome).toContain('parameter list byte 17');
    reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 1, type: 7 });
    takeAttentions(b);
    expect(reserveMove(unit, a, move).outcome).toBe(CONFLICT);
    expect(readKeys(unit, a).keys).toEqual([1, 2]);
  });
});

const reserve6 = (unit: LogicalUnit, link: UnitNexus): string => run(unit, [0x16, 0, 0, 0, 0, 0], { link }).outcome;
const release6 = (unit: LogicalUnit, link: UnitNexus): string => run(unit, [0x17, 0, 0, 0, 0, 0], { link }).outcome;
const reserve10 = (unit: LogicalUnit, link: UnitNexus): string => run(unit, [0x56, 0, 0, 0, 0, 0, 0, 0, 0, 0], { link }).outcome;
const modeSense = (unit: LogicalUnit, link: UnitNexus): string => run(unit, [0x1a, 0, 0x3f, 0, 255, 0], { link }).outcome;

describe('RESERVE and RELEASE of SPC-2', () => {
  it('keeps everybody else out until released by the holder', () => {
    const unit = makeUnit();
    const [a, b] = ['a', 'b'].map((name) => nexusOf(unit, name)) as [UnitNexus, UnitNexus];
    expect([reserve6(unit, a), reserve6(unit, a), reserve10(unit, a)]).toEqual(['GOOD', 'GOOD', 'GOOD']);
    expect([reserve6(unit, b), reserve10(unit, b), read(unit, b), write(unit, b), modeSense(unit, b)]).toEqual(Array(5).fill(CONFLICT));
    expect([read(unit, a), write(unit, a), modeSense(unit, a)]).toEqual(['GOOD', 'GOOD', 'GOOD']);
    expect(run(unit, [0x12, 0, 0, 0, 36, 0], { link: b }).outcome).toBe('GOOD');
    expect(release6(unit, b)).toBe('GOOD');
    expect(read(unit, b)).toBe(CONFLICT);
    expect(release6(unit, a)).toBe('GOOD');
    expect(reserve6(unit, b)).toBe('GOOD');
  });

  it.each([
    ['a reset', (unit: LogicalUnit) => unit.reset()],
    ['the loss of its nexus', (unit: LogicalUnit, a: UnitNexus) => unit.nexusLost(a)],
  ])('is lost with %s', (_, lose) => {
    const unit = makeUnit();
    const [a, b] = ['a', 'b'].map((name) => nexusOf(unit, name)) as [UnitNexus, UnitNexus];
    reserve6(unit, a);
    lose(unit, a);
    takeAttentions(b);
    expect(reserve6(unit, b)).toBe('GOOD');
  });

  it('conflicts with persistent reservation commands, for the holder too', () => {
    const unit = makeUnit();
    const a = nexusOf(unit, 'a');
    reserve6(unit, a);
    expect(reserveOut(unit, a, ACTIONS.register, { newKey: 1 }).outcome).toBe(CONFLICT);
    expect(() => readKeys(unit, a)).toThrow(CONFLICT);
  });

  it('is answered GOOD and does nothing for whom a persistent reservation lets through', () => {
    const { unit, a, b, c } = scene();
    expect([reserve6(unit, a), release6(unit, a)]).toEqual([CONFLICT, CONFLICT]);
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect([reserve6(unit, a), reserve6(unit, b), reserve6(unit, c)]).toEqual(['GOOD', CONFLICT, CONFLICT]);
    reserveOut(unit, a, ACTIONS.preempt, { key: 1, newKey: 1, type: 5 });
    takeAttentions(b);
    expect([reserve6(unit, a), reserve6(unit, b), release6(unit, b), reserve6(unit, c)]).toEqual(['GOOD', 'GOOD', 'GOOD', CONFLICT]);
    expect([write(unit, a), write(unit, b), write(unit, c)]).toEqual(['GOOD', 'GOOD', CONFLICT]);
  });

  it('takes neither third parties nor extents', () => {
    const unit = makeUnit();
    expect(run(unit, [0x16, 0x10, 0, 0, 0, 0], { link: nexusOf(unit, 'a') }).outcome).toContain('invalid field in CDB');
  });
});

describe('service actions', () => {
  it('of PERSISTENT RESERVE IN from 4 up and OUT from 8 up are invalid fields', () => {
    const unit = makeUnit();
    const link = nexusOf(unit, 'a');
    for (let action = 4; action < 0x20; action += 1)
      expect(run(unit, [0x5e, action, 0, 0, 0, 0, 0, 0x40, 0, 0], { link }).outcome).toContain('invalid field in CDB');
    for (let action = 8; action < 0x20; action += 1) expect(reserveOut(unit, link, action).outcome).toContain('invalid field in CDB');
  });

  it('wait for all their parameter data', () => {
    const unit = makeUnit();
    const link = nexusOf(unit, 'a');
    const command = new TestCommand(link, [0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0], { dataOut: new Uint8Array(10) });
    executeCommand(unit, command);
    expect(command.outcome).toContain('parameter list length error');
  });
});
