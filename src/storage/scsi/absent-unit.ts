/** Commands to a LUN that has no logical unit (SPC-5 §6.7.1, §6.33, §6.39; SAM-5 §5.13: incorrect logical unit selection). */
import { be16, be32, putAscii } from '../../base/bytes.ts';
import { sense } from '../../wire/scsi/sense.ts';
import type { Command } from './command.ts';
import { encodeLunList } from './commands/report-luns.ts';
import { encodeSenseFor } from './sense-format.ts';

const INQUIRY = 0x12;
const REPORT_LUNS = 0xa0;
const REQUEST_SENSE = 0x03;
const INQUIRY_BYTES = 36;

/** Peripheral qualifier 011b, device type 1Fh: nothing is or can be here. */
function absentInquiry(): Uint8Array {
  const data = new Uint8Array(INQUIRY_BYTES);
  data[0] = 0x7f;
  data[2] = 0x06;
  data[3] = 0x02;
  data[4] = INQUIRY_BYTES - 5;
  putAscii(data, 8, '', 28);
  return data;
}

export function executeWithoutUnit(luns: readonly number[], command: Command): void {
  const { cdb } = command;
  const notSupported = sense('ILLEGAL REQUEST', 'LOGICAL_UNIT_NOT_SUPPORTED');
  if (cdb[0] === INQUIRY && (cdb[1]! & 0x01) === 0 && cdb[2] === 0) command.goodWithList(absentInquiry(), be16(cdb, 3));
  // REPORT LUNS is answered at LUN 0 whether or not there is a unit.
  else if (cdb[0] === REPORT_LUNS && cdb[2]! <= 0x02) command.goodWithList(encodeLunList(cdb[2] === 0x01 ? [] : luns), be32(cdb, 6));
  else if (cdb[0] === REQUEST_SENSE) command.goodWithList(encodeSenseFor(undefined, notSupported), cdb[4]!);
  else command.checkCondition(notSupported);
}
