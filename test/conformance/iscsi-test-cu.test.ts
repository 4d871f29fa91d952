/**
 * libiscsi's conformance suite against every kind of logical unit that fabrics/conformance.yaml declares: nothing fails on any of
 * them, and each test runs in full (not skipped, which CUnit would count as passed) on at least one.
 */
import { describe, expect, it } from 'vitest';
import { describeWithPeers } from '../interop/peers.ts';
import { describeCounts, FAMILIES, listTests, type TestResult } from './libiscsi-suite.ts';
import { bringUpCopy, CONFORMANCE_FABRIC, failures, isReadOnly, kindsOf, neverPassed, runUnit } from './lun-kinds.ts';

const UNIT_LIMIT_MS = 900_000;

describeWithPeers(['iscsiTestCu'], 'iscsi-test-cu', async () => {
  // Brought up once while tests are collected: what there is to test is in the ready line.
  const first = await bringUpCopy(CONFORMANCE_FABRIC);
  const titles = kindsOf(CONFORMANCE_FABRIC, first.units);
  await first.stop();
  const tests = await listTests();
  const byUnit = new Map<string, readonly TestResult[]>();

  it('has all the tests we know of', () => {
    expect(tests.length).toBeGreaterThanOrEqual(615);
    expect(tests.filter((name) => name.startsWith('ALL.')).length).toBeGreaterThanOrEqual(230);
    expect(titles.length).toBeGreaterThan(4);
  });

  // Side by side, as the tests mostly sleep; each against a target of its own.
  describe.concurrent('fails nowhere on', () => {
    for (const [index, title] of titles.entries()) {
      it(
        title,
        async () => {
          const { results, exit, errors } = await runUnit(CONFORMANCE_FABRIC, index, FAMILIES, tests);
          byUnit.set(title, results);
          expect(failures(results, isReadOnly(results)), describeCounts(results)).toEqual([]);
          expect(exit, `the target did not end in order: ${errors}`).toEqual({ code: 0, signal: null });
        },
        UNIT_LIMIT_MS,
      );
    }
  });

  for (const [title, wanted] of [
    ['each test of ALL', tests.filter((name) => name.startsWith('ALL.'))],
    ['each test of every family', tests],
  ] as const) {
    it(`${title} runs in full and passes on at least one logical unit`, () => {
      expect(neverPassed(wanted, byUnit)).toEqual([]);
    });
  }
});
