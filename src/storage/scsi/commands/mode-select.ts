/** MODE SELECT in its 6 and 10 byte forms (SPC-5 §6.9, §6.10): all of the list is checked before any of it is taken. */
import { be16, be24, be32, be64 } from '../../../base/bytes.ts';
import { sense } from '../../../wire/scsi/sense.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** PAGE FORMAT: the list is made of mode pages. */
const PF = 0x10;
const LONG_LBA = 0x01;
const SPF = 0x40;
const PS = 0x80;

/** More than every page, header and block descriptor together; what a longer list holds beyond it would be refused anyway. */
const LIST_BYTES_MAX = 512;

type Mistake = { readonly type: 'length' } | { readonly type: 'field'; readonly byte: number; readonly bit?: number };
const tooShort: Mistake = { type: 'length' };
const wrongField = (byte: number, bit?: number): Mistake => ({ type: 'field', byte, ...(bit === undefined ? {} : { bit }) });

/** The block descriptor may only say what is so: neither the size nor the length of the blocks can be changed (SBC-4 §6.5.2). */
function checkBlockDescriptor(unit: LogicalUnit, list: Uint8Array, at: number, long: boolean): Mistake | undefined {
  const blocks = long ? be64(list, at) : be32(list, at);
  const blockBytes = long ? be32(list, at + 12) : be24(list, at + 5);
  const same = long ? blocks === unit.blockCount : blocks === Math.min(unit.blockCount, 0xffff_ffff);
  if (blocks !== 0 && !same) return wrongField(at);
  return blockBytes === unit.config.blockBytes ? undefined : wrongField(at + (long ? 12 : 5));
}

/** A page may differ from the current one only where a bit is changeable (SPC-5 §6.9). */
function checkPage(unit: LogicalUnit, list: Uint8Array, at: number): Mistake | undefined {
  const first = list[at]!;
  if ((first & PS) !== 0) return wrongField(at, 7);
  if ((first & SPF) !== 0) return wrongField(at, 6);
  const current = unit.modes.page(first, 'current');
  if (current === undefined) return wrongField(at, 5);
  if (at + 2 > list.length) return tooShort;
  if (list[at + 1] !== current[1]) return wrongField(at + 1);
  if (at + current.length > list.length) return tooShort;
  const changeable = unit.modes.page(first, 'changeable')!;
  for (let index = 2; index < current.length; index += 1) {
    const wrong = (list[at + index]! ^ current[index]!) & ~changeable[index]!;
    if (wrong !== 0) return wrongField(at + index, 31 - Math.clz32(wrong));
  }
  return undefined;
}

/** The pages of a good list, or what is wrong with it. */
function parseList(unit: LogicalUnit, list: Uint8Array, headerBytes: 4 | 8): readonly Uint8Array[] | Mistake {
  if (list.length < headerBytes) return tooShort;
  const descriptorBytes = headerBytes === 4 ? list[3]! : be16(list, 6);
  const long = headerBytes === 8 && (list[4]! & LONG_LBA) !== 0;
  if (descriptorBytes !== 0) {
    if (descriptorBytes !== (long ? 16 : 8)) return wrongField(headerBytes === 4 ? 3 : 6);
    if (headerBytes + descriptorBytes > list.length) return tooShort;
    const mistake = checkBlockDescriptor(unit, list, headerBytes, long);
    if (mistake !== undefined) return mistake;
  }
  const pages: Uint8Array[] = [];
  for (let at = headerBytes + descriptorBytes; at < list.length; ) {
    const mistake = checkPage(unit, list, at);
    if (mistake !== undefined) return mistake;
    const page = list.subarray(at, at + 2 + list[at + 1]!);
    pages.push(page);
    at += page.length;
  }
  return pages;
}

/** Takes checked pages. Switching the write cache off empties it first (SBC-4 §6.5.6), and stays undone where that fails. */
function apply(unit: LogicalUnit, command: Command, pages: readonly Uint8Array[]): void {
  const before = unit.modes.codes.map((code) => unit.modes.page(code, 'current')!);
  const cached = unit.modes.writeCacheEnabled;
  let changed = false;
  for (const page of pages) changed = unit.modes.set(page) || changed;
  const finish = (): void => {
    if (changed) unit.attention(sense('UNIT ATTENTION', 'MODE_PARAMETERS_CHANGED'), command.link);
    command.good();
  };
  if (!cached || unit.modes.writeCacheEnabled) return finish();
  unit.store.flush((error) => {
    if (error === undefined) return finish();
    for (const page of before) unit.modes.set(page);
    unit.failStore(command, error);
  });
}

function modeSelect(unit: LogicalUnit, command: Command, headerBytes: 4 | 8, length: number): void {
  if (length === 0) return command.good(); // SPC-5 §6.9: nothing sent is no error
  if ((command.cdb[1]! & PF) === 0) return command.invalidCdbField(1, 4);
  if (length > LIST_BYTES_MAX) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
  command.receiveList(length, (list) => {
    const parsed = list.length < length ? tooShort : parseList(unit, list, headerBytes);
    if (!('type' in parsed)) return apply(unit, command, parsed);
    if (parsed.type === 'length') return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
    command.invalidListField(parsed.byte, parsed.bit);
  });
}

// SP is zero in the usage maps: no page can be saved.
export const modeSelectCommands: readonly CommandDefinition[] = [
  {
    name: 'MODE SELECT(6)',
    operationCode: 0x15,
    usage: [0x15, PF, 0x00, 0x00, 0xff, 0x00],
    reservation: 'write',
    anyAccessState: 'standby',
    execute: (unit, command) => modeSelect(unit, command, 4, command.cdb[4]!),
  },
  {
    name: 'MODE SELECT(10)',
    operationCode: 0x55,
    usage: [0x55, PF, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00],
    reservation: 'write',
    anyAccessState: 'standby',
    execute: (unit, command) => modeSelect(unit, command, 8, be16(command.cdb, 7)),
  },
];
