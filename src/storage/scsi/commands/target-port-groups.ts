/** REPORT and SET TARGET PORT GROUPS (SPC-5 §6.37, §6.44): asymmetric logical unit access, both implicit and explicit. */
import { addTo } from '../../../base/grouped.ts';
import { be16, be32, putBe16, putBe32 } from '../../../base/bytes.ts';
import { sense } from '../../../wire/scsi/sense.ts';
import type { AccessChange, AccessState } from '../access-states.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { TargetPort } from '../nexus.ts';

/** ASYMMETRIC ACCESS STATE codes. */
const STATE_CODES: Readonly<Record<AccessState, number>> = {
  'active-optimized': 0x0,
  'active-nonoptimized': 0x1,
  standby: 0x2,
  unavailable: 0x3,
  offline: 0xe,
  transitioning: 0xf,
};

/** The states that SET TARGET PORT GROUPS may ask for, by their code. */
const SETTABLE: readonly AccessState[] = ['active-optimized', 'active-nonoptimized', 'standby', 'unavailable'];

/** STATUS CODE of a group: nothing said, or altered by the command, or altered by implicit behaviour. */
const CHANGE_CODES: Readonly<Record<AccessChange, number>> = { none: 0x00, explicit: 0x01, implicit: 0x02 };

/** T_SUP, O_SUP, U_SUP, S_SUP, AN_SUP and AO_SUP: every state but logical block dependent. */
const SUPPORTED_STATES = 0xcf;

const PREF = 0x80;
const EXTENDED_HEADER = 0x20;
const SET_DESCRIPTOR_BYTES = 4;
const SET_HEADER_BYTES = 4;

function groupsOf(ports: readonly TargetPort[]): Map<number, TargetPort[]> {
  const groups = new Map<number, TargetPort[]>();
  for (const port of ports) addTo(groups, port.groupId, port);
  return groups;
}

export function encodeTargetPortGroups(unit: LogicalUnit, extended: boolean): Uint8Array {
  const { ports } = unit.device;
  const groups = groupsOf(ports);
  const header = extended ? 8 : 4;
  const out = new Uint8Array(header + groups.size * 8 + ports.length * 4);
  putBe32(out, 0, out.length - 4);
  if (extended) {
    out[4] = 0x10; // RETURN DATA FORMAT 001b
    out[5] = unit.accessStates.transitionSeconds;
  }
  let at = header;
  for (const [groupId, members] of groups) {
    out[at] = (unit.accessStates.prefers(groupId) ? PREF : 0) | STATE_CODES[unit.accessStates.of(groupId)];
    out[at + 1] = SUPPORTED_STATES;
    putBe16(out, at + 2, groupId);
    out[at + 5] = CHANGE_CODES[unit.accessStates.changeOf(groupId)];
    out[at + 7] = members.length;
    at += 8;
    for (const port of members) {
      putBe16(out, at + 2, port.relativeId);
      at += 4;
    }
  }
  return out;
}

function setTargetPortGroups(unit: LogicalUnit, command: Command): void {
  const length = be32(command.cdb, 6);
  const groups = groupsOf(unit.device.ports);
  // Longer than one descriptor for each group has a duplicate in it, and is bounded here.
  if (length > SET_HEADER_BYTES + groups.size * SET_DESCRIPTOR_BYTES) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
  if (length === 0) return command.good(); // SPC-5 §6.44: no change, and no error
  command.receiveList(length, (list) => {
    const truncated = list.length < length || length < SET_HEADER_BYTES || length % SET_DESCRIPTOR_BYTES !== 0;
    if (truncated) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
    const wanted = new Map<number, AccessState>();
    for (let at = SET_HEADER_BYTES; at < list.length; at += SET_DESCRIPTOR_BYTES) {
      const state = SETTABLE[list[at]! & 0x0f];
      if (state === undefined) return command.invalidListField(at, 3);
      const groupId = be16(list, at + 2);
      if (!groups.has(groupId) || wanted.has(groupId)) return command.invalidListField(at + 2);
      wanted.set(groupId, state);
    }
    let changed = false;
    for (const [groupId, state] of wanted) changed = unit.accessStates.set(groupId, state, 'explicit') || changed;
    // SPC-5 §5.17.2.6: everybody learns of it but the nexus that asked.
    if (changed) unit.attention(sense('UNIT ATTENTION', 'ASYMMETRIC_ACCESS_STATE_CHANGED'), command.link);
    command.good();
  });
}

export const targetPortGroupCommands: readonly CommandDefinition[] = [
  {
    name: 'REPORT TARGET PORT GROUPS',
    operationCode: 0xa3,
    serviceAction: 0x0a,
    usage: [0xa3, 0x0a | EXTENDED_HEADER, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    reservation: 'allowed',
    anyAccessState: true,
    execute: (unit, command) =>
      command.goodWithList(encodeTargetPortGroups(unit, (command.cdb[1]! & EXTENDED_HEADER) !== 0), be32(command.cdb, 6)),
  },
  {
    name: 'SET TARGET PORT GROUPS',
    operationCode: 0xa4,
    serviceAction: 0x0a,
    usage: [0xa4, 0x0a, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00],
    reservation: 'write',
    anyAccessState: true,
    execute: setTargetPortGroups,
  },
];
