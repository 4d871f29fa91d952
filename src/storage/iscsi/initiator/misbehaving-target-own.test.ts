/** The events of the initiator that have numbers of our own, each provoked by a target that misbehaves in just that way. */
import { describe, expect, it } from 'vitest';
import { putBe32 } from '../../../base/bytes.ts';
import {
  BASIC_HEADER_BYTES,
  DATA_IN,
  LOGOUT_REQUEST,
  putHeader,
  SCSI_COMMAND,
  TASK_MANAGEMENT_REQUEST,
} from '../../../wire/iscsi/basic-header.ts';
import {
  ASYNC_CONNECTION_DROPPED,
  FUNCTION_REJECTED,
  putAsyncMessage,
  putReject,
  putTaskManagementResponse,
  REJECT_PROTOCOL_ERROR,
} from '../../../wire/iscsi/control.ts';
import { addStatus, putDataIn, putReadyToTransfer } from '../../../wire/iscsi/data.ts';
import { putScsiResponse, RESPONSE_TARGET_FAILURE } from '../../../wire/iscsi/scsi-command.ts';
import type { SeenPdu } from '../testing/pdu-bytes.ts';
import { initiatorError } from './errors.ts';
import { type Answering, ScriptedTarget } from './testing/scripted-target.ts';
import {
  bench,
  challenging,
  chap,
  check,
  command,
  elsewhere,
  type Expected,
  login,
  on,
  READ,
  silent,
  tagOf,
  WRITE,
} from './testing/provocations.ts';

/** A Data-In with status of which a test changes something. */
const dataIn =
  (change: {
    readonly bytes?: number;
    readonly sequence?: number;
    readonly offset?: number;
    readonly tag?: number;
    readonly status?: number;
  }): Answering =>
  (target, request) => {
    const data = new Uint8Array(change.bytes ?? 1024);
    target.send((out) => {
      const numbers = target.numbers();
      putDataIn(out, 0, change.tag ?? tagOf(request), data.length, change.sequence ?? 0, change.offset ?? 0, true, numbers);
      addStatus(out, 0, 0, 0, (numbers.statusSequenceNumber + (change.status ?? 0)) >>> 0);
    }, data);
  };

const ready =
  (offset: number, bytes: number): Answering =>
  (target, request) =>
    target.send((out) => putReadyToTransfer(out, 0, 0, tagOf(request), 5, 0, offset, bytes, target.numbers(false)));

const refusing: Answering = (target, request) =>
  target.send((out) => putTaskManagementResponse(out, 0, tagOf(request), FUNCTION_REJECTED, target.numbers()));

describe('what has numbers of our own', () => {
  const own: readonly (readonly [number, string, Expected])[] = [
    [
      2133,
      'a CHAP challenge that is too long',
      {
        provoke: login(challenging(`CHAP_C=0x${'ab'.repeat(1025)}`), chap(false)),
        words: /the challenge has 2052 characters/,
        dump: `0x${'ab'.repeat(1024)}`,
      },
    ],
    [2138, 'no CHAP where it is required', { provoke: login({}, chap(false)), words: /go without the CHAP that is required/ }],
    [2140, 'CHAP wanted of who has no secret', { provoke: login({ security: [['AuthMethod=CHAP'], []] }), words: /asks for CHAP/ }],
    [2141, 'no word of a method', { provoke: login({ security: [[], []] }, chap(false)), words: /does not say which authentication/ }],
    [2165, 'a CHAP key left out', { provoke: login(challenging('CHAP_C=-'), chap(false)), words: /CHAP_C is missing/ }],
    [
      2144,
      'a redirection that leads nowhere',
      {
        provoke: login({ login: elsewhere, security: [['TargetAddress=192.0.2.1:3260,1']] }),
        words: /the target sent us on 9 times/,
      },
    ],
    [
      2151,
      'a window that ends before it begins',
      {
        provoke: login({
          login: ({ expectedCommandSequenceNumber: first }) => ({ maxCommandSequenceNumber: (first - 2) >>> 0 }),
        }),
        words: /a command window that ends before it begins/,
        dump: /^ExpCmdSN=\d+, MaxCmdSN=\d+$/,
      },
    ],
    [
      2172,
      'a window that never opens',
      {
        provoke: () => {
          const made = bench({ login: ({ expectedCommandSequenceNumber: first }) => ({ maxCommandSequenceNumber: (first - 1) >>> 0 }) });
          expect(made.open()).toBeUndefined();
          made.submit(READ);
          made.run(() => made.events.some(({ id }) => id === 2172));
          made.session.destroy();
          return made;
        },
        words: /takes no more commands, though none is under way/,
      },
    ],
    [2142, 'a StatSN left out', { provoke: command(on(SCSI_COMMAND, dataIn({ status: 1 }))), words: /StatSN 4 where 3 was due/ }],
    [2145, 'a DataSN left out', { provoke: command(on(SCSI_COMMAND, dataIn({ sequence: 1 }))), words: /DataSN 1 where 0 was due/ }],
    [
      2145,
      'data with a gap',
      { provoke: command(on(SCSI_COMMAND, dataIn({ bytes: 512, offset: 512 }))), words: /Buffer Offset 512 where 0/ },
    ],
    [
      2146,
      'a target that drops us',
      {
        provoke: command(
          on(SCSI_COMMAND, (target) =>
            target.send((out) => putAsyncMessage(out, 0, ASYNC_CONNECTION_DROPPED, [0, 0, 0], target.numbers())),
          ),
        ),
        severity: 'warning',
        words: /the target drops the connection/,
      },
    ],
    [
      2147,
      'a target that fails',
      {
        provoke: command(
          on(SCSI_COMMAND, (target, request) =>
            target.send((out) => putScsiResponse(out, 0, tagOf(request), RESPONSE_TARGET_FAILURE, 0, 0, 0, target.numbers(), 0)),
          ),
        ),
        words: /the target failed to carry out READ\(10\)/,
        dump: 'response 1',
      },
    ],
    [
      2148,
      'data that is left out without a word',
      { provoke: command(on(SCSI_COMMAND, dataIn({ bytes: 512 }))), words: /512 of 1024 bytes came, and the target reports no residual/ },
    ],
    [
      2149,
      'a target that never comes back',
      {
        provoke: () => {
          const made = bench({}, { initiator: { recoveryNanos: 3e9 } });
          expect(made.open()).toBeUndefined();
          made.refuses = 'connect ECONNREFUSED 192.0.2.1:3260';
          made.pairs[0]!.cut();
          made.run(() => made.session.state === 'closed');
          return made;
        },
        words: /the session could not be brought back after .* attempts: no connection to/,
      },
    ],
    [
      2152,
      'a header digest that is wrong',
      {
        provoke: command({ operational: ['HeaderDigest=CRC32C'] }, READ, { initiator: { headerDigest: ['CRC32C'] } }),
        words: /a header digest error/,
      },
    ],
    [
      2154,
      'a PDU that only initiators send',
      {
        provoke: command(
          on(SCSI_COMMAND, (target, request) =>
            target.send((out) => {
              putHeader(out, 0, SCSI_COMMAND, 0x80, 0, tagOf(request));
              putBe32(out, 28, 1);
            }),
          ),
        ),
        words: /the target sent a PDU of SCSI Command/,
        dump: /^01800000/,
      },
    ],
    [
      2155,
      'a data digest that is wrong',
      {
        provoke: command({ operational: ['DataDigest=CRC32C'], ...on(SCSI_COMMAND, damagedData) }, READ, {
          initiator: { dataDigest: ['CRC32C'] },
        }),
        words: /a SCSI Data-In failed its data digest/,
        dump: /^2581/,
      },
    ],
    [
      2156,
      'more data than was asked for',
      { provoke: command(on(SCSI_COMMAND, dataIn({ bytes: 1536 }))), words: /data up to 1536, of 1024/ },
    ],
    [
      2157,
      'data for no command',
      { provoke: command(on(SCSI_COMMAND, dataIn({ tag: 0x7777 }))), words: /Initiator Task Tag 7777h, which names no command/ },
    ],
    [
      2158,
      'a Ready To Transfer for more than there is',
      { provoke: command(on(SCSI_COMMAND, ready(0, 1024)), WRITE), words: /1024 bytes from 0 on, of 512/ },
    ],
    [2158, 'one for a read', { provoke: command(on(SCSI_COMMAND, ready(0, 512))), words: /for a command that has nothing to send/ }],
    [
      2159,
      'a command rejected',
      {
        provoke: command(
          on(SCSI_COMMAND, (target, { header }) =>
            target.send((out) => putReject(out, 0, REJECT_PROTOCOL_ERROR, header.length, target.numbers()), header),
          ),
        ),
        words: /the target rejected a SCSI Command \(reason 04h\)/,
        dump: /^01c1/,
      },
    ],
    [
      2159,
      'an abort refused',
      {
        provoke: () => {
          const made = bench({ on: { [SCSI_COMMAND]: silent, [TASK_MANAGEMENT_REQUEST]: refusing } });
          expect(made.open()).toBeUndefined();
          const task = made.submit(READ);
          made.settle();
          made.session.scheduler.abort(task, initiatorError('aborted', 'enough'));
          made.settle();
          made.session.destroy();
          return made;
        },
        words: /the target does not abort READ\(10\) \(response 255\)/,
      },
    ],
    [
      2150,
      'nobody there',
      {
        provoke: () => {
          const made = bench();
          made.refuses = 'connect ECONNREFUSED 192.0.2.1:3260';
          made.open();
          return made;
        },
        words: /no connection to 192\.0\.2\.1:3260: connect ECONNREFUSED/,
        dump: 'ECONNREFUSED',
      },
    ],
    [
      2166,
      'a connection lost for good',
      {
        provoke: command(
          on(SCSI_COMMAND, (target) => target.stream.destroy()),
          READ,
          { initiator: { recoveryNanos: 0 } },
        ),
        words: /the connection to 192\.0\.2\.1:3260 was lost: the other side reset the connection/,
        dump: 'the other side reset the connection',
      },
    ],
  ];
  it('a target that goes instead of answering the farewell raises nothing', () => {
    const made = bench(on(LOGOUT_REQUEST, (target) => target.stream.destroy()));
    expect(made.open()).toBeUndefined();
    made.close();
    expect(made.events.map(({ name }) => name)).toEqual(['initiator-logged-in', 'initiator-logged-out']);
  });

  it.each(own)('%i: %s', (id, _, expected) => check(id, undefined, expected));

  it('a data digest is not looked at where none was agreed on: a target that behaves raises nothing', () => {
    const made = bench();
    expect(made.open()).toBeUndefined();
    expect([made.command(READ).status, made.command(WRITE).status]).toEqual([0, 0]);
    made.close();
    expect(made.events.map(({ name }) => name)).toEqual(['initiator-logged-in', 'initiator-logged-out']);
  });
});

/** Data with a digest that is not its own. */
function damagedData(target: ScriptedTarget, request: SeenPdu): void {
  const pdu = new Uint8Array(BASIC_HEADER_BYTES + 1024 + 4);
  const numbers = target.numbers();
  putDataIn(pdu, 0, tagOf(request), 1024, 0, 0, true, numbers);
  addStatus(pdu, 0, 0, 0, numbers.statusSequenceNumber);
  pdu[0] = DATA_IN;
  target.stream.write([pdu], undefined);
}

it('a window that never opens is given up after as many new sessions as a command is sent again', () => {
  const made = bench({ login: ({ expectedCommandSequenceNumber: first }) => ({ maxCommandSequenceNumber: (first - 1) >>> 0 }) });
  expect(made.open()).toBeUndefined();
  const task = made.submit(READ);
  made.run(() => made.session.state === 'closed');
  expect([task.error?.reason, made.pairs.length]).toEqual(['window-shut', 9]);
});
