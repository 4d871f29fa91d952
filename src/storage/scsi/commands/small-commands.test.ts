/** Commands too small for a file of tests each: readiness, sense, capacity, defects, logs and diagnostics. */
import { describe, expect, it } from 'vitest';
import { hex } from '../../../base/bytes.ts';
import { decodeSense, sense } from '../../../wire/scsi/sense.ts';
import { makeUnit, run, testNexus } from '../testing/test-command.ts';

describe('REQUEST SENSE', () => {
  it('reports a unit attention once, in the format asked for', () => {
    const unit = makeUnit();
    for (const [desc, response] of [
      [0, 0x70],
      [1, 0x72],
    ] as const) {
      const link = unit.link(testNexus(`new${desc}`));
      const first = run(unit, [0x03, desc, 0, 0, 252, 0], { link });
      expect(first.outcome).toBe('GOOD');
      expect(first.bytes[0]).toBe(response);
      expect(decodeSense(first.bytes)).toMatchObject({ key: 'UNIT ATTENTION', code: 0x2900 });
      expect(decodeSense(run(unit, [0x03, desc, 0, 0, 252, 0], { link }).bytes)).toEqual({ key: 'NO SENSE', code: 0 });
    }
  });

  it('reports the progress of a background operation', () => {
    const unit = makeUnit();
    unit.backgroundSense = sense('NOT READY', 'NOT_READY_SANITIZE', { progress: 0x8000 });
    expect(decodeSense(run(unit, [0x03, 0, 0, 0, 252, 0]).bytes)).toEqual({ key: 'NOT READY', code: 0x041b, progress: 0x8000 });
    expect(run(unit, [0x03, 0, 0, 0, 8, 0]).bytes.length).toBe(8);
  });
});

describe('READ CAPACITY', () => {
  it('gives the last block and the block length', () => {
    expect(hex(run(makeUnit({ blockBytes: 4096 }), [0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0]).bytes)).toBe('000007ff00001000');
    expect(run(makeUnit(), [0x25, 0, 0, 0, 0, 1, 0, 0, 0, 0]).outcome).toContain('CDB byte 5');
  });

  it('says in the long form how blocks are provisioned and how large the physical ones are', () => {
    const capacity = [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0];
    expect(hex(run(makeUnit(), capacity).bytes)).toBe(`00000000000007ff00000200${'00'.repeat(20)}`);
    expect(hex(run(makeUnit({ thin: true, exponent: 3 }), capacity).bytes.subarray(12, 16))).toBe('0003c000');
  });

  it.each([0, 1, 15, 31, 32])('is cut to an allocation length of %d', (allocation) => {
    const command = run(makeUnit(), [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, allocation, 0, 0]);
    expect(command.outcome).toBe('GOOD');
    expect(command.bytes.length).toBe(allocation);
  });

  it('leaves other service actions of its operation code alone', () => {
    expect(run(makeUnit(), [0x9e, 0x1f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0]).outcome).toContain('CDB byte 1 bit 4');
  });
});

describe('READ DEFECT DATA', () => {
  it('gives empty lists', () => {
    expect(hex(run(makeUnit(), [0x37, 0, 0x1d, 0, 0, 0, 0, 0, 255, 0]).bytes)).toBe('001d0000');
    expect(hex(run(makeUnit(), [0xb7, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0]).bytes)).toBe('000d000000000000');
  });
});

const logSense = (page: number, subpage = 0, pointer = 0) => run(makeUnit(), [0x4d, 0, page, subpage, 0, 0, pointer, 0, 255, 0]);

describe('LOG SENSE', () => {
  it('has the lists of pages and an empty report of exceptions', () => {
    expect(hex(logSense(0x40).bytes)).toBe('00000002002f');
    expect(hex(logSense(0x40, 0xff).bytes)).toBe('40ff0006000000ff2f00');
    expect(hex(logSense(0x6f).bytes)).toBe('2f000008000003040000ff00');
  });

  it('refuses other pages, parameters, and saving', () => {
    expect(logSense(0x4d).outcome).toContain('CDB byte 2 bit 5');
    expect(logSense(0x6f, 1).outcome).toContain('CDB byte 2 bit 5');
    expect(logSense(0x6f, 0, 1).outcome).toContain('CDB byte 5');
    expect(run(makeUnit(), [0x4d, 1, 0x40, 0, 0, 0, 0, 0, 255, 0]).outcome).toContain('CDB byte 1 bit 0');
  });
});

describe('SEND DIAGNOSTIC', () => {
  it('passes the default self-test, and takes neither other tests nor pages', () => {
    expect(run(makeUnit(), [0x1d, 0x04, 0, 0, 0, 0]).outcome).toBe('GOOD');
    expect(run(makeUnit(), [0x1d, 0x24, 0, 0, 0, 0]).outcome).toContain('CDB byte 1 bit 5');
    expect(run(makeUnit(), [0x1d, 0x10, 0, 0, 8, 0], { dataOut: new Uint8Array(8) }).outcome).toContain('CDB byte 3');
  });
});
