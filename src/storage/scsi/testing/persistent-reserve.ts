/** PERSISTENT RESERVE commands for tests: initiators with real TransportIDs, keys as small numbers, and what is there as plain data. */
import { be16, be32, be64, putBe16, putBe32, putBe64 } from '../../../base/bytes.ts';
import { describeSense } from '../../../wire/scsi/sense.ts';
import { encodeIscsiTransportId } from '../../../wire/scsi/transport-id.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { UnitNexus } from '../unit-nexus.ts';
import { run, type TestCommand, testPorts } from './test-command.ts';

export const ACTIONS = {
  register: 0x00,
  reserve: 0x01,
  release: 0x02,
  clear: 0x03,
  preempt: 0x04,
  preemptAndAbort: 0x05,
  registerAndIgnore: 0x06,
  registerAndMove: 0x07,
} as const;

export const portName = (initiator: string): string => `iqn.2026-01.net.example:${initiator},i,0x00023d000001`;

/** The nexus of an initiator at the first or second target port, its power-on attention taken. */
export function nexusOf(unit: LogicalUnit, initiator: string, port = 0): UnitNexus {
  const known = unit.links.size;
  const link = unit.link({
    initiatorPort: portName(initiator),
    initiatorName: `iqn.2026-01.net.example:${initiator}`,
    transportId: encodeIscsiTransportId(portName(initiator)),
    targetPort: testPorts[port]!,
  });
  if (unit.links.size !== known) takeAttentions(link);
  return link;
}

/** The unit attention conditions pending, in words, which clears them. */
export function takeAttentions(link: UnitNexus): string[] {
  const out: string[] = [];
  while (link.hasAttention) out.push(describeSense(link.takeAttention()!).replace(/^UNIT ATTENTION: (.*) \(.*$/, '$1'));
  return out;
}

export interface OutFields {
  readonly key?: number;
  readonly newKey?: number;
  /** SCOPE and TYPE. */
  readonly type?: number;
  /** SPEC_I_PT 08h, ALL_TG_PT 04h, APTPL 01h. */
  readonly flags?: number;
  /** SPEC_I_PT: the list of TransportIDs. */
  readonly transportIds?: readonly Uint8Array[];
  /** Length in the CDB, if it is to be wrong. */
  readonly listBytes?: number;
}

export function reserveOut(unit: LogicalUnit, link: UnitNexus, action: number, fields: OutFields = {}): TestCommand {
  const ids = fields.transportIds ?? [];
  const idBytes = ids.reduce((sum, id) => sum + id.length, 0);
  const list = new Uint8Array(fields.transportIds === undefined ? 24 : 28 + idBytes);
  putBe64(list, 0, fields.key ?? 0);
  putBe64(list, 8, fields.newKey ?? 0);
  list[20] = fields.flags ?? 0;
  if (fields.transportIds !== undefined) putBe32(list, 24, idBytes);
  let at = 28;
  for (const id of ids) {
    list.set(id, at);
    at += id.length;
  }
  return send(unit, link, action, fields.type ?? 0, list, fields.listBytes);
}

export interface MoveFields {
  readonly key: number;
  readonly newKey: number;
  /** UNREG 02h, APTPL 01h. */
  readonly flags?: number;
  readonly relativePort?: number;
  readonly transportId: Uint8Array;
}

export function reserveMove(unit: LogicalUnit, link: UnitNexus, fields: MoveFields): TestCommand {
  const list = new Uint8Array(24 + fields.transportId.length);
  putBe64(list, 0, fields.key);
  putBe64(list, 8, fields.newKey);
  list[17] = fields.flags ?? 0;
  putBe16(list, 18, fields.relativePort ?? 1);
  putBe32(list, 20, fields.transportId.length);
  list.set(fields.transportId, 24);
  return send(unit, link, ACTIONS.registerAndMove, 0, list);
}

function send(unit: LogicalUnit, link: UnitNexus, action: number, type: number, list: Uint8Array, listBytes = list.length): TestCommand {
  const cdb = new Uint8Array(10);
  cdb[0] = 0x5f;
  cdb[1] = action;
  cdb[2] = type;
  putBe32(cdb, 5, listBytes);
  return run(unit, cdb, { link, dataOut: list });
}

export function reserveIn(unit: LogicalUnit, link: UnitNexus, action: number, allocationBytes = 0xffff): Uint8Array {
  const command = run(unit, [0x5e, action, 0, 0, 0, 0, 0, allocationBytes >>> 8, allocationBytes & 0xff, 0], { link });
  if (command.outcome !== 'GOOD') throw new Error(command.outcome);
  return command.bytes;
}

/** READ KEYS. */
export function readKeys(unit: LogicalUnit, link: UnitNexus): { readonly generation: number; readonly keys: readonly number[] } {
  const bytes = reserveIn(unit, link, 0x00);
  const keys: number[] = [];
  for (let at = 8; at < bytes.length; at += 8) keys.push(be64(bytes, at));
  return { generation: be32(bytes, 0), keys };
}

/** READ RESERVATION: key and type. */
export function readReservation(unit: LogicalUnit, link: UnitNexus): { readonly key: number; readonly type: number } | undefined {
  const bytes = reserveIn(unit, link, 0x01);
  return be32(bytes, 4) === 0 ? undefined : { key: be64(bytes, 8), type: bytes[21]! };
}

export interface FullStatus {
  readonly key: number;
  readonly holder: boolean;
  readonly type: number;
  readonly relativePort: number;
  readonly transportId: Uint8Array;
}

/** READ FULL STATUS. */
export function readFullStatus(unit: LogicalUnit, link: UnitNexus): readonly FullStatus[] {
  const bytes = reserveIn(unit, link, 0x03);
  const out: FullStatus[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = be32(bytes, at + 20);
    out.push({
      key: be64(bytes, at),
      holder: (bytes[at + 12]! & 0x01) !== 0,
      type: bytes[at + 13]!,
      relativePort: be16(bytes, at + 18),
      transportId: bytes.slice(at + 24, at + 24 + length),
    });
    at += 24 + length;
  }
  return out;
}
