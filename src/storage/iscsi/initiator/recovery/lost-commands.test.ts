/** Commands that did not reach the target, and damage on the way to us (RFC 7143 §7.2.1, §7.8). */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../../../base/clock.ts';
import {
  commandSequenceNumber,
  DATA_IN,
  NOP_OUT,
  opcodeOf,
  RESERVED_TAG,
  SCSI_COMMAND,
  SCSI_RESPONSE,
  type TargetNumbers,
} from '../../../../wire/iscsi/basic-header.ts';
import { putNopIn, putReject, REJECT_DATA_DIGEST } from '../../../../wire/iscsi/control.ts';
import * as cdbs from '../../../../wire/scsi/cdb.ts';
import { SessionBench } from '../testing/bench.ts';
import { tagOf } from '../testing/provocations.ts';
import type { ScriptedTarget } from '../testing/scripted-target.ts';
import { made, write, requests, respond, takeStatus } from '../testing/lossy.ts';

describe('a command that is lost', () => {
  it('is sent again as it was when a ping shows that it has not been received (§7.2.1)', () => {
    let drop = true;
    const session = made({
      [NOP_OUT]: (target, request) =>
        target.send((out) =>
          putNopIn(out, 0, tagOf(request), RESERVED_TAG, 0, {
            ...target.numbers(),
            expectedCommandSequenceNumber: task.commandSequenceNumber,
          }),
        ),
      [SCSI_COMMAND]: (target, request) => {
        if (drop) drop = false;
        else respond(target, tagOf(request), takeStatus(target), 0);
      },
    });
    // Its numbers say that nothing has come.
    const { scheduler } = session.session;
    const expected = scheduler.expectedCommand;
    const task = session.submit(write);
    session.settle();
    expect(scheduler.expectedCommand).toBe(expected);
    session.run(() => task.state === 'done');
    const [first, second] = requests(session.target1, SCSI_COMMAND);
    expect(second).toEqual(first);
    expect(commandSequenceNumber(second!.header, 0)).toBe(expected);
    expect([task.status, session.session.counters.commandRetries]).toEqual([0, 1]);
  });

  it('is found out also where the target is never silent', () => {
    let drop = true;
    const unreceived = (target: ScriptedTarget): TargetNumbers => ({
      ...target.numbers(false),
      expectedCommandSequenceNumber: task.commandSequenceNumber,
    });
    const session = made({
      [NOP_OUT]: (target, request) => {
        const { statusSequenceNumber } = target.numbers();
        target.send((out) => putNopIn(out, 0, tagOf(request), RESERVED_TAG, 0, { ...unreceived(target), statusSequenceNumber }));
      },
      [SCSI_COMMAND]: (target, request) => {
        if (drop) drop = false;
        else respond(target, tagOf(request), takeStatus(target), 0);
      },
    });
    const task = session.submit(write);
    const { clock } = session.target;
    const chatter = (): void => {
      session.target1.send((out) => putNopIn(out, 0, RESERVED_TAG, RESERVED_TAG, 0, unreceived(session.target1)));
      if (task.state !== 'done') clock.after(SECOND / 4, chatter);
    };
    chatter();
    session.run(() => task.state === 'done');
    expect([task.status, session.session.counters.commandRetries]).toEqual([0, 1]);
    expect(clock.now()).toBeLessThan(5 * SECOND);
  });

  it('because its data was damaged is sent again at once (§11.17.1)', () => {
    let rejects = 1;
    const session = made({
      [SCSI_COMMAND]: (target, request) => {
        if (rejects === 0) return respond(target, tagOf(request), takeStatus(target), 0);
        rejects -= 1;
        const numbers = { ...target.numbers(), expectedCommandSequenceNumber: commandSequenceNumber(request.header, 0) };
        target.send((out) => putReject(out, 0, REJECT_DATA_DIGEST, 48, numbers), request.header);
      },
    });
    const task = session.submit(write);
    session.settle();
    expect([task.status, session.session.counters.commandRetries, requests(session.target1, SCSI_COMMAND).length]).toEqual([0, 1, 2]);
    expect(session.news()).toContain('initiator-pdu-rejected');
  });

  it('that never arrives ends the connection', () => {
    const session = made(
      {
        [NOP_OUT]: (target, request) =>
          target.send((out) =>
            putNopIn(out, 0, tagOf(request), RESERVED_TAG, 0, {
              ...target.numbers(),
              expectedCommandSequenceNumber: task.commandSequenceNumber,
            }),
          ),
      },
      { initiator: { resends: 2, recoveryNanos: 0 } },
    );
    const task = session.submit(write);
    session.run(() => task.state === 'done');
    expect(requests(session.target1, SCSI_COMMAND).length).toBe(3);
    expect([task.error?.reason, session.news().includes('initiator-resend-failed')]).toEqual(['resend-failed', true]);
  });
});

describe('damage', () => {
  it.each([
    ['to data', 60, { dataDigestErrors: 1, headerDigestErrors: 0 }],
    ['to a header', 20, { dataDigestErrors: 0, headerDigestErrors: 1 }],
  ] as const)('%s costs no connection: what was lost comes again', (_, where, counted) => {
    let left = 1;
    const session = new SessionBench({
      initiator: { errorRecoveryLevel: 1, headerDigest: ['CRC32C'], dataDigest: ['CRC32C'], maxReceiveDataSegmentBytes: 1024 },
      onPair: (pair) => {
        pair.initiator.onArrival = (bytes) => {
          if (left === 0 || bytes.length < 4000 || opcodeOf(bytes, 0) !== DATA_IN) return bytes;
          left -= 1;
          const copy = bytes.slice();
          // In the second PDU of the batch, behind header, digest, data and digest of the first.
          copy[48 + 4 + 1024 + 4 + where]! ^= 4;
          return copy;
        };
      },
    }).opened();
    const task = session.command({ lun: 0, cdb: cdbs.read(0, 8), dataInBytes: 4096 });
    expect([task.status, left, session.pairs.length]).toEqual([0, 0, 1]);
    expect(session.session.counters).toMatchObject({ ...counted, resentData: 1 });
  });

  it('to the sense of a response is mended too', () => {
    let left = 1;
    const session = new SessionBench({
      initiator: { errorRecoveryLevel: 1, headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] },
      onPair: (pair) => {
        pair.initiator.onArrival = (bytes) => {
          if (left === 0 || opcodeOf(bytes, 0) !== SCSI_RESPONSE || bytes.length < 60) return bytes;
          left -= 1;
          const copy = bytes.slice();
          copy[48 + 4 + 5]! ^= 4;
          return copy;
        };
      },
    }).opened();
    const task = session.command({ lun: 0, cdb: cdbs.read(0x7fff_ffff, 1), dataInBytes: 512 });
    expect([task.status, task.senseKey, left]).toEqual([2, 5, 0]);
    expect(session.session.counters).toMatchObject({ dataDigestErrors: 1, resentStatuses: 1, connectionsLost: 0 });
  });
});
