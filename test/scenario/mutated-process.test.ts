/** Mutated PDUs over real sockets: the kernel writes into the target's buffers, and pieces and ends come as they come. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesEqual, concat, utf8Bytes } from '../../src/base/bytes.ts';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { READY_TO_TRANSFER } from '../../src/wire/iscsi/basic-header.ts';
import { mutated } from '../fuzz/pdu-mutator.ts';
import { askedBy, loginRequest, nextPdu, type SourceState } from '../fuzz/pdu-source.ts';
import { assemble } from '../fuzz/raw-initiator.ts';
import { TargetOutput } from '../fuzz/target-output.ts';
import { makeScratch } from '../interop/scratch.ts';
import { startTarget, type TargetProcess } from '../interop/target-process.ts';
import { SocketInitiator, splitAddress } from './socket-initiator.ts';

const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 31);
const CONNECTIONS = 150;
const PDUS_A_CONNECTION = 120;
const UNIT_BYTES = 1024 * 1024;
const FUZZED = 'iqn.2026-01.net.samewire:fuzzed';
const GOOD = 'iqn.2026-01.net.samewire:good';
const FABRIC = `version: 1
name: mutated
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      ${FUZZED}:
        luns:
          - { store: memory, size: 1MiB, provisioning: thin }
          - { store: file, path: disk.img, size: 1MiB }
      ${GOOD}:
        luns: [{ store: memory, size: 1MiB }]
    state: state
`;

function login(digest: string): Uint8Array {
  const keys = {
    InitiatorName: 'iqn.2026-01.net.example:fuzz',
    TargetName: FUZZED,
    SessionType: 'Normal',
    HeaderDigest: digest,
    DataDigest: digest,
    InitialR2T: 'No',
    MaxRecvDataSegmentLength: '65536',
    FirstBurstLength: '65536',
  };
  const text = Object.entries(keys).map(([key, value]) => `${key}=${value}\0`);
  const { header, data } = loginRequest(seededRng(1), utf8Bytes(text.join('')));
  header[1] = 0x87;
  header[27] = 1;
  return assemble(header, data, false);
}

/** One connection that misbehaves until it is thrown out or has had enough; how many PDUs it sent. */
function misbehave(portal: string, rng: Rng): Promise<number> {
  const digests = chance(rng, 0.3);
  const state: SourceState = {
    rng,
    commandSequenceNumber: 1,
    expectedStatus: 0,
    acknowledgeTag: 0,
    nextTag: 1,
    asked: [],
    unsolicited: [],
    luns: 2,
    blockBytes: [512, 512],
    unitBytes: UNIT_BYTES,
  };
  return new Promise((resolve, reject) => {
    const socket = connect(splitAddress(portal));
    const output = new TargetOutput((pdu, opcode) => {
      state.commandSequenceNumber = (pdu[28]! << 24) | (pdu[29]! << 16) | (pdu[30]! << 8) | pdu[31]!;
      if (opcode === READY_TO_TRANSFER && state.asked.length < 64) state.asked.push(askedBy(pdu, 0));
    });
    let left = PDUS_A_CONNECTION;
    let started = false;
    const other = nextPdu(state);
    const sendSome = (): void => {
      output.digests = digests;
      const parts: Uint8Array[] = [];
      for (let count = 1 + below(rng, 8); count > 0 && left > 0; count -= 1, left -= 1) {
        const pdu = nextPdu(state);
        parts.push(chance(rng, 0.4) ? assemble(pdu.header, pdu.data, digests) : mutated(rng, pdu, other, digests));
      }
      if (left <= 0) return void (chance(rng, 0.5) ? socket.destroy() : socket.end());
      const bytes = concat(parts);
      // In two pieces as often as not, so that data segments arrive after their headers.
      const cut = chance(rng, 0.5) ? below(rng, bytes.length + 1) : bytes.length;
      socket.write(bytes.subarray(0, cut));
      setImmediate(() => {
        if (!socket.destroyed) socket.write(bytes.subarray(cut), () => setImmediate(sendSome));
      });
    };
    socket.on('data', (bytes: Buffer) => {
      try {
        output.handleBytes(bytes);
      } catch (error) {
        socket.destroy();
        reject(error);
      }
      if (!started) sendSome();
      started = true;
    });
    socket.on('error', () => {}); // it was thrown out while it wrote
    socket.on('close', () => resolve(PDUS_A_CONNECTION - left));
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('connect', () => socket.write(login(digests ? 'CRC32C' : 'None')));
  });
}

describe('mutated PDUs on real sockets', () => {
  const scratch = makeScratch();
  let target: TargetProcess;

  beforeAll(async () => {
    target = await startTarget(['up', scratch.write('mutated.yaml', FABRIC)]);
  });
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  it('leave the process and the sessions of others as they were', async () => {
    const portal = target.ready.arrays['array1']!.portals[0]!;
    const good = await SocketInitiator.open(portal, { name: 'iqn.2026-01.net.example:good', target: GOOD });
    await good.run({ cdb: new Uint8Array(16) });
    const rng = seededRng(SEED);
    let total = 0;
    for (let connection = 0; connection < CONNECTIONS; connection += 1) {
      const data = rng.fill(new Uint8Array(65536));
      const [sent, written] = await Promise.all([
        misbehave(portal, seededRng(SEED * 1000 + connection)),
        good.run({ cdb: cdb10(0x2a, connection, 128), dataOut: data }),
      ]);
      total += sent;
      expect(written.status, `connection ${connection} of seed ${SEED}`).toBe(0);
      const back = await good.run({ cdb: cdb10(0x28, connection, 128), dataInBytes: data.length });
      expect(bytesEqual(back.dataIn, data), `connection ${connection} of seed ${SEED}`).toBe(true);
      expect(target.isRunning()).toBe(true);
    }
    expect(total).toBeGreaterThan(5000);
    expect(target.errors()).toBe('');
    expect(target.events().some((line) => line.includes('pdu-rejected'))).toBe(true);
    await good.logout();
    expect(await target.stop()).toEqual({ code: 0, signal: null });
  }, 120_000);
});
