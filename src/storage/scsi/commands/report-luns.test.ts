import { describe, expect, it } from 'vitest';
import { hex } from '../../../base/bytes.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { TargetDevice } from '../target-device.ts';
import { linkOf, makeUnit, run, testPorts } from '../testing/test-command.ts';

const reportLuns = (unit: LogicalUnit, select = 0, allocation = 255) => run(unit, [0xa0, 0, select, 0, 0, 0, 0, 0, 0, allocation, 0, 0]);

describe('REPORT LUNS', () => {
  const device = new TargetDevice('iqn.2026-01.net.example:disk', testPorts);
  const unit = makeUnit({ device, lun: 256 });
  makeUnit({ device, lun: 3 });
  makeUnit({ device, lun: 0x3fff });

  it('lists the LUNs in order, with flat space addressing from 256', () => {
    const luns = ['0003000000000000', '4100000000000000', '7fff000000000000'];
    expect(hex(reportLuns(unit).bytes)).toBe(`0000001800000000${luns.join('')}`);
    expect(reportLuns(unit, 2).bytes).toEqual(reportLuns(unit).bytes);
    expect(hex(reportLuns(unit, 0, 8).bytes)).toBe('0000001800000000');
  });

  it('has no well known logical units, and refuses other selections', () => {
    expect(hex(reportLuns(unit, 1).bytes)).toBe('0000000000000000');
    expect(reportLuns(unit, 3).outcome).toContain('CDB byte 2');
    expect(reportLuns(unit, 0x11).outcome).toContain('CDB byte 2');
  });

  it('clears what told of a changed inventory, at every unit, and nothing else', () => {
    const first = makeUnit();
    const links = [linkOf(first)];
    const second = makeUnit({ device: first.device as TargetDevice });
    links.push(linkOf(second));
    makeUnit({ device: first.device as TargetDevice });
    first.setAccessState(2, 'standby');
    expect(links.map((link) => link.hasAttention)).toEqual([true, true]);
    reportLuns(first);
    expect(links.map((link) => link.hasAttention)).toEqual([true, false]);
    expect(run(first, [0, 0, 0, 0, 0, 0]).outcome).toContain('asymmetric access state changed');
  });
});
