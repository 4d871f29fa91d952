/** REPORT LUNS (SPC-5 §6.33) and the 8-byte form of a LUN (SAM-5 §4.7). */
import { be32, putBe16, putBe32 } from '../../../base/bytes.ts';
import { ADDITIONAL_SENSE } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** The largest LUN that flat space addressing holds. */
export const LUN_MAX = 0x3fff;

/** SAM-5 §4.7.7: peripheral device addressing below 256, flat space addressing from there on. */
export const lunPrefix = (lun: number): number => (lun < 256 ? lun : 0x4000 | lun);

export function encodeLunList(luns: readonly number[]): Uint8Array {
  const out = new Uint8Array(8 + luns.length * 8);
  putBe32(out, 0, luns.length * 8);
  for (const [index, lun] of luns.entries()) putBe16(out, 8 + index * 8, lunPrefix(lun));
  return out;
}

/** SELECT REPORT: 00h without well known logical units, 01h only those, of which there are none, 02h all. */
function reportLuns(unit: LogicalUnit, command: Command): void {
  const select = command.cdb[2]!;
  if (select > 0x02) return command.invalidCdbField(2);
  const { units } = unit.device;
  const luns = select === 0x01 ? [] : [...units.keys()].sort((a, b) => a - b);
  // SPC-5 §6.33: who has read the inventory need not be told that it changed, by any of the units.
  for (const other of units.values()) other.links.get(command.link.key)?.clearAttention(ADDITIONAL_SENSE.REPORTED_LUNS_CHANGED[0]);
  command.goodWithList(encodeLunList(luns), be32(command.cdb, 6));
}

export const reportLunsCommands: readonly CommandDefinition[] = [
  {
    name: 'REPORT LUNS',
    operationCode: 0xa0,
    usage: [0xa0, 0x00, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    reservation: 'allowed',
    ignoresUnitAttention: true,
    anyAccessState: true,
    execute: reportLuns,
  },
];
