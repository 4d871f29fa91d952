/** LOG SENSE (SPC-5 §6.9): the lists of pages, and Informational Exceptions, of which there are none. */
import { be16, putBe16 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

const PAGE_SUPPORTED = 0x00;
const PAGE_INFORMATIONAL_EXCEPTIONS = 0x2f;
const SUBPAGE_SUPPORTED = 0xff;
const SPF = 0x40;

const pageCodes = [PAGE_SUPPORTED, PAGE_INFORMATIONAL_EXCEPTIONS] as const;

/** Log parameter 0000h: no additional sense code to report, temperature unknown; binary list, in the control byte. */
const noExceptions = [0x00, 0x00, 0x03, 0x04, 0x00, 0x00, 0xff, 0x00] as const;

function logPage(code: number, subpage: number): Uint8Array | undefined {
  const make = (content: readonly number[]): Uint8Array => {
    const out = new Uint8Array(4 + content.length);
    out[0] = code | (subpage === 0 ? 0 : SPF);
    out[1] = subpage;
    putBe16(out, 2, content.length);
    out.set(content, 4);
    return out;
  };
  if (code === PAGE_SUPPORTED && subpage === 0) return make(pageCodes);
  if (code === PAGE_SUPPORTED && subpage === SUBPAGE_SUPPORTED) {
    const subpages = [
      [PAGE_SUPPORTED, 0],
      [PAGE_SUPPORTED, SUBPAGE_SUPPORTED],
      [PAGE_INFORMATIONAL_EXCEPTIONS, 0],
    ] as const;
    return make(subpages.flat());
  }
  if (code === PAGE_INFORMATIONAL_EXCEPTIONS && subpage === 0) return make(noExceptions);
  return undefined;
}

function logSense(_unit: LogicalUnit, command: Command): void {
  const { cdb } = command;
  const page = logPage(cdb[2]! & 0x3f, cdb[3]!);
  if (page === undefined) return command.invalidCdbField(2, 5);
  // SPC-5 §6.9: a parameter pointer behind the last parameter is an error; ours all have code 0000h.
  if (be16(cdb, 5) !== 0) return command.invalidCdbField(5);
  command.goodWithList(page, be16(cdb, 7));
}

export const logSenseCommands: readonly CommandDefinition[] = [
  {
    name: 'LOG SENSE',
    operationCode: 0x4d,
    // PAGE CONTROL: threshold and cumulative, current and default are the same here. SP is refused: nothing is saved.
    usage: [0x4d, 0x00, 0xff, 0xff, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00],
    reservation: 'allowed',
    anyAccessState: 'standby',
    execute: logSense,
  },
];
