import { describe, expect, it } from 'vitest';
import type { FabricEvent } from '../../base/event.ts';
import { failedTokens } from './failed-tokens.ts';
import { type Asked, type GuardSettings, isLoopbackAddress, isOwnHost, isOwnOrigin, judge, judgeUpgrade, sameText } from './guard.ts';

const TOKEN = 'correct-horse-battery';
const HERE: GuardSettings = { host: '127.0.0.1', isLoopback: true, token: TOKEN };
const ELSEWHERE: GuardSettings = { host: '0.0.0.0', isLoopback: false, token: TOKEN };
const HOST = { host: '127.0.0.1:8326' };

function judged(settings: GuardSettings, headers: Asked['headers'], more: Partial<Asked> = {}): number | 'acts' | 'looks' {
  const failed = failedTokens(
    () => {},
    () => 0,
  );
  const verdict = judge({ headers: { ...HOST, ...headers }, remote: '127.0.0.1', acts: false, isOpen: false, ...more }, settings, failed);
  return 'status' in verdict ? verdict.status : verdict.mayAct ? 'acts' : 'looks';
}

const judgedUpgrade = (settings: GuardSettings, headers: Asked['headers']): number | 'acts' | 'looks' => {
  const failed = failedTokens(
    () => {},
    () => 0,
  );
  const verdict = judgeUpgrade({ headers: { ...HOST, ...headers }, remote: '127.0.0.1' }, settings, failed);
  return 'status' in verdict ? verdict.status : verdict.mayAct ? 'acts' : 'looks';
};

describe('the guard of a page', () => {
  const withToken = { authorization: `Bearer ${TOKEN}` };

  it('lets everybody on this machine look, and acts for the token alone', () => {
    expect(judged(HERE, {})).toBe('looks');
    expect(judged(HERE, {}, { acts: true })).toBe(401);
    expect(judged(HERE, withToken, { acts: true })).toBe('acts');
    expect(judged(HERE, { authorization: `bearer ${TOKEN}` }, { acts: true })).toBe('acts');
    for (const authorization of [`Bearer ${TOKEN}x`, 'Bearer ', `Basic ${TOKEN}`, TOKEN, ''])
      expect(judged(HERE, { authorization }, { acts: true })).toBe(401);
  });

  it('takes the token for everything but the files of the page beyond loopback', () => {
    expect(judged(ELSEWHERE, {})).toBe(401);
    expect(judged(ELSEWHERE, withToken)).toBe('acts');
    expect(judged(ELSEWHERE, {}, { isOpen: true })).toBe('looks');
  });

  it('refuses what another site sent, also with the token', () => {
    for (const more of [{ acts: true }, { acts: false }]) {
      for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:9999', 'http://localhost:8326', 'file://'])
        expect(judged(HERE, { ...withToken, origin }, more)).toBe(403);
      expect(judged(HERE, { ...withToken, 'sec-fetch-site': 'cross-site' }, more)).toBe(403);
      expect(judged(HERE, { ...withToken, 'sec-fetch-site': 'same-site' }, more)).toBe(403);
      expect(judged(HERE, { ...withToken, origin: 'http://127.0.0.1:8326', 'sec-fetch-site': 'same-origin' }, more)).toBe('acts');
    }
    // By a link to the page.
    expect(judged(HERE, { 'sec-fetch-site': 'cross-site' }, { isOpen: true })).toBe('looks');
  });

  it('refuses another name than its own on loopback', () => {
    for (const host of [
      'evil.example',
      'evil.example:8326',
      '192.0.2.1:8326',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
      '[::2]',
      '',
    ])
      expect(judged(HERE, { host, ...withToken }, { isOpen: true })).toBe(403);
    for (const host of ['localhost:8326', 'LOCALHOST', '127.0.0.2:1', '[::1]:8326']) expect(judged(HERE, { host })).toBe('looks');
    expect(judged(ELSEWHERE, { host: 'rack.example:8326', ...withToken })).toBe('acts');
  });

  it('listens no more to who tries ten tokens, for a minute', () => {
    let now = 0;
    const events: FabricEvent[] = [];
    const failed = failedTokens(
      (event) => events.push(event),
      () => now,
    );
    const status = (token: string, remote = '192.0.2.7'): number | undefined => {
      const headers = { ...HOST, authorization: `Bearer ${token}` };
      const verdict = judge({ headers, remote, acts: true, isOpen: false }, HERE, failed);
      return 'status' in verdict ? verdict.status : undefined;
    };
    // A page that was left open guesses nothing.
    for (let times = 0; times < 100; times += 1) expect(status('of-an-earlier-run')).toBe(401);
    for (let guess = 0; guess < 9; guess += 1) expect(status(`guess-${guess}`)).toBe(401);
    expect(status('guess-9')).toBe(429);
    expect(status(TOKEN)).toBe(429);
    expect(status(TOKEN, '192.0.2.8')).toBeUndefined();
    expect(events.map(({ id, data }) => [id, data])).toEqual([[9010, { remote: '192.0.2.7', times: 1 }]]);
    now = 60_001;
    expect(status(TOKEN)).toBeUndefined();
    expect(status('guess-10')).toBe(401);
    expect(events.map(({ data }) => data['times'])).toEqual([1, 109]);
  });

  it('remembers only so many addresses', () => {
    const failed = failedTokens(
      () => {},
      () => 0,
    );
    for (let guess = 0; guess < 10; guess += 1) failed.add('first', `guess-${guess}`);
    expect(failed.isShut('first')).toBe(true);
    for (let address = 0; address < 1000; address += 1) failed.add(`address ${address}`, 'guess');
    expect(failed.isShut('first')).toBe(false);
  });
});

describe('the guard of a WebSocket', () => {
  it('takes the token as a subprotocol; on loopback one may look without', () => {
    const protocol = { 'sec-websocket-protocol': `samewire.1, token.${TOKEN}` };
    expect(judgedUpgrade(HERE, protocol)).toBe('acts');
    expect(judgedUpgrade(HERE, { 'sec-websocket-protocol': 'samewire.1' })).toBe('looks');
    expect(judgedUpgrade(HERE, { 'sec-websocket-protocol': 'samewire.1, token.wrong' })).toBe('looks');
    expect(judgedUpgrade(ELSEWHERE, protocol)).toBe('acts');
    expect(judgedUpgrade(ELSEWHERE, { 'sec-websocket-protocol': 'samewire.1' })).toBe(401);
    expect(judgedUpgrade(ELSEWHERE, { 'sec-websocket-protocol': 'samewire.1, token.wrong' })).toBe(401);
    expect(judgedUpgrade(HERE, { ...protocol, origin: 'http://evil.example' })).toBe(403);
    expect(judgedUpgrade(HERE, { ...protocol, host: 'evil.example' })).toBe(403);
  });
});

it('knows loopback in every form', () => {
  for (const host of ['127.0.0.1', '127.255.0.3', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1'])
    expect([host, isLoopbackAddress(host)]).toEqual([host, true]);
  for (const host of ['128.0.0.1', '0.0.0.0', '::', '::2', '::ffff:128.0.0.1', 'localhost', '', '127.1', '127.0.0.1.example'])
    expect([host, isLoopbackAddress(host)]).toEqual([host, false]);
});

it('compares hosts and origins as a whole', () => {
  expect(isOwnHost('[::1]:8326', { host: '::1', isLoopback: true })).toBe(true);
  expect(isOwnHost('127.0.0.1:8326@evil.example', { host: '127.0.0.1', isLoopback: true })).toBe(false);
  expect(isOwnHost(undefined, { host: '127.0.0.1', isLoopback: false })).toBe(false);
  expect(isOwnOrigin('http://127.0.0.1:8326', '127.0.0.1:8326')).toBe(true);
  expect(isOwnOrigin('https://rack.example', 'rack.example')).toBe(true);
  expect(isOwnOrigin('http://127.0.0.1:8326.evil.example', '127.0.0.1:8326')).toBe(false);
  expect(isOwnOrigin('http://127.0.0.1', '127.0.0.1:8326')).toBe(false);
  expect(sameText('a', 'a')).toBe(true);
  expect(sameText('a', 'aa')).toBe(false);
});
