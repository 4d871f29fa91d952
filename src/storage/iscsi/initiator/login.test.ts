import { describe, expect, it } from 'vitest';
import { utf8Bytes, utf8Text } from '../../../base/bytes.ts';
import { seededRng } from '../../../base/rng.ts';
import { decodeKeyValues } from '../../../wire/iscsi/key-value.ts';
import { encodeLoginResponse, LOGIN_STATUS, type LoginRequest, type LoginResponse } from '../../../wire/iscsi/login.ts';
import { ALL_CHAP_ALGORITHMS, type ChapAccount, type ChapAlgorithm, type ChapCredentials, chapResponse } from '../chap.ts';
import { DISK } from '../testing/scripted-initiator.ts';
import type { InitiatorError } from './errors.ts';
import { defaultInitiatorLimits, type InitiatorLimits, initiatorOffer } from './limits.ts';
import { InitiatorLogin, type LoggedIn, type LoginPlan } from './login.ts';
import type { PortalAddress } from './portal-address.ts';
import { SessionBench } from './testing/bench.ts';

const ISID = '800000000001';
const SECRET = utf8Bytes('a secret of the initiator');
const TARGET_SECRET = utf8Bytes('a secret of the target');

/** A login whose responses a test makes up. */
class Script {
  readonly sent: { readonly request: LoginRequest; readonly keys: Readonly<Record<string, string>> }[] = [];
  result: LoggedIn | undefined;
  error: InitiatorError | undefined;
  moved: readonly [PortalAddress, boolean] | undefined;
  readonly #login: InitiatorLogin;
  #status = 100;

  constructor(plan: Partial<LoginPlan> = {}, limits: Partial<InitiatorLimits> = {}) {
    const whole: LoginPlan = {
      initiatorName: 'iqn.2026-01.net.example:host',
      initiatorAlias: undefined,
      targetName: 'iqn.2026-01.net.example:disk',
      isid: ISID,
      tsih: 0,
      connectionId: 0,
      commandSequenceNumber: 10,
      chap: undefined,
      chapRequired: false,
      offer: initiatorOffer({ ...defaultInitiatorLimits, ...limits }),
      ...plan,
    };
    const sink = {
      sendLogin: (request: LoginRequest, text: Uint8Array) =>
        void this.sent.push({ request, keys: Object.fromEntries(decodeKeyValues(text)) }),
      loginSucceeded: (result: LoggedIn) => (this.result = result),
      loginFailed: (error: InitiatorError) => (this.error = error),
      loginRedirected: (address: PortalAddress, permanently: boolean) => (this.moved = [address, permanently]),
    };
    this.#login = new InitiatorLogin(whole, sink, seededRng(3));
    this.#login.begin();
  }

  get last(): Readonly<Record<string, string>> {
    return this.sent.at(-1)!.keys;
  }

  /** `flow`: the stage, and the next one if the response goes on to it: `0`, `0>1`, `1>3`. */
  answer(flow: string, keys: string | readonly string[] = [], change: Partial<LoginResponse> = {}, version = 0): this {
    const [current, next] = flow.split('>').map(Number) as [0 | 1 | 3, 0 | 1 | 3 | undefined];
    const response: LoginResponse = {
      transit: next !== undefined,
      continues: false,
      currentStage: current,
      nextStage: next ?? current,
      isid: ISID,
      tsih: next === 3 ? 7 : 0,
      initiatorTaskTag: 0,
      statusSequenceNumber: this.#status,
      expectedCommandSequenceNumber: 10,
      maxCommandSequenceNumber: 41,
      statusClass: 0,
      statusDetail: 0,
      ...change,
    };
    this.#status += 1;
    const text = typeof keys === 'string' ? keys : keys.map((pair) => `${pair}\0`).join('');
    const header = new Uint8Array(48);
    encodeLoginResponse(response, 0, header, 0);
    header[3] = version;
    this.#login.handle(response, header, utf8Bytes(text));
    return this;
  }

  /** What the operational stage answers to, with nothing out of the ordinary. */
  agree(...changed: readonly string[]): this {
    const answers = new Map(
      [
        'HeaderDigest=None',
        'DataDigest=None',
        'MaxConnections=1',
        'InitialR2T=Yes',
        'ImmediateData=Yes',
        'MaxBurstLength=262144',
        'FirstBurstLength=65536',
        'DefaultTime2Wait=2',
        'DefaultTime2Retain=0',
        'MaxOutstandingR2T=1',
        'DataPDUInOrder=Yes',
        'DataSequenceInOrder=Yes',
        'ErrorRecoveryLevel=0',
        'MaxRecvDataSegmentLength=8192',
        ...changed,
      ].map((pair) => [pair.split('=')[0]!, pair]),
    );
    return this.answer(
      '1>3',
      [...answers.values()].filter((pair) => !pair.endsWith('=-')),
    );
  }
}

const open = (): Script => new Script().answer('0>1', ['AuthMethod=None', 'TargetPortalGroupTag=3']);
const credentials = (mutual = false): ChapCredentials => ({
  user: 'alice',
  secret: SECRET,
  algorithms: ALL_CHAP_ALGORITHMS,
  ...(mutual ? { mutual: { user: 'disk', secret: TARGET_SECRET } } : {}),
});

const refusal = (detail: number): Partial<LoginResponse> => ({ statusClass: 2, statusDetail: detail, isid: '000000000000' });

const moved = (text: string): Script =>
  new Script().answer('0', text === '' ? [] : [`TargetAddress=${text}`], { statusClass: 1, statusDetail: 1 });

const challenge = (...changed: readonly string[]): Script => {
  const script = new Script({ chap: credentials(true), chapRequired: true }).answer('0', ['AuthMethod=CHAP']);
  expect(script.last).toEqual({ CHAP_A: '5,6,7,8' });
  const keys = new Map(['CHAP_A=5', 'CHAP_I=9', 'CHAP_C=0x00112233', ...changed].map((pair) => [pair.split('=')[0]!, pair]));
  return script.answer(
    '0',
    [...keys.values()].filter((pair) => !pair.endsWith('=-')),
  );
};

const proof = (script: Script, secret: Uint8Array): string => {
  const own = Buffer.from(script.last['CHAP_C']!.slice(2), 'hex');
  return `CHAP_R=0x${Buffer.from(chapResponse('MD5', Number(script.last['CHAP_I']), secret, own)).toString('hex')}`;
};

function wrongProof(keys: (script: Script) => readonly string[]): Script {
  const script = challenge();
  return script.answer('0>1', keys(script));
}

const account = (algorithms: readonly ChapAlgorithm[], mutual: boolean): ChapAccount => ({
  user: 'alice',
  secret: SECRET,
  algorithms,
  ...(mutual ? { mutual: { user: 'disk', secret: TARGET_SECRET } } : {}),
});

const reasonFor = (text: string): string | undefined => {
  const bench = new SessionBench();
  bench.refuses = text;
  return bench.open()?.reason;
};

describe('a login', () => {
  it('says who is asking and what for, offers everything once, and takes what comes of it', () => {
    const script = new Script();
    expect(script.last).toEqual({
      InitiatorName: 'iqn.2026-01.net.example:host',
      SessionType: 'Normal',
      TargetName: 'iqn.2026-01.net.example:disk',
      AuthMethod: 'None',
    });
    script.answer('0>1', ['AuthMethod=None', 'TargetPortalGroupTag=3', 'TargetAlias=the disk']);
    expect(script.last).toEqual({
      HeaderDigest: 'None,CRC32C',
      DataDigest: 'None,CRC32C',
      MaxConnections: '1',
      InitialR2T: 'No',
      ImmediateData: 'Yes',
      MaxBurstLength: '1048576',
      FirstBurstLength: '262144',
      DefaultTime2Wait: '0',
      DefaultTime2Retain: '0',
      MaxOutstandingR2T: '8',
      DataPDUInOrder: 'Yes',
      DataSequenceInOrder: 'Yes',
      ErrorRecoveryLevel: '0',
      MaxRecvDataSegmentLength: '262144',
    });
    script.agree();
    expect(script.result).toMatchObject({ tsih: 7, targetAlias: 'the disk', portalGroupTag: 3, authentication: 'none' });
    expect(script.result!.parameters).toMatchObject({
      initialR2T: true,
      maxBurstBytes: 262144,
      firstBurstBytes: 65536,
      time2WaitSeconds: 2,
      sendSegmentBytesMax: 8192,
      receiveSegmentBytesMax: 262144,
    });
    expect(script.sent.map(({ request }) => request.expectedStatusSequenceNumber)).toEqual([0, 101]);
  });

  it('takes an answer over several responses (§6.2)', () => {
    const script = open();
    script.answer('1', 'HeaderDigest=No', { continues: true });
    expect([script.last, script.sent.at(-1)!.request.transit]).toEqual([{}, false]);
    script.answer('1>3', 'ne\0DataDigest=CRC32C\0');
    expect(script.result?.parameters).toMatchObject({ headerDigest: false, dataDigest: true });
  });

  it('answers what the target begins with', () => {
    const script = open().answer('1', ['HeaderDigest=None', 'iSCSIProtocolLevel=2', 'TaskReporting=RFC3720', 'X-com.example.magic=7']);
    expect(script.last).toEqual({ iSCSIProtocolLevel: '2', TaskReporting: 'RFC3720', 'X-com.example.magic': 'NotUnderstood' });
    expect(script.agree('HeaderDigest=-').result).toBeDefined();
  });

  it('goes on where the target needs another round', () => {
    const script = new Script().answer('0', ['AuthMethod=None']).answer('0>1').answer('1').answer('1>3');
    expect(script.result?.parameters.firstBurstBytes).toBe(65536);
  });

  it('in a discovery session leaves out what means nothing there', () => {
    const script = new Script({ targetName: undefined });
    expect(script.last).toEqual({ InitiatorName: 'iqn.2026-01.net.example:host', SessionType: 'Discovery', AuthMethod: 'None' });
    script.answer('0>1', ['AuthMethod=None']);
    expect(Object.keys(script.last)).not.toContain('MaxBurstLength');
    expect(script.answer('1>3', [], { tsih: 0 }).result).toBeDefined();
  });
});

it('offers no FirstBurstLength above MaxBurstLength (§13.14)', () => {
  const script = new Script({}, { maxBurstBytes: 4096 }).answer('0>1', ['AuthMethod=None']);
  expect(script.last).toMatchObject({ MaxBurstLength: '4096', FirstBurstLength: '4096' });
});

describe('an answer that is left out', () => {
  it('is what was offered where that settles it (§6.2.2): Linux leaves out these', () => {
    const limits = { initialR2T: true, immediateData: false };
    const script = new Script({}, limits).answer('0>1', ['AuthMethod=None']).agree('InitialR2T=-', 'ImmediateData=-');
    expect(script.result?.parameters).toMatchObject({ initialR2T: true, immediateData: false });
  });

  it('is the default where it does not', () => {
    const script = open().agree('InitialR2T=-', 'ImmediateData=-', 'MaxBurstLength=-');
    expect(script.result?.parameters).toMatchObject({ initialR2T: true, immediateData: true, maxBurstBytes: 262144 });
  });
});

describe('what can be wrong with an answer', () => {
  const cases: readonly (readonly [string, () => Script, string])[] = [
    ['a version we do not speak', () => new Script().answer('0>1', [], {}, 1), 'login-response-invalid'],
    ['another ISID', () => new Script().answer('0>1', [], { isid: '800000000002' }), 'login-response-invalid'],
    ['another stage', () => new Script().answer('1>3'), 'login-response-invalid'],
    ['a stage left out', () => new Script().answer('0>3'), 'login-response-invalid'],
    ['a StatSN out of order', () => open().answer('1>3', [], { statusSequenceNumber: 77 }), 'login-response-invalid'],
    ['text that is none', () => new Script().answer('0>1', 'nonsense\0'), 'login-response-invalid'],
    ['text without end', () => endless(), 'login-response-invalid'],
    ['no end', () => rounds(), 'login-response-invalid'],
    ['no session handle', () => open().answer('1>3', [], { tsih: 0 }), 'login-response-invalid'],
    ['a window that ends before it begins', () => open().answer('1>3', [], { maxCommandSequenceNumber: 8 }), 'window-invalid'],
    ['a number out of range', () => open().agree('MaxBurstLength=511'), 'login-response-invalid'],
    ['a value of no kind', () => open().agree('ImmediateData=Perhaps'), 'login-response-invalid'],
    ['a list for an answer', () => open().agree('DataPDUInOrder=Yes,No'), 'login-response-invalid'],
    ['an answer that the offer rules out', () => open().agree('DataPDUInOrder=No'), 'login-response-invalid'],
    ['a key twice', () => open().answer('1', ['X-a=1']).answer('1', ['X-a=1']), 'login-response-invalid'],
    ['FirstBurstLength above MaxBurstLength', () => open().agree('MaxBurstLength=4096', 'FirstBurstLength=8192'), 'burst-lengths'],
    ['a digest that was not offered', () => open().agree('HeaderDigest=CRC64'), 'header-digest-refused'],
    ['no header digest where one is required', () => strict('headerDigest').agree(), 'header-digest-refused'],
    ['no word of it', () => strict('headerDigest').agree('HeaderDigest=-'), 'header-digest-refused'],
    ['no data digest where one is required', () => strict('dataDigest').agree('DataDigest=Reject'), 'data-digest-refused'],
    ['a method of authentication nobody knows', () => new Script().answer('0', ['AuthMethod=KRB5']), 'auth-method-unknown'],
    ['a method that was not offered', () => new Script().answer('0', ['AuthMethod=CHAP']), 'chap-needed'],
    ['no method at all', () => new Script({ chap: credentials(), chapRequired: true }).answer('0'), 'auth-method-missing'],
    [
      'no CHAP where it is required',
      () => new Script({ chap: credentials(), chapRequired: true }).answer('0', ['AuthMethod=None']),
      'chap-not-offered',
    ],
    ['CHAP chosen and left out', () => new Script({ chap: credentials() }).answer('0>1', ['AuthMethod=CHAP']), 'chap-not-offered'],
  ];
  it.each(cases)('%s', (_, run, reason) => {
    const script = run();
    expect(script.error?.reason).toBe(reason);
    expect(script.result).toBeUndefined();
    const sent = script.sent.length;
    script.answer('1>3');
    expect([script.sent.length, script.result]).toEqual([sent, undefined]);
  });

  it('FirstBurstLength means nothing where no data goes unasked', () => {
    const script = open().agree('MaxBurstLength=4096', 'FirstBurstLength=8192', 'ImmediateData=No');
    expect(script.result?.parameters.firstBurstBytes).toBe(4096);
  });

  it('a refusal in whatever form', () => {
    const missing = new Script().answer('3', [], refusal(3));
    expect(missing.error).toMatchObject({ reason: 'login-refused', loginStatus: LOGIN_STATUS.NOT_FOUND, permanent: false });
    const denied = new Script().answer('0', [], refusal(1));
    expect(denied.error).toMatchObject({ loginStatus: LOGIN_STATUS.AUTHENTICATION_FAILURE, permanent: true });
  });

  it('an address to go to, or none', () => {
    expect(moved('[2001:db8::7]:3261,4').moved).toEqual([{ host: '2001:db8::7', port: 3261 }, false]);
    expect(moved('storage.example').moved).toEqual([{ host: 'storage.example', port: 3260 }, false]);
    for (const text of ['', 'no such host!', '192.0.2.1:99999', 'a:b:c'])
      expect(moved(text).error).toMatchObject({ reason: 'redirect-invalid', dump: `TargetAddress=${text}` });
  });
});

function strict(digest: 'headerDigest' | 'dataDigest'): Script {
  return new Script({}, { [digest]: ['CRC32C'] }).answer('0>1', ['AuthMethod=None']);
}

function endless(): Script {
  const script = open();
  for (let index = 0; index < 20; index += 1) script.answer('1', 'x'.repeat(8000), { continues: true });
  return script;
}

function rounds(): Script {
  const script = open();
  for (let index = 0; index < 40; index += 1) script.answer('1');
  return script;
}

describe('CHAP', () => {
  it('answers the challenge, and takes the proof', () => {
    const script = challenge();
    expect(script.last['CHAP_N']).toBe('alice');
    expect(script.last['CHAP_R']).toBe(
      `0x${Buffer.from(chapResponse('MD5', 9, SECRET, Uint8Array.of(0, 0x11, 0x22, 0x33))).toString('hex')}`,
    );
    script.answer('0>1', ['CHAP_N=disk', proof(script, TARGET_SECRET)]).agree();
    expect(script.result?.authentication).toBe('mutual-chap');
  });

  it('takes a challenge in Base64', () => expect(challenge('CHAP_C=0bABEiMw==').last['CHAP_N']).toBe('alice'));

  const cases: readonly (readonly [string, () => Script, string])[] = [
    ['an algorithm that was not offered', () => challenge('CHAP_A=129'), 'chap-algorithm'],
    ['no algorithm', () => challenge('CHAP_A=-'), 'chap-key-missing'],
    ['no identifier', () => challenge('CHAP_I=-'), 'chap-key-missing'],
    ['an identifier of two bytes', () => challenge('CHAP_I=256'), 'chap-key'],
    ['no challenge', () => challenge('CHAP_C=-'), 'chap-key-missing'],
    ['a challenge that is no number', () => challenge('CHAP_C=0xfish'), 'chap-challenge'],
    ['a challenge that is too long', () => challenge(`CHAP_C=0x${'ab'.repeat(1025)}`), 'chap-challenge-length'],
    ['the wrong proof', () => wrongProof((script) => ['CHAP_N=disk', proof(script, SECRET)]), 'chap-response'],
    ['another name', () => wrongProof((script) => ['CHAP_N=other', proof(script, TARGET_SECRET)]), 'chap-response'],
    ['our own proof sent back', () => wrongProof((script) => ['CHAP_N=disk', `CHAP_R=${script.last['CHAP_R']}`]), 'chap-response'],
    ['no proof', () => wrongProof(() => ['CHAP_N=disk']), 'chap-key-missing'],
    ['a key that CHAP does not have', () => challenge('CHAP_X=1'), 'chap-key'],
    ['a proof that is no number', () => wrongProof(() => ['CHAP_N=disk', 'CHAP_R=0xfish']), 'chap-key'],
  ];
  it.each(cases)('refuses %s', (_, run, reason) => {
    const script = run();
    expect([script.error?.reason, script.result]).toEqual([reason, undefined]);
    // RFC 7143 §9.2.1: no secret in what people read.
    expect(JSON.stringify(script.error)).not.toContain(utf8Text(SECRET));
  });

  it.each(ALL_CHAP_ALGORITHMS.flatMap((name) => [[name, false] as const, [name, true] as const]))(
    'with our target: %s, mutual %s',
    (name, mutual) => {
      const nodes = { [DISK]: { grant: () => ({ chap: account([name], mutual) }) } };
      const bench = new SessionBench({ nodes, plan: { chap: credentials(mutual) } }).opened();
      expect(bench.session.login?.authentication).toBe(mutual ? 'mutual-chap' : 'chap');
    },
  );

  it('with our target, and the wrong secret', () => {
    const nodes = { [DISK]: { grant: () => ({ chap: account(['SHA-256'], true) }) } };
    const wrong = new SessionBench({ nodes, plan: { chap: { ...credentials(), secret: TARGET_SECRET } } });
    expect(wrong.open()).toMatchObject({ reason: 'login-refused', loginStatus: LOGIN_STATUS.AUTHENTICATION_FAILURE });
    const bench = new SessionBench({ nodes, plan: { chap: { ...credentials(), mutual: { secret: utf8Bytes('it knows another') } } } });
    expect(bench.open()?.reason).toBe('chap-response');
    const none = new SessionBench({ nodes });
    expect(none.open()?.reason).toBe('login-refused');
  });

  it('is left out where the target wants none, unless it is required', () => {
    expect(new SessionBench({ plan: { chap: credentials() } }).opened().session.login?.authentication).toBe('none');
    expect(new SessionBench({ plan: { chap: credentials(), chapRequired: true } }).open()?.reason).toBe('login-refused');
    expect(new SessionBench({ plan: { chap: credentials(true) } }).open()?.reason).toBe('login-refused');
  });
});

describe('a target that has moved', () => {
  const movedTo = { address: '198.51.100.7:3261', permanently: false };

  it('is followed, for this once', () => {
    const bench = new SessionBench({ nodes: { [DISK]: { movedTo } } });
    let opened = false;
    bench.session.open(() => (opened = true));
    bench.run(() => bench.dialed.length === 2);
    bench.target.addNode(DISK, {});
    bench.run(() => opened);
    expect(bench.session.state).toBe('logged-in');
    bench.pairs.at(-1)!.cut();
    bench.run(() => bench.session.state === 'recovering');
    bench.run(() => bench.session.state === 'logged-in');
    expect(bench.dialed.map(({ host }) => host)).toEqual(['192.0.2.1', '198.51.100.7', '192.0.2.1']);
    expect(bench.news()).toContain('initiator-redirected');
  });

  it('for good is looked for there from then on', () => {
    const bench = new SessionBench({ nodes: { [DISK]: { movedTo: { ...movedTo, permanently: true } } } });
    bench.session.open(() => {});
    bench.run(() => bench.dialed.length === 2);
    bench.target.addNode(DISK, {});
    bench.run(() => bench.session.state === 'logged-in');
    bench.pairs.at(-1)!.cut();
    bench.run(() => bench.session.state === 'recovering');
    bench.run(() => bench.session.state === 'logged-in');
    expect(bench.dialed.map(({ host }) => host)).toEqual(['192.0.2.1', '198.51.100.7', '198.51.100.7']);
  });

  it('in a circle is not followed for ever', () => {
    const bench = new SessionBench({ nodes: { [DISK]: { movedTo } } });
    expect(bench.open()?.reason).toBe('redirect-loop');
    expect(bench.dialed.length).toBe(defaultInitiatorLimits.redirects + 1);
  });
});

describe('a target that does not answer', () => {
  it('a connection', () => {
    const bench = new SessionBench();
    Object.assign(bench.services, { dial: () => ({ cancel: () => {} }) });
    expect(bench.open()).toMatchObject({ reason: 'connect-failed', message: 'no connection to 192.0.2.1:3260 within 15 s' });
  });

  it('a login', () => {
    const bench = new SessionBench({ onPair: (pair) => (pair.target.held = true) });
    expect(bench.open()).toMatchObject({ reason: 'request-timed-out', dump: '03h Login Request' });
    expect(bench.events.map(({ id }) => id)).toEqual([2108]);
  });

  it('and the reason why there is no connection', () => {
    expect(reasonFor('connect ECONNREFUSED 192.0.2.1:3260')).toBe('connect-failed');
    expect(reasonFor('connect EADDRNOTAVAIL')).toBe('local-portal');
    expect(reasonFor('connect EMFILE')).toBe('no-resources');
  });
});
