/** REPORT SUPPORTED OPERATION CODES (SPC-5 §6.35) and REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS (SPC-5 §6.36). */
import { be16, be32, concat, putBe16, putBe32 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';

/** Return command timeouts descriptors. */
const RCTD = 0x80;
const TIMEOUTS_BYTES = 12;

/** SUPPORT: not supported, or in conformance with a standard. */
const NOT_SUPPORTED = 0x01;
const AS_IN_THE_STANDARD = 0x03;

/** A timeouts descriptor that says nothing about either time (SPC-5 §6.35.4). */
function timeouts(): Uint8Array {
  const out = new Uint8Array(TIMEOUTS_BYTES);
  putBe16(out, 0, TIMEOUTS_BYTES - 2);
  return out;
}

function encodeAll(definitions: readonly CommandDefinition[], withTimeouts: boolean): Uint8Array {
  const descriptors = definitions.flatMap((definition) => {
    const out = new Uint8Array(8);
    out[0] = definition.operationCode;
    putBe16(out, 2, definition.serviceAction ?? 0);
    out[5] = (withTimeouts ? 0x02 : 0) | (definition.serviceAction === undefined ? 0 : 0x01); // CTDP, SERVACTV
    putBe16(out, 6, definition.usage.length);
    return withTimeouts ? [out, timeouts()] : [out];
  });
  const header = new Uint8Array(4);
  putBe32(
    header,
    0,
    descriptors.reduce((sum, descriptor) => sum + descriptor.length, 0),
  );
  return concat([header, ...descriptors]);
}

function encodeOne(definition: CommandDefinition | undefined, withTimeouts: boolean): Uint8Array {
  const header = new Uint8Array(4);
  header[1] = definition === undefined ? NOT_SUPPORTED : AS_IN_THE_STANDARD;
  if (definition === undefined) return header;
  if (withTimeouts) header[1] |= 0x80; // CTDP
  putBe16(header, 2, definition.usage.length);
  return concat([header, Uint8Array.from(definition.usage), ...(withTimeouts ? [timeouts()] : [])]);
}

function reportOperationCodes(supported: readonly CommandDefinition[], command: Command): void {
  const { cdb } = command;
  const withTimeouts = (cdb[2]! & RCTD) !== 0;
  const options = cdb[2]! & 0x07;
  const allocation = be32(cdb, 6);
  if (options === 0) return command.goodWithList(encodeAll(supported, withTimeouts), allocation);
  const ofCode = supported.filter((definition) => definition.operationCode === cdb[3]);
  const hasActions = ofCode.some((definition) => definition.serviceAction !== undefined);
  const action = be16(cdb, 4);
  // SPC-5 table 243: 001b is for commands without service actions, 010b for those with, 011b takes either.
  if (options === 1 && hasActions) return command.invalidCdbField(2, 2);
  if (options === 2 && ofCode.length !== 0 && !hasActions) return command.invalidCdbField(2, 2);
  if (options > 3) return command.invalidCdbField(2, 2);
  const wanted = ofCode.find((definition) => options === 1 || (definition.serviceAction ?? 0) === action);
  command.goodWithList(encodeOne(wanted, withTimeouts), allocation);
}

/** ABORT TASK, ABORT TASK SET, CLEAR TASK SET and LOGICAL UNIT RESET. */
const TASK_MANAGEMENT_FUNCTIONS = 0xd8;
/** Return extended parameter data. */
const REPD = 0x80;

function reportTaskManagement(_unit: LogicalUnit, command: Command): void {
  const extended = (command.cdb[2]! & REPD) !== 0;
  const out = new Uint8Array(extended ? 16 : 4);
  out[0] = TASK_MANAGEMENT_FUNCTIONS;
  out[3] = out.length - 4;
  command.goodWithList(out, be32(command.cdb, 6));
}

/** The commands that tell of all others; the list is asked for late, since they are in it themselves. */
export const reportSupportedCommands = (definitions: () => readonly CommandDefinition[]): readonly CommandDefinition[] => [
  {
    name: 'REPORT SUPPORTED OPERATION CODES',
    operationCode: 0xa3,
    serviceAction: 0x0c,
    usage: [0xa3, 0x0c, RCTD | 0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    reservation: 'read',
    anyAccessState: 'standby',
    execute: (unit, command) =>
      reportOperationCodes(
        definitions().filter((definition) => definition.supports?.(unit) !== false),
        command,
      ),
  },
  {
    name: 'REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS',
    operationCode: 0xa3,
    serviceAction: 0x0d,
    usage: [0xa3, 0x0d, REPD, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    reservation: 'read',
    anyAccessState: 'standby',
    execute: reportTaskManagement,
  },
];
