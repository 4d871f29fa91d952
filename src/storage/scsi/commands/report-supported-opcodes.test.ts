import { describe, expect, it } from 'vitest';
import { be16, be32, fromHex, hex } from '../../../base/bytes.ts';
import { commandDefinitions } from '../command-table.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { makeUnit, run } from '../testing/test-command.ts';

const report = (unit: LogicalUnit, options: number, code = 0, action = 0) =>
  run(unit, [0xa3, 0x0c, options, code, action >>> 8, action & 0xff, 0, 0, 0xff, 0xff, 0, 0]);

interface Listed {
  readonly code: number;
  readonly action: number;
  readonly hasActions: boolean;
  readonly withTimeouts: boolean;
  readonly cdbBytes: number;
}

function list(unit: LogicalUnit, rctd = false): Listed[] {
  const { bytes } = report(unit, rctd ? 0x80 : 0);
  expect(be32(bytes, 0)).toBe(bytes.length - 4);
  const out: Listed[] = [];
  for (let at = 4; at < bytes.length; at += 8) {
    const withTimeouts = (bytes[at + 5]! & 2) !== 0;
    out.push({
      code: bytes[at]!,
      action: be16(bytes, at + 2),
      hasActions: (bytes[at + 5]! & 1) !== 0,
      withTimeouts,
      cdbBytes: be16(bytes, at + 6),
    });
    if (!withTimeouts) continue;
    expect(be16(bytes, at + 8)).toBe(10);
    at += 12;
  }
  return out;
}

describe('REPORT SUPPORTED OPERATION CODES', () => {
  it('lists the commands this unit has, each once', () => {
    const unit = makeUnit();
    const listed = list(unit);
    expect(listed.length).toBe(commandDefinitions.filter((definition) => definition.supports?.(unit) !== false).length);
    expect(new Set(listed.map(({ code, action }) => code * 0x10000 + action)).size).toBe(listed.length);
    expect(listed.some(({ code }) => code === 0x1e)).toBe(false);
    expect(list(makeUnit({ removable: true })).some(({ code }) => code === 0x1e)).toBe(true);
  });

  it('has timeouts descriptors exactly when they are asked for', () => {
    const unit = makeUnit();
    expect(list(unit, false).some(({ withTimeouts }) => withTimeouts)).toBe(false);
    expect(list(unit, true).every(({ withTimeouts }) => withTimeouts)).toBe(true);
    expect(report(unit, 0x81, 0x00).bytes).toEqual(fromHex('00830006 000000000000 000a 00000000000000000000'));
  });

  it('tells of each command by the reporting option that fits it, and refuses the other', () => {
    const unit = makeUnit({ thin: true, removable: true });
    for (const { code, action, hasActions, cdbBytes } of list(unit)) {
      const good = report(unit, hasActions ? 2 : 1, code, action);
      expect(good.bytes[1]).toBe(3);
      expect(be16(good.bytes, 2)).toBe(cdbBytes);
      expect(good.bytes[4]).toBe(code);
      expect(good.bytes.length).toBe(4 + cdbBytes);
      expect(report(unit, hasActions ? 1 : 2, code, action).outcome).toContain('invalid field in CDB');
      expect(report(unit, 3, code, action).bytes).toEqual(good.bytes);
      if (!hasActions) expect(action).toBe(0);
    }
  });

  it('says what is not supported', () => {
    const unit = makeUnit();
    expect(hex(report(unit, 1, 0xff).bytes)).toBe('00010000');
    expect(hex(report(unit, 2, 0xa3, 0x1f).bytes)).toBe('00010000');
    expect(hex(report(unit, 2, 0xff, 0x01).bytes)).toBe('00010000');
    expect(hex(report(unit, 3, 0x28, 0x01).bytes)).toBe('00010000');
    expect(hex(report(unit, 1, 0x1e).bytes)).toBe('00010000');
    expect(report(unit, 4).outcome).toContain('invalid field in CDB');
  });
});

const cdbBytes = (code: number): number => (code < 0x20 ? 6 : code < 0x60 ? 10 : code < 0xa0 ? 16 : 12);

describe('the table of commands', () => {
  it('has no command twice, and a usage map as long as the CDB of its group', () => {
    const keys = commandDefinitions.map(({ operationCode, serviceAction }) => `${operationCode}/${serviceAction}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { name, operationCode, serviceAction, usage } of commandDefinitions) {
      expect([name, usage[0]]).toEqual([name, operationCode]);
      if (operationCode === 0x7f) continue;
      expect([name, usage.length]).toEqual([name, cdbBytes(operationCode)]);
      if (serviceAction !== undefined) expect([name, usage[1]! & serviceAction]).toEqual([name, serviceAction]);
    }
  });
});

describe('REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS', () => {
  it('lists them, in both lengths', () => {
    const unit = makeUnit();
    expect(hex(run(unit, [0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0]).bytes)).toBe('d8000000');
    expect(hex(run(unit, [0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 255, 0, 0]).bytes)).toBe('d800000c' + '00'.repeat(12));
  });
});
