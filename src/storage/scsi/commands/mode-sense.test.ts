import { describe, expect, it } from 'vitest';
import { be16, be32, be64, fromHex, hex } from '../../../base/bytes.ts';
import { makeUnit, run } from '../testing/test-command.ts';

const CURRENT = 0x00;
const CHANGEABLE = 0x40;
const DEFAULT = 0x80;
const SAVED = 0xc0;

describe('MODE SENSE(6)', () => {
  it('gives all pages in ascending order behind header and block descriptor', () => {
    const { bytes } = run(makeUnit(), [0x1a, 0, CURRENT | 0x3f, 0, 255, 0]);
    expect(bytes[0]).toBe(bytes.length - 1);
    expect(bytes[2]).toBe(0x10); // DPOFUA
    expect(bytes[3]).toBe(8);
    expect(be32(bytes, 4)).toBe(2048);
    expect(be32(bytes, 8)).toBe(512);
    const codes: number[] = [];
    let at = 12;
    for (; at < bytes.length; at += 2 + bytes[at + 1]!) codes.push(bytes[at]!);
    expect(at).toBe(bytes.length);
    expect(codes).toEqual([0x01, 0x02, 0x08, 0x0a, 0x1c]);
  });

  it('leaves the block descriptor out with DBD', () => {
    const { bytes } = run(makeUnit(), [0x1a, 8, 0x0a, 0, 255, 0]);
    expect(bytes).toEqual(fromHex('0f001000 0a0a02000000 0000 012c 0000'));
  });

  it('says WP of a read-only unit', () => {
    expect(run(makeUnit({ readOnly: true }), [0x1a, 8, 0x3f, 0, 255, 0]).bytes[2]).toBe(0x90);
  });

  it('gives the same pages for subpage FFh, and refuses other subpages and pages', () => {
    const unit = makeUnit();
    expect(run(unit, [0x1a, 0, 0x3f, 0xff, 255, 0]).bytes).toEqual(run(unit, [0x1a, 0, 0x3f, 0, 255, 0]).bytes);
    expect(run(unit, [0x1a, 0, 0x0a, 0xff, 255, 0]).bytes).toEqual(run(unit, [0x1a, 0, 0x0a, 0, 255, 0]).bytes);
    expect(run(unit, [0x1a, 0, 0x0a, 0x01, 255, 0]).outcome).toContain('CDB byte 3');
    expect(run(unit, [0x1a, 0, 0x07, 0x00, 255, 0]).outcome).toContain('CDB byte 2 bit 5');
  });

  it('tells changeable fields, and has nothing saved', () => {
    const unit = makeUnit({ writeBack: true });
    expect(hex(run(unit, [0x1a, 8, CHANGEABLE | 0x0a, 0, 255, 0]).bytes.subarray(4))).toBe('0a0a04000800000000000000');
    expect(run(unit, [0x1a, 8, CHANGEABLE | 0x08, 0, 255, 0]).bytes[6]).toBe(0x04);
    expect(run(unit, [0x1a, 8, DEFAULT | 0x08, 0, 255, 0]).bytes[6]).toBe(0x04);
    expect(run(unit, [0x1a, 8, SAVED | 0x08, 0, 255, 0]).outcome).toContain('saving parameters not supported (39h/00h)');
  });

  it('has no write cache to change on a store that writes through', () => {
    const unit = makeUnit();
    expect(run(unit, [0x1a, 8, CURRENT | 0x08, 0, 255, 0]).bytes[6]).toBe(0);
    expect(run(unit, [0x1a, 8, CHANGEABLE | 0x08, 0, 255, 0]).bytes[6]).toBe(0);
  });

  it('is cut to the allocation length without an error', () => {
    const { bytes, outcome } = run(makeUnit(), [0x1a, 0, 0x3f, 0, 4, 0]);
    expect(outcome).toBe('GOOD');
    expect(bytes.length).toBe(4);
    expect(bytes[0]).toBeGreaterThan(4);
  });
});

describe('MODE SENSE(10)', () => {
  it('has the long block descriptor with LLBAA', () => {
    const { bytes } = run(makeUnit({ blockBytes: 4096 }), [0x5a, 0x10, 0x3f, 0, 0, 0, 0, 4, 0, 0]);
    expect(be16(bytes, 0)).toBe(bytes.length - 2);
    expect(bytes[3]).toBe(0x10);
    expect(bytes[4]).toBe(1);
    expect(be16(bytes, 6)).toBe(16);
    expect(be64(bytes, 8)).toBe(2048);
    expect(be32(bytes, 20)).toBe(4096);
    expect(bytes[24]).toBe(0x01);
  });

  it('has the short one without', () => {
    const { bytes } = run(makeUnit(), [0x5a, 0, 0x08, 0, 0, 0, 0, 4, 0, 0]);
    expect(bytes[4]).toBe(0);
    expect(be16(bytes, 6)).toBe(8);
    expect(bytes[16]).toBe(0x08);
  });
});
