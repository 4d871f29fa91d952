/** Each test reads like the login it is about: what the initiator sends, stage by stage, and what comes back. */
import { describe, expect, it } from 'vitest';
import { hex, fromHex, utf8Bytes } from '../../base/bytes.ts';
import { seededRng } from '../../base/rng.ts';
import { decodeKeyValues } from '../../wire/iscsi/key-value.ts';
import { describeLoginStatus, LOGIN_STATUS, type LoginRequest, type LoginStage } from '../../wire/iscsi/login.ts';
import { ALL_CHAP_ALGORITHMS, type ChapAccount, chapResponse } from './chap.ts';
import { defaultLimits, offerOf } from './limits.ts';
import { type Admission, type Completion, type LoginReply, type LoginResult, TargetLogin } from './login-target.ts';
import type { Offer } from './parameters.ts';

const NAMES = 'InitiatorName=iqn.2026-01.net.example:host TargetName=iqn.2026-01.net.example:disk';
const SECRET = utf8Bytes('a secret of sixteen or more');
const alice: ChapAccount = { user: 'alice', secret: SECRET, algorithms: ALL_CHAP_ALGORITHMS };

const stages: Record<string, LoginStage> = { S: 0, O: 1, F: 3 };
const letters = ['S', 'O', '?', 'F'];

interface Settings {
  readonly chap?: ChapAccount;
  readonly offer?: Partial<Offer>;
  readonly admission?: Admission;
  readonly completion?: Completion;
  /** Keeps what completes the login until it is called. */
  readonly later?: (complete: () => void) => void;
}

const request = (path: string, over: Partial<LoginRequest>): LoginRequest => {
  const [current, next] = path.replace('+', '').split('>') as [string, string | undefined];
  return {
    transit: next !== undefined,
    continues: path.endsWith('+'),
    currentStage: stages[current]!,
    nextStage: stages[next ?? current]!,
    isid: '00023d000001',
    tsih: 0,
    initiatorTaskTag: 1,
    versionMax: 0,
    versionMin: 0,
    connectionId: 5,
    commandSequenceNumber: 1,
    expectedStatusSequenceNumber: 0,
    ...over,
  };
};

/** One login. `send('S>O', 'Key=value ...')` gives the answer in the same form, or the status. */
function login(settings: Settings = {}) {
  const outcomes: string[] = [];
  let replies: LoginReply[] = [];
  let result: LoginResult | undefined;
  const machine = new TargetLogin(
    {
      admit: (identity) => {
        outcomes.push(`admit ${identity.initiatorName} to ${identity.targetName || identity.sessionType}`);
        return (
          settings.admission ?? {
            type: 'admitted',
            chap: settings.chap,
            offer: { ...offerOf(defaultLimits), ...settings.offer },
            portalGroupTag: 7,
            alias: undefined,
          }
        );
      },
      complete: (got, done) => {
        result = got;
        const complete = (): void => done(settings.completion ?? { tsih: 0x100 });
        if (settings.later === undefined) complete();
        else settings.later(complete);
      },
      respond: (reply) => replies.push({ ...reply, text: reply.text.slice() }),
      failed: (_, reason) => outcomes.push(`failed: ${reason}`),
      succeeded: (_, tsih) => outcomes.push(`succeeded as ${tsih}`),
    },
    seededRng(1),
  );
  const raw = (path: string, text: string, over: Partial<LoginRequest> = {}): void => {
    const made = request(path, over);
    machine.handle(made, made.versionMin, utf8Bytes(text));
  };
  const taken = (): string => {
    const texts = replies.map((reply) => {
      if (reply.status !== LOGIN_STATUS.SUCCESS) return [describeLoginStatus(reply.status), ...wordsOf(reply)].join(' ');
      const way = reply.transit ? `${letters[reply.request.currentStage]}>${letters[reply.nextStage]}` : letters[reply.nextStage];
      return [way, ...wordsOf(reply)].join(' ');
    });
    replies = [];
    return texts.join(' | ');
  };
  return {
    outcomes,
    raw,
    taken,
    /** `S`, `O`: the stage; `S>O`: with T; `S+`: with C. Pairs are parted by spaces. */
    send(path: string, text = '', over: Partial<LoginRequest> = {}): string {
      raw(path, text === '' ? '' : `${text.replaceAll(' ', '\0')}\0`, over);
      return taken();
    },
    get result(): LoginResult {
      return result!;
    },
  };
}

const wordsOf = (reply: LoginReply): string[] => decodeKeyValues(reply.text).map(([key, value]) => `${key}=${value}`);
const OURS = `MaxRecvDataSegmentLength=${defaultLimits.maxReceiveDataSegmentBytes}`;

/** What to answer a challenge with. */
function proof(answer: string, secret = SECRET): string {
  const [identifier, challenge] = [/CHAP_I=(\d+)/.exec(answer)![1], /CHAP_C=0x([0-9a-f]+)/.exec(answer)![1]];
  return `CHAP_N=alice CHAP_R=0x${hex(chapResponse('SHA-256', Number(identifier), secret, fromHex(challenge!)))}`;
}

describe('the ways through the stages', () => {
  it('operational at once, in one request', () => {
    const l = login();
    expect(l.send('O>F', `${NAMES} HeaderDigest=CRC32C,None InitialR2T=No`)).toBe(
      `O>F TargetPortalGroupTag=7 HeaderDigest=CRC32C InitialR2T=No ${OURS}`,
    );
    expect(l.outcomes).toEqual(['admit iqn.2026-01.net.example:host to iqn.2026-01.net.example:disk', 'succeeded as 256']);
    expect(l.result).toMatchObject({ authentication: 'none', parameters: { headerDigest: true, initialR2T: false } });
  });

  it('operational in several requests, ours declared once', () => {
    const l = login();
    expect(l.send('O', `${NAMES} MaxBurstLength=4096`)).toBe(`O TargetPortalGroupTag=7 MaxBurstLength=4096 ${OURS}`);
    expect(l.send('O', 'FirstBurstLength=8192')).toBe('O FirstBurstLength=8192');
    expect(l.send('O>F')).toBe('O>F');
    // RFC 7143 §13.14: never more than MaxBurstLength.
    expect(l.result.parameters).toMatchObject({ maxBurstBytes: 4096, firstBurstBytes: 4096, receiveSegmentBytesMax: 262144 });
  });

  it('security, then operational', () => {
    const l = login();
    expect(l.send('S>O', `${NAMES} AuthMethod=CHAP,None`)).toBe('S>O TargetPortalGroupTag=7 AuthMethod=None');
    expect(l.send('O>F', 'ImmediateData=No')).toBe(`O>F ImmediateData=No ${OURS}`);
  });

  it('security, and straight on: every key has its default', () => {
    const l = login();
    expect(l.send('S>F', `${NAMES} AuthMethod=None`)).toBe('S>F TargetPortalGroupTag=7 AuthMethod=None');
    expect(l.result.parameters).toMatchObject({ receiveSegmentBytesMax: 8192, initialR2T: true, maxOutstandingR2T: 1 });
  });

  it('security without a word about the method', () => expect(login().send('S>O', NAMES)).toBe('S>O TargetPortalGroupTag=7'));

  it('discovery: no target, no portal group tag', () => {
    const l = login();
    expect(l.send('O>F', 'InitiatorName=iqn.2026-01.net.example:host SessionType=Discovery')).toBe(`O>F ${OURS}`);
    expect(l.outcomes[0]).toBe('admit iqn.2026-01.net.example:host to Discovery');
  });

  it('tells the alias where there is one', () => {
    const admission: Admission = { type: 'admitted', chap: undefined, offer: offerOf(defaultLimits), portalGroupTag: 1, alias: 'Fast' };
    expect(login({ admission }).send('S>O', NAMES)).toBe('S>O TargetPortalGroupTag=1 TargetAlias=Fast');
  });

  it('a session that has to wait is answered when its turn comes', () => {
    let complete: (() => void) | undefined;
    const l = login({ later: (run) => (complete = run) });
    expect(l.send('O>F', NAMES)).toBe('');
    expect(l.send('O>F', NAMES)).toBe(''); // nothing is heard meanwhile
    complete!();
    expect(l.taken()).toBe(`O>F TargetPortalGroupTag=7 ${OURS}`);
  });

  it('a session that may not be is refused in the end', () => {
    const l = login({ completion: { status: LOGIN_STATUS.TOO_MANY_CONNECTIONS, reason: 'MaxConnections=1' } });
    expect(l.send('O>F', NAMES)).toBe('too many connections');
    expect(l.outcomes.at(-1)).toBe('failed: MaxConnections=1');
  });
});

describe('text over several requests (RFC 7143 §6.2: the C bit)', () => {
  it('is gathered, each part answered with nothing', () => {
    const l = login();
    const text = `${NAMES.replace(' ', '\0')}\0AuthMethod=None\0`;
    l.raw('S+', text.slice(0, 30));
    expect(l.taken()).toBe('S');
    l.raw('S+', text.slice(30, 31));
    expect(l.taken()).toBe('S');
    l.raw('S>O', text.slice(31));
    expect(l.taken()).toBe('S>O TargetPortalGroupTag=7 AuthMethod=None');
  });

  it('never goes with a transit', () => {
    const l = login();
    expect(l.send('S+', NAMES, { transit: true, nextStage: 1 })).toBe('initiator error');
    expect(l.outcomes.at(-1)).toBe('failed: a continued request asks for the next stage');
  });

  it('is bounded', () => {
    const l = login();
    const part = 'x'.repeat(8192);
    for (let sent = 0; sent < 8; sent += 1) {
      l.raw('S+', part);
      expect(l.taken()).toBe('S');
    }
    l.raw('S+', part);
    expect(l.taken()).toBe('out of resources');
  });

  it('and so is the number of requests', () => {
    const l = login();
    l.send('S', NAMES);
    for (let sent = 1; sent < 32; sent += 1) expect(l.send('S')).toBe('S');
    expect(l.send('S')).toBe('out of resources');
  });

  it('whose answers are too long for one response is refused, not sent beyond the agreed length', () => {
    const l = login();
    const keys = Array.from({ length: 600 }, (_, index) => `X-${index}=1`).join(' ');
    expect(l.send('O>F', `${NAMES} ${keys}`)).toBe('initiator error');
    expect(l.outcomes.at(-1)).toContain('too long for one response');
    const early = login();
    expect(early.send('O', `${NAMES} ${keys}`)).toBe('initiator error');
  });
});

const refused = (status: typeof LOGIN_STATUS.NOT_FOUND | typeof LOGIN_STATUS.AUTHORIZATION_FAILURE): string =>
  login({ admission: { type: 'refused', status, reason: 'no' } }).send('S>O', NAMES);
const moved = (permanently: boolean): string =>
  login({ admission: { type: 'moved', address: '192.0.2.9:3260', permanently } }).send('S>O', NAMES);

describe('who is not let in', () => {
  it.each([
    ['no name', 'TargetName=iqn.2026-01.net.example:disk', 'missing parameter', 'InitiatorName is missing'],
    ['an empty name', 'InitiatorName= TargetName=x', 'missing parameter', 'InitiatorName is missing'],
    ['a name beyond 223 bytes', `InitiatorName=${'i'.repeat(224)} TargetName=x`, 'missing parameter', 'InitiatorName is missing'],
    ['no target', 'InitiatorName=iqn.2026-01.net.example:host', 'missing parameter', 'TargetName is missing'],
    ['no target, said aloud', 'InitiatorName=a SessionType=Normal', 'missing parameter', 'TargetName is missing'],
    ['another type of session', `${NAMES} SessionType=Copy`, 'session type not supported', 'SessionType=Copy'],
    ['text that is none', 'InitiatorName', 'initiator error', 'iscsi-text: a pair without "=" (at byte 0)'],
  ])('%s', (_, text, status, reason) => {
    for (const path of ['S>O', 'O>F']) {
      const l = login();
      expect(l.send(path, text)).toBe(status);
      expect(l.outcomes).toEqual([`failed: ${reason}`]);
    }
  });

  it('an unknown target, or one without access', () => {
    expect(refused(LOGIN_STATUS.NOT_FOUND)).toBe('not found');
    expect(refused(LOGIN_STATUS.AUTHORIZATION_FAILURE)).toBe('authorization failure');
  });

  it('a target that has moved: the new address goes with the refusal', () => {
    expect(moved(false)).toBe('target moved temporarily TargetAddress=192.0.2.9:3260');
    expect(moved(true)).toBe('target moved permanently TargetAddress=192.0.2.9:3260');
  });

  it('an initiator that speaks later versions alone', () => {
    expect(login().send('S>O', NAMES, { versionMin: 1, versionMax: 1 })).toBe('unsupported version');
    expect(login().send('S>O', NAMES, { versionMin: 0, versionMax: 5 })).toMatch(/^S>O/);
  });

  it('whoever goes on after a refusal', () => {
    const l = login();
    l.send('S>O', 'TargetName=x');
    expect(l.send('S>O', NAMES)).toBe('');
  });
});

describe('requests out of order', () => {
  it('a stage that is not the one we are in', () => {
    const l = login();
    l.send('S>O', NAMES);
    expect(l.send('S>O', '')).toBe('initiator error');
    const early = login();
    early.send('S', NAMES);
    expect(early.send('O>F', '')).toBe('initiator error');
  });

  it('a transit to nowhere, or back', () => {
    expect(login().send('O', NAMES, { transit: true, nextStage: 1 })).toBe('initiator error');
    expect(login().send('O', NAMES, { transit: true, nextStage: 0 })).toBe('initiator error');
    expect(login().send('F', NAMES)).toBe('invalid during login');
  });

  it.each([
    ['ISID', { isid: '00023d000002' }],
    ['TSIH', { tsih: 3 }],
    ['CID', { connectionId: 6 }],
  ])('%s that changes', (_, over) => {
    const l = login();
    l.send('S>O', NAMES);
    expect(l.send('O>F', '', over)).toBe('initiator error');
  });

  it('a key twice, in one request or in two', () => {
    expect(login().send('O', `${NAMES} MaxBurstLength=512 MaxBurstLength=1024`)).toBe('initiator error');
    const l = login();
    l.send('O', `${NAMES} MaxBurstLength=512`);
    expect(l.send('O', 'MaxBurstLength=512')).toBe('initiator error');
    expect(l.outcomes.at(-1)).toBe('failed: MaxBurstLength is negotiated twice');
    const names = login();
    names.send('S>O', NAMES);
    expect(names.send('O>F', 'InitiatorName=iqn.2026-01.net.example:other')).toBe('initiator error');
  });

  it('but not a declaration that says the same again, as libiscsi does', () => {
    const l = login();
    l.send('S>O', NAMES);
    expect(l.send('O>F', NAMES)).toMatch(/^O>F/);
  });

  it('operational keys in the security stage, and the other way round, are rejected and have no effect', () => {
    const l = login();
    expect(l.send('S>O', `${NAMES} AuthMethod=None InitialR2T=No`)).toBe('S>O TargetPortalGroupTag=7 AuthMethod=None InitialR2T=Reject');
    expect(l.send('O>F', 'CHAP_A=5')).toBe(`O>F CHAP_A=Reject ${OURS}`);
    expect(l.result.parameters.initialR2T).toBe(true);
  });
});

describe('keys that cannot be agreed on', () => {
  it('are rejected, and the login goes on', () =>
    expect(login().send('O>F', `${NAMES} MaxBurstLength=1 X-com.example=1 OFMarker=Yes`)).toBe(
      `O>F TargetPortalGroupTag=7 MaxBurstLength=Reject X-com.example=NotUnderstood OFMarker=No ${OURS}`,
    ));

  it('but for digests: without the one that is asked for there is no session', () => {
    const l = login({ offer: { headerDigest: ['CRC32C'] } });
    expect(l.send('O>F', `${NAMES} HeaderDigest=None`)).toBe('initiator error');
    expect(l.outcomes.at(-1)).toContain('HeaderDigest: the initiator offers None');
  });

  it('and session-wide keys on a further connection are irrelevant', () =>
    expect(login().send('O>F', `${NAMES} MaxConnections=4 HeaderDigest=None`, { tsih: 9 })).toBe(
      `O>F TargetPortalGroupTag=7 MaxConnections=Irrelevant HeaderDigest=None ${OURS}`,
    ));
});

describe('CHAP', () => {
  it('in three requests', () => {
    const l = login({ chap: alice });
    expect(l.send('S', `${NAMES} AuthMethod=CHAP,None`)).toBe('S TargetPortalGroupTag=7 AuthMethod=CHAP');
    const challenge = l.send('S', 'CHAP_A=7,5');
    expect(challenge).toMatch(/^S CHAP_A=7 CHAP_I=\d+ CHAP_C=0x[0-9a-f]{64}$/);
    expect(l.send('S>O', proof(challenge))).toBe('S>O');
    expect(l.send('O>F')).toBe(`O>F ${OURS}`);
    expect(l.result.authentication).toBe('chap');
  });

  it('mutual: we prove ourselves too', () => {
    const l = login({ chap: { ...alice, mutual: { user: 'array', secret: utf8Bytes('the secret of the array') } } });
    l.send('S', `${NAMES} AuthMethod=CHAP`);
    const challenge = l.send('S', 'CHAP_A=7');
    const theirs = '00112233445566778899';
    const response = hex(chapResponse('SHA-256', 9, utf8Bytes('the secret of the array'), fromHex(theirs)));
    expect(l.send('S>F', `${proof(challenge)} CHAP_I=9 CHAP_C=0x${theirs}`)).toBe(`S>F CHAP_N=array CHAP_R=0x${response}`);
    expect(l.result.authentication).toBe('mutual-chap');
  });

  it('asking for the next stage too early keeps it in this one', () => {
    const l = login({ chap: alice });
    expect(l.send('S>O', `${NAMES} AuthMethod=CHAP`)).toBe('S TargetPortalGroupTag=7 AuthMethod=CHAP');
    expect(l.send('S>F', 'CHAP_A=7')).toMatch(/^S CHAP_A=7/);
  });

  it('a wrong secret', () => {
    const l = login({ chap: alice });
    l.send('S', `${NAMES} AuthMethod=CHAP`);
    expect(l.send('S>O', proof(l.send('S', 'CHAP_A=7'), utf8Bytes('guess')))).toBe('authentication failure');
    expect(l.outcomes.at(-1)).toBe('failed: the CHAP user or secret is wrong');
  });

  it('a second try, after a right one', () => {
    const l = login({ chap: alice });
    l.send('S', `${NAMES} AuthMethod=CHAP`);
    const challenge = l.send('S', 'CHAP_A=7');
    expect(l.send('S', proof(challenge))).toBe('S');
    expect(l.send('S>O', 'CHAP_N=mallory CHAP_R=0x00')).toBe('authentication failure');
  });

  it('is not skipped: not by the operational stage, not by another method, not by silence', () => {
    expect(login({ chap: alice }).send('O>F', NAMES)).toBe('authentication failure');
    expect(login({ chap: alice }).send('S>O', `${NAMES} AuthMethod=None`)).toBe('authentication failure');
    expect(login({ chap: alice }).send('S>F', NAMES)).toBe('S TargetPortalGroupTag=7');
    const l = login({ chap: alice });
    l.send('S', `${NAMES} AuthMethod=CHAP`);
    expect(l.send('S>F', '')).toBe('S');
    expect(l.outcomes).not.toContain('succeeded as 256');
  });

  it('where none is asked for: None must be offered', () => {
    expect(login().send('S>O', `${NAMES} AuthMethod=CHAP`)).toBe('authentication failure');
    expect(login().send('S>O', `${NAMES} CHAP_A=5`)).toBe('initiator error');
  });
});
