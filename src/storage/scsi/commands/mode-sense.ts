/** MODE SENSE in its 6 and 10 byte forms (SPC-5 §6.11, §6.12), with the headers and block descriptors that MODE SELECT shares. */
import { be16, concat, putBe16, putBe24, putBe32, putBe64 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { PageControl } from '../mode-pages.ts';

export const ALL_PAGES = 0x3f;
export const ALL_SUBPAGES = 0xff;
/** Disable block descriptors; long LBA accepted. */
const DBD = 0x08;
const LLBAA = 0x10;

/** DEVICE-SPECIFIC PARAMETER of block devices (SBC-4 §6.5.1): WP, and DPOFUA, as both bits are taken by every command that has them. */
const WRITE_PROTECTED = 0x80;
const DPOFUA = 0x10;

const PAGE_CONTROLS: readonly (PageControl | undefined)[] = ['current', 'changeable', 'default', undefined];

/** SBC-4 §6.5.2: eight bytes, or sixteen in the long form; no blocks at all while there is no medium. */
export function encodeBlockDescriptor(unit: LogicalUnit, long: boolean): Uint8Array {
  const blocks = unit.medium === 'ejected' ? 0 : unit.blockCount;
  const out = new Uint8Array(long ? 16 : 8);
  if (long) {
    putBe64(out, 0, blocks);
    putBe32(out, 12, unit.config.blockBytes);
  } else {
    putBe32(out, 0, Math.min(blocks, 0xffff_ffff));
    putBe24(out, 5, unit.config.blockBytes);
  }
  return out;
}

/** The pages asked for, or undefined where there is none of that code. */
function pagesFor(unit: LogicalUnit, code: number, subpage: number, control: PageControl): Uint8Array | undefined {
  // Every page here is subpage 00h; FFh means all there are of it.
  if (subpage !== 0 && subpage !== ALL_SUBPAGES) return undefined;
  if (code !== ALL_PAGES) return unit.modes.page(code, control);
  return concat(unit.modes.codes.map((each) => unit.modes.page(each, control)!));
}

function modeSense(unit: LogicalUnit, command: Command, headerBytes: 4 | 8, allocation: number): void {
  const { cdb } = command;
  const control = PAGE_CONTROLS[cdb[2]! >>> 6];
  // SPC-5 §6.11.5: saved values of pages that can't be saved.
  if (control === undefined) return command.fail('ILLEGAL REQUEST', 'SAVING_PARAMETERS_NOT_SUPPORTED');
  const pages = pagesFor(unit, cdb[2]! & 0x3f, cdb[3]!, control);
  if (pages === undefined) return cdb[3] === 0 || cdb[3] === ALL_SUBPAGES ? command.invalidCdbField(2, 5) : command.invalidCdbField(3);
  const long = headerBytes === 8 && (cdb[1]! & LLBAA) !== 0;
  const descriptor = (cdb[1]! & DBD) === 0 ? encodeBlockDescriptor(unit, long) : new Uint8Array(0);
  const specific = DPOFUA | (unit.writeProtected ? WRITE_PROTECTED : 0);
  const header = new Uint8Array(headerBytes);
  const total = headerBytes + descriptor.length + pages.length;
  if (headerBytes === 4) {
    header[0] = total - 1; // the length field doesn't count itself
    header[2] = specific;
    header[3] = descriptor.length;
  } else {
    putBe16(header, 0, total - 2);
    header[3] = specific;
    header[4] = long ? 0x01 : 0;
    putBe16(header, 6, descriptor.length);
  }
  command.goodWithList(concat([header, descriptor, pages]), allocation);
}

export const modeSenseCommands: readonly CommandDefinition[] = [
  {
    name: 'MODE SENSE(6)',
    operationCode: 0x1a,
    usage: [0x1a, DBD, 0xff, 0xff, 0xff, 0x00],
    reservation: 'read',
    anyAccessState: 'standby',
    execute: (unit, command) => modeSense(unit, command, 4, command.cdb[4]!),
  },
  {
    name: 'MODE SENSE(10)',
    operationCode: 0x5a,
    usage: [0x5a, LLBAA | DBD, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00],
    reservation: 'read',
    anyAccessState: 'standby',
    execute: (unit, command) => modeSense(unit, command, 8, be16(command.cdb, 7)),
  },
];
