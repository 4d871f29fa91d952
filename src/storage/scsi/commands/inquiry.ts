/** INQUIRY (SPC-5 §6.7): the standard data, and the vital product data pages in `vpd/`. */
import { be16, putAscii, putBe16 } from '../../../base/bytes.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { Nexus } from '../nexus.ts';
import { vpdPage } from './vpd/pages.ts';

const STANDARD_BYTES = 96;
const EVPD = 0x01;

/**
 * VERSION 06h, SPC-4, although the commands follow SPC-5: initiators that check the field (libiscsi's tests are one) know 04h to 06h,
 * and nothing that 07h would promise is left out. The version descriptors tell the rest.
 */
const VERSION_SPC_4 = 0x06;

/** Version descriptors (SPC-5 table 144), none claiming a revision: SAM-5, SPC-4, SPC-5, SBC-3, SBC-4. */
const VERSIONS = [0x00a0, 0x0460, 0x05c0, 0x04c0, 0x0600] as const;

/** The transport's own version descriptor by PROTOCOL IDENTIFIER (SPC-5 table 467): FCP-4, SRP, iSCSI. */
const TRANSPORT_VERSIONS: Readonly<Record<number, number>> = { 0x0: 0x0a40, 0x4: 0x0940, 0x5: 0x0960 };

export function encodeStandardInquiry(unit: LogicalUnit, nexus: Nexus): Uint8Array {
  const { identity, removable } = unit.config;
  const out = new Uint8Array(STANDARD_BYTES);
  // SPC-4 §5.16.2.4.5: PERIPHERAL QUALIFIER 001b, not accessible through this port for now.
  if (unit.accessStates.of(nexus.targetPort.groupId) === 'unavailable') out[0] = 0x20;
  out[1] = removable ? 0x80 : 0; // RMB
  out[2] = VERSION_SPC_4;
  out[3] = 0x12; // HISUP, RESPONSE DATA FORMAT 2
  out[4] = STANDARD_BYTES - 5;
  out[5] = 0x38; // TPGS: implicit and explicit; 3PC
  out[6] = unit.device.ports.length > 1 ? 0x10 : 0; // MULTIP
  out[7] = 0x02; // CMDQUE
  putAscii(out, 8, identity.vendor, 8);
  putAscii(out, 16, identity.product, 16);
  putAscii(out, 32, identity.revision, 4);
  const transport = TRANSPORT_VERSIONS[nexus.transportId[0]! & 0x0f];
  for (const [index, version] of [...VERSIONS, ...(transport === undefined ? [] : [transport])].entries()) {
    putBe16(out, 58 + index * 2, version);
  }
  return out;
}

function inquiry(unit: LogicalUnit, command: Command): void {
  const { cdb } = command;
  const allocation = be16(cdb, 3);
  const { nexus } = command.link;
  if ((cdb[1]! & EVPD) === 0) {
    // SPC-5 §6.7.1: a page code is meaningless without EVPD.
    if (cdb[2] !== 0) return command.invalidCdbField(2);
    return command.goodWithList(encodeStandardInquiry(unit, nexus), allocation);
  }
  const page = vpdPage(unit, nexus, cdb[2]!);
  if (page === undefined) return command.invalidCdbField(2);
  command.goodWithList(page, allocation);
}

export const inquiryCommands: readonly CommandDefinition[] = [
  {
    name: 'INQUIRY',
    operationCode: 0x12,
    usage: [0x12, EVPD, 0xff, 0xff, 0xff, 0x00],
    reservation: 'allowed',
    ignoresUnitAttention: true,
    anyAccessState: true,
    execute: inquiry,
  },
];
