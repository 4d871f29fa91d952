/**
 * Persistent reservations against a plain model: the rules of SPC-5 §5.14 written down once more, as tables and lists, by initiator
 * name. Random sequences of PERSISTENT RESERVE OUT from three initiators through two ports; after each, what everybody may do.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIscsiTransportId } from '../../wire/scsi/transport-id.ts';
import type { LogicalUnit } from './logical-unit.ts';
import {
  ACTIONS,
  nexusOf,
  portName,
  readFullStatus,
  readKeys,
  readReservation,
  reserveMove,
  reserveOut,
  takeAttentions,
} from './testing/persistent-reserve.ts';
import { makeUnit, run } from './testing/test-command.ts';

/** `a1` is initiator `a` at the first port. */
const WHO = ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'] as const;
type Who = (typeof WHO)[number];
type Answer = 'GOOD' | 'CONFLICT' | 'ERROR';

interface Model {
  keys: Partial<Record<Who, number>>;
  reservation: { type: number; by: Who | 'all' } | null;
  generation: number;
  told: string[];
}

/** SPC-5 table 64, by type: may [registered read, registered write, stranger read, stranger write] beside the holder. */
const MAY: Readonly<Record<number, readonly boolean[]>> = {
  1: [true, false, true, false],
  3: [false, false, false, false],
  5: [true, true, true, false],
  6: [true, true, false, false],
  7: [true, true, true, false],
  8: [true, true, false, false],
};

function may(model: Model, who: Who, writes: boolean): boolean {
  if (model.reservation === null || model.reservation.by === who) return true;
  const row = MAY[model.reservation.type]!;
  return row[(model.keys[who] === undefined ? 2 : 0) + (writes ? 1 : 0)]!;
}

const registered = (model: Model): Who[] => WHO.filter((who) => model.keys[who] !== undefined);
const holds = (model: Model, who: Who): boolean =>
  model.reservation !== null && (model.reservation.by === who || (model.reservation.by === 'all' && model.keys[who] !== undefined));
const tell = (model: Model, whom: readonly Who[], what: string): void => void model.told.push(...whom.map((who) => `${who} ${what}`));

/** Removes registrations and the reservation that goes with them. */
function strike(model: Model, victims: readonly Who[], actor: Who): void {
  for (const who of victims) delete model.keys[who];
  const { reservation } = model;
  if (reservation === null) return;
  const stays = reservation.by === 'all' ? registered(model).length > 0 : model.keys[reservation.by] !== undefined;
  if (stays) return;
  model.reservation = null;
  if (reservation.type === 5 || reservation.type === 6)
    tell(
      model,
      registered(model).filter((who) => who !== actor),
      'reservations released',
    );
}

interface Operation {
  readonly who: Who;
  readonly action: keyof typeof ACTIONS;
  readonly key: number;
  readonly newKey: number;
  readonly type: number;
  readonly allPorts: boolean;
  readonly to: Who;
  readonly unregisters: boolean;
}

/** What the model answers, having changed itself. */
function apply(model: Model, operation: Operation): Answer {
  const { who, action, key, newKey, type } = operation;
  const mine = model.keys[who];
  const others = registered(model).filter((other) => other !== who);
  const scoped = MAY[type] !== undefined;
  if (action === 'register' || action === 'registerAndIgnore') {
    if (action === 'register' && key !== (mine ?? 0)) return 'CONFLICT';
    if (mine === undefined && newKey === 0) return 'GOOD';
    const whole = WHO.filter((other) => other === who || (operation.allPorts && other[0] === who[0]));
    const reached = whole.filter(
      (other) => other === who || action === 'registerAndIgnore' || [undefined, mine].includes(model.keys[other]),
    );
    if (newKey === 0) strike(model, reached, who);
    else for (const other of reached) model.keys[other] = newKey;
    model.generation += 1;
    return 'GOOD';
  }
  if (mine === undefined || key !== mine) return 'CONFLICT';
  if (action === 'reserve') {
    if (!scoped) return 'ERROR';
    if (model.reservation === null) model.reservation = { type, by: type >= 7 ? 'all' : who };
    else if (!holds(model, who) || model.reservation.type !== type) return 'CONFLICT';
    return 'GOOD';
  }
  if (action === 'release') {
    if (model.reservation === null || !holds(model, who)) return 'GOOD';
    if (model.reservation.type !== type) return 'ERROR';
    if (type >= 5) tell(model, others, 'reservations released');
    model.reservation = null;
    return 'GOOD';
  }
  if (action === 'clear') {
    tell(model, others, 'reservations preempted');
    model.keys = {};
    model.reservation = null;
    model.generation += 1;
    return 'GOOD';
  }
  if (action === 'registerAndMove') {
    if (model.reservation === null) return 'ERROR';
    if (model.reservation.by !== who) return 'CONFLICT';
    if (newKey === 0 || operation.to === who) return 'ERROR';
    model.keys[operation.to] = newKey;
    model.reservation.by = operation.to;
    if (operation.unregisters) delete model.keys[who];
    model.generation += 1;
    return 'GOOD';
  }
  const forAll = model.reservation?.by === 'all';
  if (newKey === 0 && !forAll) return 'ERROR';
  const named = registered(model).filter((other) => newKey === 0 || model.keys[other] === newKey);
  const holder = model.reservation?.by;
  const takesOver = forAll ? newKey === 0 : holder !== undefined && holder !== 'all' && model.keys[holder] === newKey;
  if (takesOver && !scoped) return 'ERROR';
  if (!takesOver && named.length === 0) return 'CONFLICT';
  tell(
    model,
    named.filter((other) => other !== who),
    'registrations preempted',
  );
  if (takesOver) {
    const before = model.reservation!.type;
    for (const victim of named) if (victim !== who) delete model.keys[victim];
    model.reservation = { type, by: type >= 7 ? 'all' : who };
    if (before !== type)
      tell(
        model,
        registered(model).filter((other) => other !== who),
        'reservations released',
      );
  } else strike(model, named, who);
  model.generation += 1;
  return 'GOOD';
}

const linkOf = (unit: LogicalUnit, who: Who): ReturnType<typeof nexusOf> => nexusOf(unit, who[0]!, Number(who[1]) - 1);

function perform(unit: LogicalUnit, operation: Operation): Answer {
  const link = linkOf(unit, operation.who);
  const { key, newKey, type } = operation;
  const { outcome } =
    operation.action === 'registerAndMove'
      ? reserveMove(unit, link, {
          key,
          newKey,
          flags: operation.unregisters ? 0x02 : 0,
          relativePort: Number(operation.to[1]),
          transportId: encodeIscsiTransportId(portName(operation.to[0]!)),
        })
      : reserveOut(unit, link, ACTIONS[operation.action], { key, newKey, type, flags: operation.allPorts ? 0x04 : 0 });
  if (outcome === 'GOOD') return 'GOOD';
  return outcome === 'RESERVATION CONFLICT' ? 'CONFLICT' : 'ERROR';
}

const operations: fc.Arbitrary<Operation> = fc.record({
  who: fc.constantFrom(...WHO),
  action: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[]), 'register', 'registerAndIgnore', 'reserve'),
  key: fc.integer({ min: 0, max: 3 }),
  newKey: fc.integer({ min: 0, max: 3 }),
  type: fc.constantFrom(1, 3, 5, 6, 7, 8, 7, 8, 2),
  allPorts: fc.boolean(),
  to: fc.constantFrom(...WHO),
  unregisters: fc.boolean(),
});

/** Most operations with a random key are refused; a step may ask to use the key that would get through. */
const steps = fc.array(fc.tuple(operations, fc.boolean()), { minLength: 1, maxLength: 40, size: 'max' });

function check(unit: LogicalUnit, model: Model): void {
  const told = WHO.flatMap((who) => takeAttentions(linkOf(unit, who)).map((what) => `${who} ${what}`));
  expect(told.sort()).toEqual(model.told.sort());
  model.told = [];
  const anybody = linkOf(unit, 'c2');
  expect(readKeys(unit, anybody).generation).toBe(model.generation);
  const { reservation } = model;
  const shown = reservation && { type: reservation.type, key: reservation.by === 'all' ? 0 : model.keys[reservation.by] };
  expect(readReservation(unit, anybody)).toEqual(shown ?? undefined);
  const status = readFullStatus(unit, anybody).map(
    ({ key, holder, relativePort, transportId }) => `${String.fromCharCode(transportId[28]!)}${relativePort} ${key} ${holder}`,
  );
  expect(status.sort()).toEqual(registered(model).map((who) => `${who} ${model.keys[who]} ${holds(model, who)}`));
  for (const who of WHO) {
    const link = linkOf(unit, who);
    const answers = [
      run(unit, [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], { link }).outcome,
      run(unit, [0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0], { link, dataOut: new Uint8Array(512) }).outcome,
      run(unit, [0x00, 0, 0, 0, 0, 0], { link }).outcome,
    ];
    expect([who, ...answers.map((answer) => answer === 'GOOD')]).toEqual([who, may(model, who, false), may(model, who, true), true]);
  }
}

describe('persistent reservations', () => {
  it('answer, tell and let through as the model does', () => {
    // The initiator's letter stands behind `iqn.2026-01.net.example:` in the TransportID.
    expect(String.fromCharCode(encodeIscsiTransportId(portName('b'))[28]!)).toBe('b');
    let accepted = 0;
    fc.assert(
      fc.property(steps, (list) => {
        const unit = makeUnit();
        for (const who of WHO) linkOf(unit, who);
        const model: Model = { keys: {}, reservation: null, generation: 0, told: [] };
        for (const [random, fits] of list) {
          const operation = fits ? { ...random, key: model.keys[random.who] ?? 0 } : random;
          const before = structuredClone(model);
          const answer = apply(model, operation);
          expect([operation, perform(unit, operation)]).toEqual([operation, answer]);
          if (answer === 'GOOD') accepted += 1;
          else expect(model).toEqual(before);
          check(unit, model);
        }
      }),
      { numRuns: 120 },
    );
    // The sequences get somewhere.
    expect(accepted).toBeGreaterThan(300);
  });
});
