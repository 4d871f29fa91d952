/**
 * A target that agrees on recovery and then says whatever comes to its mind: PDUs whose every field may be right, nearly right or nonsense. The
 * initiator must bear it: it never throws, asks for no more than is bounded, and every command ends once.
 */
import { describe, expect, it } from 'vitest';
import { putBe32 } from '../../../../base/bytes.ts';
import { SECOND } from '../../../../base/clock.ts';
import { below, chance, type Rng, seededRng } from '../../../../base/rng.ts';
import {
  ASYNC_MESSAGE,
  DATA_IN,
  LOGOUT_RESPONSE,
  NOP_IN,
  NOP_OUT,
  opcodeOf,
  putHeader,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_COMMAND,
  SCSI_RESPONSE,
  SNACK_REQUEST,
  TASK_MANAGEMENT_REQUEST,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../../../wire/iscsi/basic-header.ts';
import * as cdbs from '../../../../wire/scsi/cdb.ts';
import { InitiatorTask } from '../task.ts';
import { bench as scripted } from '../testing/provocations.ts';
import type { Answering, ScriptedTarget } from '../testing/scripted-target.ts';

const RUNS = Number(process.env['SAMEWIRE_FUZZ_RUNS'] ?? 120);
const SEED = Number(process.env['SAMEWIRE_FUZZ_SEED'] ?? 1);
const OPCODES = [
  DATA_IN,
  DATA_IN,
  DATA_IN,
  SCSI_RESPONSE,
  SCSI_RESPONSE,
  READY_TO_TRANSFER,
  READY_TO_TRANSFER,
  NOP_IN,
  REJECT,
  ASYNC_MESSAGE,
  TASK_MANAGEMENT_RESPONSE,
  LOGOUT_RESPONSE,
  TEXT_RESPONSE,
  0x3a,
];

/** Near `right`, or anything. */
const number = (rng: Rng, right: number): number => (chance(rng, 0.85) ? (right + below(rng, 6) - 2) >>> 0 : rng.uint32());

function say(rng: Rng, target: ScriptedTarget, tags: readonly number[]): void {
  const opcode = OPCODES[below(rng, OPCODES.length)]!;
  const segments = [0, 0, 48, 512, 1024, 1 + below(rng, 1024)];
  const data = rng.fill(new Uint8Array(segments[below(rng, segments.length)]!));
  const tag = chance(rng, 0.9) ? tags[below(rng, tags.length)]! : chance(rng, 0.5) ? RESERVED_TAG : rng.uint32();
  const { statusSequenceNumber, expectedCommandSequenceNumber, maxCommandSequenceNumber } = target.numbers(chance(rng, 0.5));
  // What a Reject is about: one of our own requests.
  const request = target.requests[below(rng, target.requests.length)]!.header;
  target.send(
    (out) => {
      putHeader(out, 0, opcode, chance(rng, 0.7) ? 0x80 | below(rng, 4) : below(rng, 256), 0, tag);
      out[2] = below(rng, 12);
      out[3] = chance(rng, 0.9) ? 0 : below(rng, 256);
      putBe32(out, 20, chance(rng, 0.5) ? RESERVED_TAG : below(rng, 8));
      putBe32(out, 24, number(rng, statusSequenceNumber));
      putBe32(out, 28, number(rng, expectedCommandSequenceNumber));
      putBe32(out, 32, number(rng, maxCommandSequenceNumber));
      putBe32(out, 36, number(rng, 1));
      putBe32(out, 40, chance(rng, 0.8) ? 512 * below(rng, 9) : rng.uint32());
      putBe32(out, 44, chance(rng, 0.8) ? 512 * below(rng, 4) : rng.uint32());
    },
    opcode === REJECT ? request.subarray(0, 48) : data,
  );
}

const nothing: Answering = () => {};

describe('a target that recovers nonsense', () => {
  it('is borne', () => {
    for (let run = 0; run < RUNS; run += 1) {
      const seed = SEED + run;
      const rng = seededRng(seed);
      const level = 1 + (seed % 2);
      const session = scripted(
        {
          operational: [`ErrorRecoveryLevel=${level}`, 'MaxConnections=2', 'DefaultTime2Retain=20'],
          on: { [SCSI_COMMAND]: nothing, [SNACK_REQUEST]: nothing, [NOP_OUT]: nothing, [TASK_MANAGEMENT_REQUEST]: nothing },
        },
        { initiator: { errorRecoveryLevel: level, maxConnections: 1 + (seed % 3), time2RetainSeconds: 20, recoveryNanos: 60 * SECOND } },
      );
      expect(session.open()).toBeUndefined();
      const ends = new Map<InitiatorTask, number>();
      const submit = (): void => {
        const write = chance(rng, 0.5);
        const request = write
          ? { lun: 0, cdb: cdbs.write(0, 8), dataOut: [new Uint8Array(4096)] }
          : { lun: 0, cdb: cdbs.read(0, 8), dataInBytes: 4096 };
        const task = new InitiatorTask(request, (done) => void ends.set(done, (ends.get(done) ?? 0) + 1));
        ends.set(task, 0);
        session.session.scheduler.submit(task);
      };
      for (let index = 0; index < 8; index += 1) submit();
      session.settle();
      for (let step = 0; step < 60 && session.session.state !== 'closed'; step += 1) {
        const living = session.targets.filter((_, index) => !session.pairs[index]!.target.closed);
        const target = living[below(rng, living.length)];
        const tags = session.session.scheduler.underWay(undefined).map((task) => task.initiatorTaskTag);
        if (target !== undefined && target.requests.length !== 0) say(rng, target, [...tags, 0x8000_0000, 0x8000_0001]);
        session.settle();
        if (chance(rng, 0.3)) session.target.clock.step();
        if (chance(rng, 0.1)) submit();
        session.settle();
      }
      session.session.destroy();
      session.settle();
      expect(
        [...ends.values()].every((count) => count === 1),
        `again with SAMEWIRE_FUZZ_SEED=${seed} SAMEWIRE_FUZZ_RUNS=1`,
      ).toBe(true);
      const asked = session.targets.flatMap(({ requests }) => requests).filter(({ header }) => opcodeOf(header, 0) === SNACK_REQUEST);
      expect(asked.length).toBeLessThan(1000);
      while (session.target.clock.step());
    }
  });
});
