/**
 * libiscsi's conformance suite against every kind of logical unit that fabrics/conformance.yaml declares: nothing fails on any of
 * them, and each test runs in full (not skipped, which CUnit would count as passed) on at least one.
 */
import { afterAll, expect, it } from 'vitest';
import { describeWithPeers } from '../interop/peers.ts';
import { logicalUnits, startTarget, type TargetProcess } from '../interop/target-process.ts';
import { describeCounts, FAMILIES, listTests, runTests, type TestResult } from './libiscsi-suite.ts';
import { failures, isReadOnly, neverPassed, urlsOf } from './lun-kinds.ts';

const FABRIC = 'fabrics/conformance.yaml';
const FAMILY_LIMIT_MS = 600_000;

describeWithPeers(['iscsiTestCu'], 'iscsi-test-cu', async () => {
  // Started while tests are collected: what there is to test is in the ready line.
  let target: TargetProcess = await startTarget(['up', FABRIC]);
  const tests = await listTests();
  const units = logicalUnits(target.ready);
  const byUnit = new Map<string, TestResult[]>(units.map((unit) => [unit.title, []]));

  /** The target, started again if the test before brought it down: one crash must not fail everything after it. */
  const running = async (): Promise<TargetProcess> => {
    if (!target.isRunning()) target = await startTarget(['up', FABRIC]);
    return target;
  };

  afterAll(async () => {
    await target.stop();
  });

  it('has all the tests we know of', () => {
    expect(tests.length).toBeGreaterThanOrEqual(615);
    expect(tests.filter((name) => name.startsWith('ALL.')).length).toBeGreaterThanOrEqual(230);
    expect(units.length).toBeGreaterThan(0);
  });

  for (const [index, unit] of units.entries()) {
    for (const family of FAMILIES) {
      it(
        `${unit.title}: no failures in ${family}`,
        async () => {
          const process = await running();
          // The ports may be others than at first.
          const now = logicalUnits(process.ready)[index]!;
          const results = await runTests({ urls: urlsOf(now), tests: tests.filter((name) => name.startsWith(`${family}.`)) });
          byUnit.get(unit.title)!.push(...results);
          expect(failures(results, isReadOnly(byUnit.get(unit.title)!)), describeCounts(results)).toEqual([]);
          expect(process.isRunning(), `the target ended: ${process.errors()}`).toBe(true);
        },
        FAMILY_LIMIT_MS,
      );
    }
  }

  for (const [title, wanted] of [
    ['each test of ALL', tests.filter((name) => name.startsWith('ALL.'))],
    ['each test of every family', tests],
  ] as const) {
    it(`${title} runs in full and passes on at least one logical unit`, () => {
      expect(neverPassed(wanted, byUnit)).toEqual([]);
    });
  }

  it('leaves the target running, and it then ends in order', async () => {
    const process = await running();
    expect(await process.stop()).toEqual({ code: 0, signal: null });
  });
});
