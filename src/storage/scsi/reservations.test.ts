import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { LogicalUnit } from './logical-unit.ts';
import { EMPTY_STATE } from './persistent-state.ts';
import type { ReservationKeeper } from './reservation-keeper.ts';
import { readReservationRecord, writeReservationRecord } from './reservation-record.ts';
import { ArrayStore } from './testing/array-store.ts';
import { ACTIONS, nexusOf, readFullStatus, readKeys, readReservation, reserveIn, reserveOut } from './testing/persistent-reserve.ts';
import { makeUnit } from './testing/test-command.ts';

const APTPL = 0x01;

/** Keeps in memory; `deferred` saves wait for `settle`. */
function memoryKeeper(text?: string, deferred = false) {
  const waiting: (() => void)[] = [];
  const keeper = {
    text,
    saves: 0,
    failure: undefined as string | undefined,
    settle: () => waiting.shift()!(),
    load: () => keeper.text,
    save(state: string, done: (error: string | undefined) => void): void {
      keeper.saves += 1;
      const finish = (): void => {
        if (keeper.failure === undefined) keeper.text = state;
        done(keeper.failure);
      };
      if (deferred) waiting.push(finish);
      else finish();
    },
  };
  return keeper satisfies ReservationKeeper;
}

/** A unit as it is after a restart: all that stays is what the keeper has. */
function unitWith(reservationKeeper: ReservationKeeper, events: FabricEvent[] = []): LogicalUnit {
  const { config, device } = makeUnit();
  return new LogicalUnit(config, new ArrayStore(1024 * 1024), device, 'test/lun 0', (event) => events.push(event), { reservationKeeper });
}

describe('reservations that persist through power loss', () => {
  it('are there again after a restart, with a generation of zero', () => {
    const keeper = memoryKeeper();
    const before = unitWith(keeper);
    const [a, b] = [nexusOf(before, 'a'), nexusOf(before, 'b', 1)];
    expect(reserveOut(before, a, ACTIONS.register, { newKey: 1, flags: APTPL }).outcome).toBe('GOOD');
    expect(reserveOut(before, b, ACTIONS.register, { newKey: 2, flags: APTPL }).outcome).toBe('GOOD');
    expect(reserveOut(before, a, ACTIONS.reserve, { key: 1, type: 6 }).outcome).toBe('GOOD');
    expect([...reserveIn(before, a, 0x02)]).toEqual([0, 8, 0x1d, 0xb1, 0xea, 0x01, 0, 0]);

    const after = unitWith(keeper);
    expect(after.reservations.active).toBe(true);
    expect(readKeys(after, nexusOf(after, 'c'))).toEqual({ generation: 0, keys: [1, 2] });
    expect(readReservation(after, nexusOf(after, 'c'))).toEqual({ key: 1, type: 6 });
    expect(readFullStatus(after, nexusOf(after, 'c'))).toEqual(readFullStatus(before, nexusOf(before, 'c')));
    expect(after.reservations.conflicts(nexusOf(after, 'c'), 'read')).toBe(true);
    expect(after.reservations.conflicts(nexusOf(after, 'b', 1), 'write')).toBe(false);
  });

  it('are forgotten once a registration asks without APTPL', () => {
    const keeper = memoryKeeper();
    const unit = unitWith(keeper);
    const a = nexusOf(unit, 'a');
    reserveOut(unit, a, ACTIONS.register, { newKey: 1, flags: APTPL });
    reserveOut(unit, a, ACTIONS.register, { key: 1, newKey: 3 });
    expect(readKeys(unit, a).keys).toEqual([3]);
    expect(unitWith(keeper).reservations.persistent).toEqual(EMPTY_STATE);
  });

  it('are not saved when nobody asked, nor when nothing changed', () => {
    const keeper = memoryKeeper();
    const unit = unitWith(keeper);
    const a = nexusOf(unit, 'a');
    reserveOut(unit, a, ACTIONS.register, { newKey: 1 });
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(keeper.saves).toBe(0);
    reserveOut(unit, a, ACTIONS.register, { key: 1, newKey: 1, flags: APTPL });
    reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 1 });
    expect(keeper.saves).toBe(1);
  });

  it('are answered only when saved, one after the other, and count only then', () => {
    const keeper = memoryKeeper(undefined, true);
    const unit = unitWith(keeper);
    const [a, b, c] = [nexusOf(unit, 'a'), nexusOf(unit, 'b'), nexusOf(unit, 'c')];
    const first = reserveOut(unit, a, ACTIONS.register, { newKey: 1, flags: APTPL });
    const second = reserveOut(unit, a, ACTIONS.reserve, { key: 1, type: 3 });
    const third = reserveOut(unit, b, ACTIONS.register, { newKey: 2, flags: APTPL });
    expect([first.outcome, second.outcome, third.outcome]).toEqual(['pending', 'pending', 'pending']);
    expect(readKeys(unit, c).keys).toEqual([]);
    keeper.settle();
    expect([first.outcome, second.outcome, third.outcome]).toEqual(['GOOD', 'pending', 'pending']);
    expect(unit.reservations.conflicts(c, 'read')).toBe(false);
    keeper.settle();
    expect([second.outcome, third.outcome]).toEqual(['GOOD', 'pending']);
    expect(unit.reservations.conflicts(c, 'read')).toBe(true);
    keeper.settle();
    expect(third.outcome).toBe('GOOD');
    expect(keeper.saves).toBe(3);
  });

  it('leave no trace of a step that could not be saved', () => {
    const events: FabricEvent[] = [];
    const keeper = memoryKeeper();
    const unit = unitWith(keeper, events);
    const [a, b] = [nexusOf(unit, 'a'), nexusOf(unit, 'b')];
    reserveOut(unit, a, ACTIONS.register, { newKey: 1, flags: APTPL });
    reserveOut(unit, b, ACTIONS.register, { newKey: 2, flags: APTPL });
    keeper.failure = 'no space left on device';
    expect(reserveOut(unit, b, ACTIONS.clear, { key: 2 }).outcome).toContain('HARDWARE ERROR: internal target failure');
    expect(readKeys(unit, a)).toEqual({ generation: 2, keys: [1, 2] });
    expect(events.map((event) => event.message)).toEqual([
      'a change of persistent reservations was refused because it could not be saved: no space left on device',
    ]);
    keeper.failure = undefined;
    expect(reserveOut(unit, b, ACTIONS.clear, { key: 2 }).outcome).toBe('GOOD');
    expect(unitWith(keeper).reservations.persistent.registrations.size).toBe(0);
  });

  it('an aborted command that waited for its turn changes nothing', () => {
    const keeper = memoryKeeper(undefined, true);
    const unit = unitWith(keeper);
    const [a, b] = [nexusOf(unit, 'a'), nexusOf(unit, 'b')];
    const first = reserveOut(unit, a, ACTIONS.register, { newKey: 1, flags: APTPL });
    const second = reserveOut(unit, b, ACTIONS.register, { newKey: 2 });
    let ended = false;
    unit.tasks.abort([second], () => {
      ended = true;
    });
    expect(ended).toBe(false);
    keeper.settle();
    expect([first.outcome, second.outcome, ended]).toEqual(['GOOD', 'aborted', true]);
    expect(readKeys(unit, a).keys).toEqual([1]);
  });

  it('a record that is no good is named, leaves the unit unreserved and is not written over unasked', () => {
    const events: FabricEvent[] = [];
    const keeper = memoryKeeper('{"version":2}');
    const unit = unitWith(keeper, events);
    expect(unit.reservations.loadError).toBe('the record of reservations has version 2, not 1');
    expect(events.map((event) => event.message)).toEqual([
      'persistent reservations were not restored: the record of reservations has version 2, not 1',
    ]);
    reserveOut(unit, nexusOf(unit, 'a'), ACTIONS.register, { newKey: 1 });
    expect(keeper.text).toBe('{"version":2}');
  });

  it('a keeper that cannot read is named too', () => {
    const unit = unitWith({
      load: () => {
        throw new Error('permission denied');
      },
      save: (_, done) => done(undefined),
    });
    expect(unit.reservations.loadError).toBe('permission denied');
  });
});

const sample = {
  version: 1,
  registrations: [
    { initiatorPort: 'iqn.x:a,i,0x000000000001', targetPort: 1, key: '0000000000000001', transportId: '45000014' },
    { initiatorPort: 'iqn.x:b,i,0x000000000001', targetPort: 1, key: '0000000000000002', transportId: '45000014' },
  ],
  reservation: { type: 'write-exclusive', holder: 1 },
};

const changed = (change: (value: typeof sample) => unknown): string => JSON.stringify(change(structuredClone(sample)));

describe('the record of reservations', () => {
  it('gives the same state back', () => {
    const { state } = readReservationRecord(JSON.stringify(sample));
    expect(state!.reservation).toEqual({ type: 'write-exclusive', holder: 'iqn.x:b,i,0x000000000001|1' });
    expect(readReservationRecord(writeReservationRecord(state!)).state).toEqual(state);
    expect(readReservationRecord(new TextEncoder().encode(writeReservationRecord(state!))).state).toEqual(state);
  });

  const registration = (fields: object): string =>
    changed((value) => ({ ...value, registrations: [value.registrations[0], { ...value.registrations[1], ...fields }] }));

  it.each([
    ['is not JSON', '{"version":1,'],
    ['is not an object', '[]'],
    ['has version undefined', '{}'],
    ['has no list of registrations', changed((value) => ({ ...value, registrations: {} }))],
    ['is too long', 'x'.repeat(5 * 1024 * 1024)],
    ['more than 1024', changed((value) => ({ ...value, registrations: Array(1025).fill(value.registrations[0]) }))],
    ['(number 1) twice', changed((value) => ({ ...value, registrations: [value.registrations[0], value.registrations[0]] }))],
    ['(number 1) that is not an object', changed((value) => ({ ...value, registrations: [value.registrations[0], 7] }))],
    ['without the name of an initiator port', registration({ initiatorPort: '' })],
    ['without a relative target port identifier', registration({ targetPort: 0 })],
    ['without a relative target port identifier', registration({ targetPort: 1.5 })],
    ['without a reservation key', registration({ key: '0'.repeat(16) })],
    ['without a reservation key', registration({ key: 'A'.repeat(16) })],
    ['without a TransportID', registration({ transportId: '4500' })],
    ['without a TransportID', registration({ transportId: '45'.repeat(1000) })],
    ['a reservation that is not an object', changed((value) => ({ ...value, reservation: null }))],
    ['a reservation of no type there is', changed((value) => ({ ...value, reservation: { type: 'toString', holder: 0 } }))],
    [
      'a reservation whose holder is not registered',
      changed((value) => ({ ...value, reservation: { type: 'write-exclusive', holder: 2 } })),
    ],
    ['with one holder', changed((value) => ({ ...value, reservation: { type: 'write-exclusive-all-registrants', holder: 0 } }))],
    ['a reservation and no registrations', changed((value) => ({ ...value, registrations: [] }))],
  ])('%s', (why, text) => {
    expect(readReservationRecord(text).error).toContain(why);
  });

  it('is a state or a reason, whatever it is', () => {
    const text = JSON.stringify(sample);
    const mutated = fc
      .tuple(fc.nat({ max: text.length - 1 }), fc.nat({ max: 4 }), fc.string({ maxLength: 6 }))
      .map(([at, length, insert]) => text.slice(0, at) + insert + text.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string()), (record) => {
        const { state, error } = readReservationRecord(record);
        expect((state === undefined) !== (error === undefined)).toBe(true);
        if (state !== undefined) expect(readReservationRecord(writeReservationRecord(state)).state).toEqual(state);
      }),
      { numRuns: 500 },
    );
  });
});
