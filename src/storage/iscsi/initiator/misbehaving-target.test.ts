/**
 * Numbers 4 to 21 of the offload iSCSI driver log that events.ts names, each provoked by a target that misbehaves in just that way: severity, words,
 * and what is dumped.
 */
import { describe, expect, it } from 'vitest';
import { hex, putBe24, utf8Bytes } from '../../../base/bytes.ts';
import type { FabricEvent } from '../../../base/event.ts';
import {
  BASIC_HEADER_BYTES,
  LOGIN_REQUEST,
  LOGOUT_REQUEST,
  NOP_OUT,
  putHeader,
  RESERVED_TAG,
  SCSI_COMMAND,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_REQUEST,
  TEXT_REQUEST,
} from '../../../wire/iscsi/basic-header.ts';
import { LOGICAL_UNIT_RESET, putTextResponse } from '../../../wire/iscsi/control.ts';
import { encodeLoginResponse, LOGIN_STATUS, type LoginResponse } from '../../../wire/iscsi/login.ts';
import { HOST } from '../testing/scripted-initiator.ts';
import { discoverTargets } from './discovery.ts';
import { defaultInitiatorLimits } from './limits.ts';
import { SessionBench, type SessionBenchOptions } from './testing/bench.ts';
import type { Answering, TargetScript } from './testing/scripted-target.ts';
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
  proving,
  type Provocation,
  READ,
  silent,
  tagOf,
} from './testing/provocations.ts';

/** The last login response as the target sent it, for dumps. */
function responseOf(change: Partial<LoginResponse>, text: string, isid: string, status = 1): string {
  const response: LoginResponse = {
    transit: true,
    continues: false,
    currentStage: 0,
    nextStage: 1,
    isid,
    tsih: 0,
    initiatorTaskTag: 0,
    statusClass: 0,
    statusDetail: 0,
    statusSequenceNumber: status,
    expectedCommandSequenceNumber: 0,
    maxCommandSequenceNumber: 0,
    ...change,
  };
  const data = utf8Bytes(text);
  const header = new Uint8Array(BASIC_HEADER_BYTES);
  encodeLoginResponse(response, data.length, header, 0);
  return hex(header) + hex(data);
}

const refusal = (): Partial<LoginResponse> => ({ statusClass: 2, statusDetail: LOGIN_STATUS.NOT_FOUND & 0xff });
const loginNumbers = (made: SessionBench): Partial<LoginResponse> => {
  const request = (made as ReturnType<typeof bench>).targets[0]!.requests[0]!;
  const first = new DataView(request.header.buffer, request.header.byteOffset).getUint32(24);
  return { expectedCommandSequenceNumber: first, maxCommandSequenceNumber: (first + 31) >>> 0 };
};

/** What an act once logged in brings about: the event for a request without an answer. */
const opened = (script: TargetScript, options: SessionBenchOptions, act: (made: SessionBench) => void): Provocation => {
  return () => {
    const made = bench(script, options);
    expect(made.open()).toBeUndefined();
    act(made);
    made.run(() => made.events.some(({ id }) => id === 2108));
    made.session.destroy();
    return made;
  };
};

describe('what the guide lists', () => {
  const listed: Readonly<Record<number, Expected>> = {
    4: {
      provoke: login({ operational: ['MaxBurstLength=4096', 'FirstBurstLength=8192'] }),
      words: /MaxBurstLength smaller than FirstBurstLength/,
      dump: 'FirstBurstLength=8192, MaxBurstLength=4096',
    },
    9: {
      provoke: command(on(SCSI_COMMAND, silent)),
      words: /LUN 0 did not answer READ\(10\) within 30 s/,
      dump: hex(READ.cdb),
    },
    10: {
      provoke: login({ login: refusal }),
      words: /the target refused the login: not found$/,
      dump: (made) => responseOf({ ...refusal(), ...loginNumbers(made) }, 'AuthMethod=None\0', made.session.isid),
    },
    11: {
      provoke: login({ login: () => ({ isid: '800000000bad' }) }),
      words: /a login response can't be right: it is for the ISID 800000000bad$/,
      dump: (made) => responseOf(loginNumbers(made), 'AuthMethod=None\0', '800000000bad'),
    },
    12: {
      provoke: login({ login: elsewhere, security: [['TargetAddress=192.0.2.1:99999,1']] }),
      words: /sends us to an address that is none/,
      dump: 'TargetAddress=192.0.2.1:99999,1',
    },
    13: {
      provoke: login({ security: [['AuthMethod=KRB5']] }),
      words: /chose the authentication method KRB5, which was not offered/,
      dump: 'AuthMethod=KRB5',
    },
    14: {
      provoke: login(challenging('CHAP_A=129'), chap(false)),
      words: /CHAP failed: the algorithm was not offered/,
      dump: 'CHAP_A=129',
    },
    15: {
      provoke: login(challenging('CHAP_C=0x0011fish'), chap(false)),
      words: /CHAP failed: the challenge is no number/,
      dump: '0x0011fish',
    },
    16: {
      provoke: login(challenging('CHAP_I=256'), chap(false)),
      words: /CHAP failed: CHAP_I is no byte/,
      dump: 'CHAP_I=256',
    },
    17: {
      provoke: login(proving('CHAP_N=disk', 'CHAP_R=0x00112233445566778899aabbccddeeff'), chap(true)),
      words: /CHAP failed: the target does not know the secret/,
      dump: '0x00112233445566778899aabbccddeeff',
    },
    18: {
      provoke: login({ operational: ['HeaderDigest=-'] }, { initiator: { headerDigest: ['CRC32C'] } }),
      words: /HeaderDigest is required, and the target did not take it up/,
    },
    19: {
      provoke: login({ operational: ['DataDigest=-'] }, { initiator: { dataDigest: ['CRC32C'] } }),
      words: /DataDigest is required, and the target did not take it up/,
    },
    20: {
      provoke: command(on(SCSI_COMMAND, (target) => target.stream.destroy())),
      words: /the connection to 192\.0\.2\.1:3260 was lost.*; another attempt follows$/,
      dump: 'the other side reset the connection',
    },
    21: {
      provoke: command(
        on(SCSI_COMMAND, (target, request) => {
          const header = new Uint8Array(BASIC_HEADER_BYTES);
          putHeader(header, 0, SCSI_RESPONSE, 0x80, 0, tagOf(request));
          putBe24(header, 5, 262_145);
          target.stream.write([header], undefined);
        }),
      ),
      words: /a data segment of 262145 bytes, 262144 were agreed/,
    },
  };
  it.each(Object.entries(listed))('%s', (number, expected) => check(2100 + Number(number), Number(number), expected));

  it('18 and 19: an answer that says no', () => {
    const header = { operational: ['HeaderDigest=None'] };
    check(2118, 18, {
      provoke: login(header, { initiator: { headerDigest: ['CRC32C'] } }),
      words: /HeaderDigest=CRC32C was asked for, and the target does not go along|HeaderDigest is required/,
      dump: 'HeaderDigest=None',
    });
    check(2119, 19, {
      provoke: login({ operational: ['DataDigest=Reject'] }, { initiator: { dataDigest: ['CRC32C'] } }),
      words: /DataDigest=CRC32C was asked for, and the target does not go along/,
      dump: 'DataDigest=Reject',
    });
  });

  it('16: a key that CHAP does not have, and a response that is no number', () => {
    check(2116, 16, { provoke: login(challenging('CHAP_X=1'), chap(false)), words: /CHAP_X is no key of CHAP/, dump: 'CHAP_X=1' });
    const fish = proving('CHAP_N=disk', 'CHAP_R=0xfish');
    check(2116, 16, { provoke: login(fish, chap(true)), words: /the response is no number/, dump: 'CHAP_R=0xfish' });
  });

  it('10 and 11: a dump is no longer than is useful', () => {
    const long = login({ login: () => ({ tsih: 1, isid: '0' }), security: [[`X-long=${'x'.repeat(5000)}`]] });
    const made = long();
    expect((made.events[0]!.data['dump'] as string).length).toBe(2048);
    expect(made.events[0]!.message.length).toBeLessThan(100);
  });

  // 5: the initiator's own portal; 6: its resources. What stands here in place of the operating system is what it says; with sockets: os/iscsi.
  it.each([
    [5, 'bind EADDRNOTAVAIL 198.51.100.9', 'EADDRNOTAVAIL'],
    [6, 'connect EMFILE 192.0.2.1:3260 - Local (undefined:undefined)', 'EMFILE'],
  ])('%i', (number, says, dump) => {
    const provoke = (): SessionBench => {
      const made = bench();
      made.refuses = says;
      made.open();
      return made;
    };
    check(2100 + number, number, { provoke, words: new RegExp(`no connection to 192.0.2.1:3260: .*${dump}`), dump });
  });

  it('7', () => {
    const provoke = command(
      on(SCSI_COMMAND, (target) => target.stream.destroy()),
      READ,
      {
        onPair: (pair) => {
          const { initiator, target } = pair;
          target.destroy = () => initiator.break('write EPIPE');
        },
      },
    );
    check(2107, 7, { provoke, words: /the connection to 192\.0\.2\.1:3260 was lost: write EPIPE/, dump: 'EPIPE' });
    // The connection is lost with it, and tried again.
    expect(provoke().events.map(({ id }) => id)).toContain(2120);
  });

  it.each<readonly [string, Provocation, string]>([
    ['a login', login(on(LOGIN_REQUEST, silent)), '03h Login Request'],
    ['a ping', opened(on(NOP_OUT, silent), { initiator: { pingAfterNanos: 1e9 } }, () => {}), '00h NOP-Out'],
    [
      'task management',
      opened(on(TASK_MANAGEMENT_REQUEST, silent), {}, (made) => made.session.manage(LOGICAL_UNIT_RESET, 0, () => {})),
      '02h Task Management Function Request',
    ],
    ['a logout', opened(on(LOGOUT_REQUEST, silent), {}, (made) => made.session.close(() => {})), '06h Logout Request'],
  ])('8: no answer to %s', (_, provoke, dump) => {
    check(2108, 8, { provoke, words: /did not answer/, dump });
  });
});

const ask = (script: TargetScript, refuses?: string): FabricEvent[] => {
  const made = bench(script);
  made.refuses = refuses;
  const plan = {
    initiatorName: HOST,
    initiatorAlias: undefined,
    portal: { host: '192.0.2.1', port: 3260 },
    chap: undefined,
    chapRequired: false,
  };
  let over = false;
  discoverTargets(plan, { ...defaultInitiatorLimits, pingAfterNanos: 0 }, made.services, () => (over = true));
  made.run(() => over);
  return made.events;
};

describe('a discovery service', () => {
  it('8: does not answer in time', () => {
    expect(ask(on(TEXT_REQUEST, silent))).toMatchObject([
      { id: 2108, severity: 'error', source: '192.0.2.1:3260', data: { number: 8, dump: '04h Text Request' } },
    ]);
  });

  it('goes away: nobody tries again, so that it is not number 20', () => {
    const events = ask(on(TEXT_REQUEST, (target) => target.stream.destroy()));
    expect(events).toMatchObject([{ id: 2166, name: 'initiator-connection-ended', severity: 'error' }]);
    expect(events[0]!.data).not.toHaveProperty('number');
    expect(ask({}, 'connect ECONNREFUSED 192.0.2.1:3260')).toMatchObject([{ id: 2150, data: { dump: 'ECONNREFUSED' } }]);
  });

  it('gives an answer that is none', () => {
    const list = utf8Bytes('TargetAddress=192.0.2.1:3260,1\0');
    const nonsense: Answering = (target, request) =>
      target.send((out) => putTextResponse(out, 0, tagOf(request), RESERVED_TAG, true, false, list.length, target.numbers()), list);
    expect(ask(on(TEXT_REQUEST, nonsense))).toMatchObject([{ id: 2153, message: 'the answer to SendTargets is no list of targets' }]);
  });
});
