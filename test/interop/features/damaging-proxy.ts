/** A TCP proxy that knows where iSCSI PDUs end (RFC 7143 §11.2), and damages the data of some, so that its digest is wrong. Digests are on. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import {
  additionalHeadersBytes,
  BASIC_HEADER_BYTES,
  DATA_IN,
  DATA_OUT,
  dataSegmentBytes,
  DIGEST_BYTES,
  isFinal,
  LOGIN_RESPONSE,
  opcodeName,
  opcodeOf,
  padded,
  REJECT,
  SNACK_REQUEST,
} from '../../../src/wire/iscsi/basic-header.ts';
import { decodeLoginResponse, FULL_FEATURE_PHASE } from '../../../src/wire/iscsi/login.ts';

export interface DamagingProxy {
  readonly port: number;
  /** The next so many PDUs with enough data are damaged, every other one. */
  readonly damage: (count: number) => void;
  readonly damaged: () => number;
  /** How the target took it, where it does not recover: what it answered a SNACK with, or that it went; undefined: neither. */
  readonly refusal: () => string | undefined;
  readonly close: () => void;
}

/** Shorter data is let through: logins, sense, parameters. */
const DAMAGED_BYTES_MIN = 4096;

/** `last`: of Data-In only those that end their sequence, so that nothing tells of a gap; otherwise only those that others follow. */
export async function startDamagingProxy(portal: string, towards: 'initiator' | 'target', last = false): Promise<DamagingProxy> {
  const colon = portal.lastIndexOf(':');
  const upstream = { host: portal.slice(0, colon), port: Number(portal.slice(colon + 1)) };
  const sockets = new Set<Socket>();
  let left = 0;
  let damaged = 0;
  let turn = 0;
  let refusal: string | undefined;
  const wanted = (pdu: Buffer): boolean => {
    const opcode = opcodeOf(pdu, 0);
    if (left === 0 || dataSegmentBytes(pdu, 0) < DAMAGED_BYTES_MIN || (opcode !== DATA_IN && opcode !== DATA_OUT)) return false;
    if (opcode === DATA_IN && isFinal(pdu, 0) !== last) return false;
    turn += 1;
    return turn % 2 === 0;
  };
  const server = createServer((client) => {
    const remote = connect(upstream);
    let isFull = false;
    let lastToTarget = -1;
    // Whoever ends first, it was that one.
    const gone = (): void => {
      if (damaged !== 0 && !client.destroyed && !client.readableEnded)
        refusal ??= `closes the connection after a ${opcodeName(lastToTarget)}`;
    };
    remote.once('end', gone).once('error', gone);
    for (const [from, to, direction] of [
      [client, remote, 'target'],
      [remote, client, 'initiator'],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      let held = Buffer.alloc(0);
      from.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        for (let bytes = pduBytes(held, isFull); bytes !== undefined && bytes <= held.length; bytes = pduBytes(held, isFull)) {
          const pdu = Buffer.from(held.subarray(0, bytes));
          held = held.subarray(bytes);
          if (direction === towards && wanted(pdu)) {
            left -= 1;
            damaged += 1;
            // In the middle of the data.
            pdu[bytes - 2048]! ^= 0x10;
          }
          const opcode = opcodeOf(pdu, 0);
          if (opcode === LOGIN_RESPONSE) isFull = endsLogin(pdu);
          if (direction === 'target') lastToTarget = opcode;
          else if (opcode === REJECT && lastToTarget === SNACK_REQUEST) refusal ??= 'rejects a SNACK';
          to.write(pdu);
        }
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    damage: (count) => (left = count),
    damaged: () => damaged,
    refusal: () => refusal,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Of the PDU at the start; undefined: its header is not whole. */
function pduBytes(held: Buffer, isFull: boolean): number | undefined {
  if (held.length < BASIC_HEADER_BYTES) return undefined;
  const digest = isFull ? DIGEST_BYTES : 0;
  const data = dataSegmentBytes(held, 0);
  return BASIC_HEADER_BYTES + additionalHeadersBytes(held, 0) + digest + (data === 0 ? 0 : padded(data) + digest);
}

function endsLogin(pdu: Buffer): boolean {
  const { transit, nextStage, statusClass } = decodeLoginResponse(pdu, 0);
  return transit && nextStage === FULL_FEATURE_PHASE && statusClass === 0;
}
