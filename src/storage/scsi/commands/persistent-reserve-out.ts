/** PERSISTENT RESERVE OUT (SPC-5 §6.16): from CDB and parameter list to a step of the state, and what follows from it. */
import { be16, be32, DecodeError, hex } from '../../../base/bytes.ts';
import { sense } from '../../../wire/scsi/sense.ts';
import { decodeTransportId } from '../../../wire/scsi/transport-id.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { type Nexus, portPairKey } from '../nexus.ts';
import { FLAGS_BYTE, MOVE_TRANSPORT_ID_BYTE, register, registerAndMove } from '../persistent-register.ts';
import { clear, preempt, release, reserve, type TypedRequest } from '../persistent-reserve.ts';
import { nameOf, type NexusName, type PersistentOutcome, type PersistentState } from '../persistent-state.ts';
import { reservationsNotSaved } from '../reservation-events.ts';
import { reservationTypeOf } from '../reservation-types.ts';

/** SPC-5 §6.16.3: the list without TransportIDs. */
const LIST_BYTES = 24;
/** Room for every registration there can be twice over would be more; a hundred initiator ports in one list are plenty. */
const LIST_BYTES_MAX = 32 * 1024;
const SPEC_I_PT = 0x08;
const ALL_TG_PT = 0x04;
const APTPL = 0x01;
/** UNREG, in byte 17 of the list of REGISTER AND MOVE. */
const UNREG = 0x02;
const MOVE_FLAGS_BYTE = 17;
const TRANSPORT_IDS_BYTE = 28;

type Step = (state: PersistentState) => PersistentOutcome;
/** The step a parameter list asks for; undefined: there was something wrong with it, and the command is finished. */
type Decode = (unit: LogicalUnit, command: Command, list: Uint8Array) => Step | undefined;

const reservationKey = (list: Uint8Array): string => hex(list.subarray(0, 8));
const actionKey = (list: Uint8Array): string => hex(list.subarray(8, 16));

function typedRequest(command: Command, list: Uint8Array): TypedRequest {
  // SCOPE above, TYPE below; 0h, the logical unit, is the one scope there is.
  const type = command.cdb[2]!;
  return { nexus: nameOf(command.link.nexus), key: reservationKey(list), reservationType: reservationTypeOf(type) };
}

/** APTPL is refused where nothing keeps reservations (SPC-5 §6.16.3: PTPL_C is zero). */
function refusesPersisting(unit: LogicalUnit, command: Command, list: Uint8Array, byte: number): boolean {
  if ((list[byte]! & APTPL) === 0 || unit.reservations.canPersist) return false;
  command.invalidListField(byte, 0);
  return true;
}

const atPort = (name: { initiatorPort: string; transportId: Uint8Array }, relativeTargetPortId: number): NexusName => ({
  nexusKey: portPairKey(name.initiatorPort, relativeTargetPortId),
  initiatorPort: name.initiatorPort,
  relativeTargetPortId,
  transportId: name.transportId,
});

function portsMeant(unit: LogicalUnit, nexus: Nexus, allPorts: boolean): readonly number[] {
  return allPorts ? unit.device.ports.map((port) => port.relativeId) : [nexus.targetPort.relativeId];
}

function decodeRegister(ignoresKey: boolean): Decode {
  return (unit, command, list) => {
    const flags = list[FLAGS_BYTE]!;
    const { nexus } = command.link;
    const ports = portsMeant(unit, nexus, (flags & ALL_TG_PT) !== 0);
    // SPC-5 §6.16.3: SPEC_I_PT belongs to REGISTER alone.
    if ((flags & SPEC_I_PT) !== 0 && ignoresKey) return void command.invalidListField(FLAGS_BYTE, 3);
    if (refusesPersisting(unit, command, list, FLAGS_BYTE)) return undefined;
    if ((flags & SPEC_I_PT) === 0 && list.length !== LIST_BYTES) return void lengthError(command);
    const specified = (flags & SPEC_I_PT) === 0 ? undefined : decodeTransportIds(command, list, ports);
    if (specified === 'refused') return undefined;
    const own = nameOf(nexus);
    const request = {
      ignoresKey,
      nexus: own,
      key: reservationKey(list),
      newKey: actionKey(list),
      otherPorts: ports.map((port) => atPort(own, port)).filter((name) => name.nexusKey !== own.nexusKey),
      specified,
      persists: (flags & APTPL) !== 0,
    };
    return (state) => register(state, request);
  };
}

function decodeTransportIds(command: Command, list: Uint8Array, ports: readonly number[]): readonly NexusName[] | 'refused' {
  if (list.length < TRANSPORT_IDS_BYTE || be32(list, LIST_BYTES) !== list.length - TRANSPORT_IDS_BYTE) {
    lengthError(command);
    return 'refused';
  }
  const names: NexusName[] = [];
  for (let at = TRANSPORT_IDS_BYTE; at < list.length; ) {
    const id = transportIdAt(command, list, at);
    if (id === undefined) return 'refused';
    for (const port of ports) names.push(atPort({ initiatorPort: id.initiatorPort, transportId: id.bytes }, port));
    at += id.bytes.length;
  }
  return names;
}

function transportIdAt(command: Command, list: Uint8Array, at: number): ReturnType<typeof decodeTransportId> | undefined {
  try {
    return decodeTransportId(list, at, list.length);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    command.invalidListField(error.offset);
    return undefined;
  }
}

const decodeMove: Decode = (unit, command, list) => {
  if (be32(list, 20) !== list.length - MOVE_TRANSPORT_ID_BYTE) return void lengthError(command);
  if (refusesPersisting(unit, command, list, MOVE_FLAGS_BYTE)) return undefined;
  const port = be16(list, 18);
  // SPC-5 §5.14.8: the target port has to be one of ours.
  if (!unit.device.ports.some((known) => known.relativeId === port)) return void command.invalidListField(18);
  const id = transportIdAt(command, list, MOVE_TRANSPORT_ID_BYTE);
  if (id === undefined) return undefined;
  if (id.bytes.length !== list.length - MOVE_TRANSPORT_ID_BYTE) return void command.invalidListField(20);
  const flags = list[MOVE_FLAGS_BYTE]!;
  const request = {
    nexus: nameOf(command.link.nexus),
    key: reservationKey(list),
    newKey: actionKey(list),
    unregisters: (flags & UNREG) !== 0,
    destination: atPort({ initiatorPort: id.initiatorPort, transportId: id.bytes }, port),
    persists: (flags & APTPL) !== 0,
  };
  return (state) => registerAndMove(state, request);
};

function decodePreempt(aborts: boolean): Decode {
  return (_, command, list) => {
    const request = { ...typedRequest(command, list), victimKey: actionKey(list), aborts };
    return (state) => preempt(state, request);
  };
}

const lengthError = (command: Command): void => command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');

function execute(unit: LogicalUnit, command: Command, decode: Decode, longLists: boolean): void {
  // SPC-2 §5.5.1: in the presence of a RESERVE this conflicts whoever asks.
  if (unit.reservations.legacyReserved) return command.reservationConflict();
  const lengthBytes = be32(command.cdb, 5);
  // SPC-5 §6.16.2: 24 unless TransportIDs follow.
  if (lengthBytes < LIST_BYTES || lengthBytes > (longLists ? LIST_BYTES_MAX : LIST_BYTES)) return lengthError(command);
  command.receiveList(lengthBytes, (list) => {
    if (list.length < lengthBytes) return lengthError(command);
    const step = decode(unit, command, list);
    if (step === undefined) return;
    unit.reservations.update(
      // Aborted while it waited for its turn: it changes nothing, and its answer goes nowhere.
      (state) => (command.aborted ? { type: 'conflict' } : step(state)),
      (outcome) => finish(unit, command, outcome),
    );
  });
}

function finish(unit: LogicalUnit, command: Command, outcome: PersistentOutcome): void {
  if (outcome.type === 'conflict') return command.reservationConflict();
  if (outcome.type === 'refused') {
    return command.fail('ILLEGAL REQUEST', outcome.code, outcome.field === undefined ? {} : { field: outcome.field });
  }
  if (outcome.type === 'not-saved') {
    reservationsNotSaved(unit.events, unit.path, { reason: outcome.reason });
    return command.fail('HARDWARE ERROR', 'INTERNAL_TARGET_FAILURE');
  }
  // A nexus that is not known now learns of the power on instead, when it comes.
  for (const { nexusKey, code } of outcome.attentions) unit.links.get(nexusKey)?.attention(sense('UNIT ATTENTION', code));
  if (outcome.aborted.length === 0) command.good();
  else abortCommands(unit, command, outcome.aborted);
}

/** PREEMPT AND ABORT (SPC-5 §5.14.11.5): GOOD once no command of the preempted nexuses touches the medium any more. */
function abortCommands(unit: LogicalUnit, command: Command, nexusKeys: readonly string[]): void {
  const links = nexusKeys.flatMap((key) => unit.links.get(key) ?? []);
  const victims = links.flatMap((link) => unit.tasks.commands(link)).filter((victim) => victim !== command);
  for (const link of links) {
    // As if PREVENT ALLOW MEDIUM REMOVAL had come from it with a PREVENT of zero.
    link.preventsRemoval = false;
    // SAM-5 §5.6: TAS is zero, so the initiator learns by a unit attention that its commands are gone.
    if (link !== command.link && victims.some((victim) => victim.link === link))
      link.attention(sense('UNIT ATTENTION', 'COMMANDS_CLEARED_BY_ANOTHER_INITIATOR'));
  }
  unit.tasks.abort(victims, () => command.good());
}

const definition = (name: string, serviceAction: number, decode: Decode, longLists = false): CommandDefinition => ({
  name: `PERSISTENT RESERVE OUT (${name})`,
  operationCode: 0x5f,
  serviceAction,
  usage: [0x5f, serviceAction, 0xff, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x04],
  reservation: 'allowed',
  // SPC-5 §5.17.2.4.4: reservations are managed through a standby port too.
  anyAccessState: 'standby',
  execute: (unit, command) => execute(unit, command, decode, longLists),
});

export const persistentReserveOutCommands: readonly CommandDefinition[] = [
  definition('REGISTER', 0x00, decodeRegister(false), true),
  definition('RESERVE', 0x01, (_, command, list) => {
    const request = typedRequest(command, list);
    return (state) => reserve(state, request);
  }),
  definition('RELEASE', 0x02, (_, command, list) => {
    const request = typedRequest(command, list);
    return (state) => release(state, request);
  }),
  definition('CLEAR', 0x03, (_, command, list) => {
    const request = typedRequest(command, list);
    return (state) => clear(state, request);
  }),
  definition('PREEMPT', 0x04, decodePreempt(false)),
  definition('PREEMPT AND ABORT', 0x05, decodePreempt(true)),
  definition('REGISTER AND IGNORE EXISTING KEY', 0x06, decodeRegister(true)),
  definition('REGISTER AND MOVE', 0x07, decodeMove, true),
];
