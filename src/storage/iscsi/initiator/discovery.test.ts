import { describe, expect, it } from 'vitest';
import { decodeKeyValues } from '../../../wire/iscsi/key-value.ts';
import { utf8Bytes } from '../../../base/bytes.ts';
import { DISK } from '../testing/scripted-initiator.ts';
import { type DiscoveryPlan, discoverTargets, type FoundTarget, targetsOf } from './discovery.ts';
import type { InitiatorError } from './errors.ts';
import { defaultInitiatorLimits } from './limits.ts';
import { SessionBench, type SessionBenchOptions } from './testing/bench.ts';

const ASKED = { host: '192.0.2.1', port: 3260 };
const records = (text: string): ReturnType<typeof decodeKeyValues> => decodeKeyValues(utf8Bytes(text.replaceAll(';', '\0')));

function ask(
  options: SessionBenchOptions,
  plan: Partial<DiscoveryPlan> = {},
): { found?: readonly FoundTarget[]; error?: InitiatorError; bench: SessionBench } {
  const bench = new SessionBench(options);
  const whole: DiscoveryPlan = {
    initiatorName: 'iqn.2026-01.net.example:host',
    initiatorAlias: undefined,
    portal: ASKED,
    chap: undefined,
    chapRequired: false,
    ...plan,
  };
  let answer: { found?: readonly FoundTarget[]; error?: InitiatorError } | undefined;
  discoverTargets(whole, { ...defaultInitiatorLimits, pingAfterNanos: 0 }, bench.services, (found, error) => {
    answer = { ...(found === undefined ? {} : { found }), ...(error === undefined ? {} : { error }) };
  });
  bench.run(() => answer !== undefined);
  return { ...answer, bench };
}

describe('SendTargets', () => {
  it('finds what there is, and logs out', () => {
    const { found, bench } = ask({
      portals: [
        { groupTag: 1, announce: '192.0.2.9:3260' },
        { groupTag: 2, announce: '[2001:db8::9]:3261' },
      ],
    });
    expect(found).toEqual([
      {
        name: DISK,
        portals: [
          { host: '192.0.2.9', port: 3260, groupTag: 1 },
          { host: '2001:db8::9', port: 3261, groupTag: 2 },
        ],
      },
    ]);
    expect(bench.target.service.sessions()).toEqual([]);
  });

  it('finds thousands, over many responses', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `iqn.2026-01.net.example:disk-number-${index}`);
    const nodes = Object.fromEntries(names.map((name) => [name, {}]));
    const { found } = ask({ nodes });
    expect(found?.map(({ name }) => name)).toEqual([DISK, ...names]);
  });

  it('asks for one by name', () => {
    const other = 'iqn.2026-01.net.example:other';
    expect(ask({ nodes: { [other]: {} } }, { only: other }).found?.map(({ name }) => name)).toEqual([other]);
  });

  it('says why there is no answer', () => {
    const { error, bench } = ask({ onPair: (pair) => pair.cut() });
    expect(error?.reason).toBe('connection-lost');
    expect(bench.news()).toEqual(['initiator-connection-ended']);
  });
});

describe('the records of an answer', () => {
  it.each([
    ['', []],
    ['TargetName=iqn.a;', [{ name: 'iqn.a', portals: [{ ...ASKED, groupTag: 1 }] }]],
    ['TargetName=iqn.a;TargetAddress=10.0.0.1:3260,2;', [{ name: 'iqn.a', portals: [{ host: '10.0.0.1', port: 3260, groupTag: 2 }] }]],
    ['TargetName=iqn.a;TargetAddress=???;TargetAddress=h,1;', [{ name: 'iqn.a', portals: [{ host: 'h', port: 3260, groupTag: 1 }] }]],
    ['TargetAddress=10.0.0.1:3260,1;', undefined],
    ['TargetName=;', undefined],
    [`TargetName=${'a'.repeat(224)};`, undefined],
  ])('%s', (text, found) => expect(targetsOf(records(text), ASKED)).toEqual(found));
});
