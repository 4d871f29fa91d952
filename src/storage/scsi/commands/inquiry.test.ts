import { describe, expect, it } from 'vitest';
import { be16, be32, hex, latin1, utf8Text } from '../../../base/bytes.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { linkOf, makeUnit, run, testNexus, testPorts } from '../testing/test-command.ts';

const inquiry = (unit: LogicalUnit, page?: number, allocation = 0xffff) =>
  run(unit, [0x12, page === undefined ? 0 : 1, page ?? 0, allocation >>> 8, allocation & 0xff, 0]);

describe('standard INQUIRY', () => {
  it('describes the unit', () => {
    const { bytes } = inquiry(makeUnit());
    expect(bytes.length).toBe(96);
    expect(hex(bytes.subarray(0, 8))).toBe('000006125b381002');
    expect(latin1(bytes, 8, 36)).toBe('EXAMPLE TEST DISK       0001');
    expect(Array.from({ length: 8 }, (_, index) => be16(bytes, 58 + index * 2).toString(16))).toEqual([
      'a0',
      '460',
      '5c0',
      '4c0',
      '600',
      '960',
      '0',
      '0',
    ]);
  });

  it('says RMB of a removable unit, and MULTIP only with several ports', () => {
    expect(inquiry(makeUnit({ removable: true })).bytes[1]).toBe(0x80);
    expect(inquiry(makeUnit({ ports: [testPorts[0]!] })).bytes[6]).toBe(0);
  });

  it('is cut to the allocation length', () => {
    const unit = makeUnit();
    const whole = inquiry(unit).bytes;
    for (const length of [0, 5, 36, 95, 96, 97, 512]) {
      expect(inquiry(unit, undefined, length).bytes).toEqual(whole.subarray(0, Math.min(length, 96)));
    }
  });

  it('refuses a page code without EVPD', () => {
    expect(run(makeUnit(), [0x12, 0, 0x80, 0, 255, 0]).outcome).toBe(
      'CHECK CONDITION ILLEGAL REQUEST: invalid field in CDB (24h/00h), CDB byte 2',
    );
  });

  it('leaves a unit attention pending', () => {
    const unit = makeUnit();
    const link = unit.link(testNexus('b'));
    expect(run(unit, [0x12, 0, 0, 0, 96, 0], { link }).outcome).toBe('GOOD');
    expect(link.hasAttention).toBe(true);
  });
});

describe('vital product data', () => {
  it('lists in ascending order the pages there are, and refuses others', () => {
    const thick = inquiry(makeUnit(), 0x00).bytes;
    expect(hex(thick)).toBe('00000007008083868fb0b1');
    const unit = makeUnit({ thin: true });
    const list = inquiry(unit, 0x00).bytes;
    expect(hex(list)).toBe('00000008008083868fb0b1b2');
    for (let code = 0; code < 256; code += 1) {
      const answer = inquiry(unit, code);
      if (list.subarray(4).includes(code)) {
        expect(answer.bytes[1]).toBe(code);
        expect(be16(answer.bytes, 2)).toBe(answer.bytes.length - 4);
      } else expect(answer.outcome).toContain('invalid field in CDB');
    }
    expect(inquiry(makeUnit(), 0xb2).outcome).toContain('invalid field in CDB');
  });

  it('80h is the serial number', () => {
    expect(latin1(inquiry(makeUnit(), 0x80).bytes, 4)).toBe('TEST00000000');
  });

  it('83h names the unit, the port and the device', () => {
    const unit = makeUnit();
    const { bytes } = run(unit, [0x12, 1, 0x83, 0x10, 0, 0], { link: linkOf(unit, 'a', testPorts[1]) });
    const designators: string[] = [];
    for (let at = 4; at < bytes.length; at += 4 + bytes[at + 3]!) {
      const identifier = bytes.subarray(at + 4, at + 4 + bytes[at + 3]!);
      const text = (bytes[at]! & 0x0f) === 1 ? hex(identifier) : utf8Text(identifier);
      designators.push(`${hex(bytes.subarray(at, at + 2))} ${text}`);
    }
    expect(designators).toEqual([
      `0103 ${hex(unit.config.identity.naa)}`,
      '0201 EXAMPLE TEST DISK       TEST00000000',
      '5194 00000002',
      '5195 00000002',
      `5398 ${testPorts[1]!.name}${'\0'.repeat(4 - (testPorts[1]!.name.length % 4))}`,
      `53a8 ${unit.device.name}${'\0'.repeat(4 - (unit.device.name.length % 4))}`,
    ]);
  });

  it('86h tells of a volatile cache only where there is one', () => {
    expect(inquiry(makeUnit(), 0x86).bytes.length).toBe(64);
    expect(inquiry(makeUnit(), 0x86).bytes[6]).toBe(0);
    expect(inquiry(makeUnit({ writeBack: true }), 0x86).bytes[6]).toBe(1);
  });

  it('8Fh is a chain of descriptors of four-byte multiples', () => {
    const { bytes } = inquiry(makeUnit(), 0x8f);
    const types: string[] = [];
    let at = 4;
    for (; at < bytes.length; at += 4 + be16(bytes, at + 2)) {
      types.push(be16(bytes, at).toString(16));
      expect(be16(bytes, at + 2) % 4).toBe(0);
    }
    expect(at).toBe(bytes.length);
    expect(types).toEqual(['1', '4', '8', '8001']);
    expect(hex(bytes.subarray(8, 20))).toBe('088301008403000304000000');
  });

  it('B0h has the limits of a thick unit', () => {
    const { bytes } = inquiry(makeUnit(), 0xb0);
    expect(bytes.length).toBe(64);
    expect(bytes[5]).toBe(255);
    expect(be16(bytes, 6)).toBe(1);
    expect(be32(bytes, 8)).toBe(32768);
    expect(hex(bytes.subarray(20, 36))).toBe('00'.repeat(16));
    expect(be32(bytes, 40)).toBe(0x8000);
    expect(be32(bytes, 44)).toBeLessThanOrEqual(be32(bytes, 8));
    expect(hex(bytes.subarray(48, 64))).toBe('00'.repeat(16));
  });

  it('B0h has those of unmapping on a thin one, and of atomic writes in physical blocks', () => {
    const { bytes } = inquiry(makeUnit({ thin: true, exponent: 3 }), 0xb0);
    expect(be16(bytes, 6)).toBe(8);
    expect(be32(bytes, 20)).toBe(0x10_0000);
    expect(be32(bytes, 24)).toBe(256);
    expect(be32(bytes, 28)).toBe(8);
    expect(be32(bytes, 32)).toBe(0x8000_0000);
    expect(be32(bytes, 48)).toBe(8);
    expect(be32(bytes, 52)).toBe(8);
  });

  it('B0h never lets an atomic write be longer than a transfer', () => {
    const { bytes } = inquiry(makeUnit({ blockBytes: 4096 }), 0xb0);
    expect(be32(bytes, 44)).toBeLessThanOrEqual(be32(bytes, 8));
  });

  it('B1h and B2h', () => {
    expect(hex(inquiry(makeUnit(), 0xb1).bytes.subarray(0, 9))).toBe('00b1003c0001000003');
    expect(hex(inquiry(makeUnit({ thin: true }), 0xb2).bytes)).toBe('00b2000400e40200');
  });
});
