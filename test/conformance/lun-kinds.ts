/** Runs libiscsi's suite over every logical unit of a ready target, and asks of the results what we promise. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import { makeScratch } from '../interop/scratch.ts';
import { iscsiUrl, logicalUnits, type Reachable, startTarget, type TargetExit, type TargetProcess } from '../interop/target-process.ts';
import { CANNOT_RUN, type Family, runTests, type TestResult, withoutFamily } from './libiscsi-suite.ts';

export const CONFORMANCE_FABRIC = 'fabrics/conformance.yaml';

export interface FabricCopy {
  readonly process: TargetProcess;
  readonly units: readonly Reachable[];
  readonly stop: () => Promise<TargetExit>;
}

let lastStart: Promise<unknown> = Promise.resolve();

/** The fabric brought up from a copy of its file in a folder of its own: with files and reservations that no other has a hand in. */
export function bringUpCopy(fabric: string): Promise<FabricCopy> {
  // One after the other: a dozen that fill their disks at once would all be late.
  const start = lastStart.then(() => startCopy(fabric));
  lastStart = start.catch(() => undefined);
  return start;
}

async function startCopy(fabric: string): Promise<FabricCopy> {
  const scratch = makeScratch();
  try {
    const process = await startTarget(['up', scratch.write(basename(fabric), readFileSync(fabric, 'utf8'))]);
    const stop = async (): Promise<TargetExit> => {
      const exit = await process.stop();
      scratch.remove();
      return exit;
    };
    return { process, units: logicalUnits(process.ready), stop };
  } catch (error) {
    scratch.remove();
    throw error;
  }
}

export interface UnitRun {
  readonly results: readonly TestResult[];
  /** How the target ended when it was told to; undefined if it had ended by itself. */
  readonly exit: TargetExit | undefined;
  readonly errors: string;
}

/** What the declaration says of a logical unit and the ready line does not. */
interface DeclaredLun {
  readonly physicalBlockSize?: number;
  readonly provisioning?: string;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
}

interface DeclaredFabric {
  readonly arrays: Readonly<
    Record<string, { readonly targets: Readonly<Record<string, { readonly luns: Readonly<Record<string, DeclaredLun>> }>> }>
  >;
}

/** Each logical unit by its kind: `memory, 512 on 4096, thin`. */
export function kindsOf(fabric: string, units: readonly Reachable[]): readonly string[] {
  const declared = parse(readFileSync(fabric, 'utf8')) as DeclaredFabric;
  const targets = Object.assign(
    {},
    ...Object.values(declared.arrays).map((array) => array.targets),
  ) as DeclaredFabric['arrays'][string]['targets'];
  return units.map(({ target, lun }) => {
    const { physicalBlockSize, provisioning = 'thick', readOnly, removable } = targets[target]!.luns[lun.lun]!;
    const blocks = physicalBlockSize === undefined ? `${lun.blockSize}` : `${lun.blockSize} on ${physicalBlockSize}`;
    return [
      lun.store,
      blocks,
      provisioning,
      ...(readOnly === true ? ['read-only'] : []),
      ...(removable === true ? ['removable'] : []),
    ].join(', ');
  });
}

/** Tests that sleep for two minutes: each runs beside the others, against a target of its own. */
const SLEEPERS: ReadonlySet<string> = new Set(['Sanitize.Reset']);

const isSleeper = (name: string): boolean => SLEEPERS.has(withoutFamily(name));

/**
 * The tests of some families against one logical unit of a fabric of its own, so that several can run side by side: the tests
 * reset the whole target now and then.
 */
export async function runUnit(fabric: string, index: number, families: readonly Family[], tests: readonly string[]): Promise<UnitRun> {
  const wanted = tests.filter((name) => families.some((family) => name.startsWith(`${family}.`)));
  const awake = families.map((family) => wanted.filter((name) => name.startsWith(`${family}.`) && !isSleeper(name)));
  const asleep = wanted.filter(isSleeper).map((name) => [[name]]);
  const runs = await Promise.all([awake, ...asleep].map((batches) => runBatches(fabric, index, batches, tests)));
  const byName = new Map(runs.flatMap((run) => run.results).map((result) => [result.name, result]));
  return {
    results: wanted.map((name) => byName.get(name)!),
    exit: (runs.find((run) => run.exit?.code !== 0) ?? runs[0]!).exit,
    errors: runs.map((run) => run.errors).join(''),
  };
}

/** A target that ends by itself is started again for the next batch. */
async function runBatches(
  fabric: string,
  index: number,
  batches: readonly (readonly string[])[],
  known: readonly string[],
): Promise<UnitRun> {
  let copy = await bringUpCopy(fabric);
  const results: TestResult[] = [];
  let errors = '';
  let endedByItself = false;
  for (const batch of batches) {
    results.push(...(await runTests({ urls: urlsOf(copy.units[index]!), tests: batch, known })));
    if (copy.process.isRunning()) continue;
    endedByItself = true;
    errors += copy.process.errors();
    await copy.stop();
    copy = await bringUpCopy(fabric);
  }
  const exit = await copy.stop();
  return { results, exit: endedByItself ? undefined : exit, errors: errors + copy.process.errors() };
}

/** Both paths where the array has two portals. */
const urlsOf = (unit: Reachable): readonly string[] =>
  unit.portals.slice(0, 2).map((portal) => iscsiUrl(portal, unit.target, unit.lun.lun));

const READ_ONLY_TEST = 'ReadOnly.ReadOnlySBC';

/** The suite's own opinion of whether the logical unit is write-protected: it skips its test of that elsewhere. */
export const isReadOnly = (results: readonly TestResult[]): boolean =>
  results.some((result) => withoutFamily(result.name) === READ_ONLY_TEST && result.verdict !== 'skipped');

/** Tests that write without logging how the write ended. */
const SILENT_WRITERS: ReadonlySet<string> = new Set(['Write10.Async', 'iSCSITMF.AbortTaskSimpleAsync', 'Sanitize.Reset']);

/** A failure that is a write-protected logical unit's duty. */
export const isRefusal = (result: TestResult): boolean =>
  result.verdict === 'failed' && (result.excuse === 'refused' || SILENT_WRITERS.has(withoutFamily(result.name)));

/**
 * One line for each failure that is the target's. A write-protected logical unit must refuse the writes with which most tests
 * begin: those failures are its duty, and the same tests run on the others.
 */
export function failures(results: readonly TestResult[], readOnly: boolean): readonly string[] {
  return results
    .filter(
      (result) =>
        result.verdict === 'failed' &&
        result.excuse !== 'mistaken' &&
        !CANNOT_RUN.has(withoutFamily(result.name)) &&
        !(readOnly && isRefusal(result)),
    )
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
