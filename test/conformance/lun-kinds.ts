/** Runs libiscsi's suite over every logical unit of a ready target, and asks of the results what we promise. */
import type { Reachable } from '../interop/target-process.ts';
import { iscsiUrl } from '../interop/target-process.ts';
import { CANNOT_RUN, type TestResult, withoutFamily } from './libiscsi-suite.ts';

/** Both paths where the array has two portals: the multipath tests ask for them, and the rest uses the first. */
export const urlsOf = (unit: Reachable): readonly string[] =>
  unit.portals.slice(0, 2).map((portal) => iscsiUrl(portal, unit.target, unit.lun.lun));

const READ_ONLY_TEST = 'ReadOnly.ReadOnlySBC';

/** The suite's own opinion of whether the logical unit is write-protected: it skips its test of that elsewhere. */
export const isReadOnly = (results: readonly TestResult[]): boolean =>
  results.some((result) => withoutFamily(result.name) === READ_ONLY_TEST && result.verdict !== 'skipped');

/** Tests that write without logging how the write ended. */
const SILENT_WRITERS: ReadonlySet<string> = new Set(['Write10.Async', 'iSCSITMF.AbortTaskSimpleAsync']);

/** A failure that is a write-protected logical unit's duty. */
export const isRefusal = (result: TestResult): boolean =>
  result.verdict === 'failed' && (result.wasWriteRefused || SILENT_WRITERS.has(withoutFamily(result.name)));

/**
 * One line for each failure that is the target's. A write-protected logical unit must refuse the writes with which most tests
 * begin: those failures are its duty, and the same tests run on the others.
 */
export function failures(results: readonly TestResult[], readOnly: boolean): readonly string[] {
  return results
    .filter((result) => result.verdict === 'failed' && !CANNOT_RUN.has(withoutFamily(result.name)) && !(readOnly && isRefusal(result)))
    .map((result) => `${result.name}: ${result.reason}`);
}

/** One line for each test that passed in full on no logical unit at all, with what it said on each. */
export function neverPassed(tests: readonly string[], byUnit: ReadonlyMap<string, readonly TestResult[]>): readonly string[] {
  const lines: string[] = [];
  for (const name of tests) {
    if (CANNOT_RUN.has(withoutFamily(name))) continue;
    const said = [...byUnit].map(([unit, results]) => ({ unit, result: results.find((candidate) => candidate.name === name) }));
    if (said.some(({ result }) => result?.verdict === 'passed')) continue;
    lines.push(
      `${name}: ${said.map(({ unit, result }) => `${unit}: ${result?.verdict ?? 'not run'} ${result?.reason ?? ''}`.trim()).join(' / ')}`,
    );
  }
  return lines;
}
