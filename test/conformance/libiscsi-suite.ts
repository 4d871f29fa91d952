/**
 * libiscsi's conformance suite, `iscsi-test-cu`, run family by family and suite by suite, and what each test really did.
 *
 * CUnit, which it is built on, knows only passed and failed: a test that finds a feature absent says `[SKIPPED]`, returns, and counts as
 * passed. So the verbose output (`-V`, as some skips are told only there) is read back and a pass is believed only if nothing
 * was left out: `passed` ran to its end, `partial` left something out and went on, `skipped` stopped there.
 */
import { runPeer } from '../interop/run-peer.ts';

export type Verdict = 'passed' | 'partial' | 'skipped' | 'failed';

/**
 * `refused`: the target had refused a write for being write-protected; of a read-only logical unit no more can be asked. `mistaken`: the
 * suite asks for what the standard forbids.
 */
export type Excuse = 'none' | 'refused' | 'mistaken';

export interface TestResult {
  /** As `iscsi-test-cu --list` and `-t` spell it: `ALL.Read10.Simple`. */
  readonly name: string;
  readonly verdict: Verdict;
  /** Why it failed or what it left out; empty for a pass. */
  readonly reason: string;
  /** Whether a failure may not be the target's. */
  readonly excuse: Excuse;
}

export const FAMILIES = ['ALL', 'LINUX', 'SCSI', 'iSCSI'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * What no target can pass in 1.19.0, by a mistake of the suite: the test asserts, before it has waited for the response, that the
 * response has come; and after AbortTaskSimpleAsync, which closes the session both use, it returns without a word instead.
 * (Later versions ask in the response's callback.)
 */
export const CANNOT_RUN: ReadonlySet<string> = new Set(['iSCSITMF.LUNResetSimpleAsync']);

/** `ALL.Read10.Simple` without its family: what the families share. */
export const withoutFamily = (name: string): string => name.slice(name.indexOf('.') + 1);

/** The tests (not the families and suites) of `iscsi-test-cu --list`, in its order. */
export const parseTestList = (text: string): readonly string[] =>
  text.split('\n').filter((line) => /^[^.\s]+\.[^.\s]+\.[^.\s]+$/.test(line));

/**
 * Tests that may return early with nothing but a silent CU_PASS after they have logged a line or two, and a line that only
 * what comes after can have logged.
 */
const PROOF_OF_RUNNING: ReadonlyMap<string, RegExp> = new Map([
  ['ModeSense6.Control-D_SENSE', /Send a READ16 that will fail/],
  ['ModeSense6.Control-SWP', /Read the CONTROL page back/],
  ['MultipathIO.CompareAndWrite', /Send COMPAREANDWRITE/],
  ['Prefetch10.ZeroBlocks', /past end-of-LUN/],
  ['Read10.ZeroBlocks', /past end-of-LUN/],
  ['Read12.ZeroBlocks', /past end-of-LUN/],
  ['Unmap.ZeroBlocks', /one descriptor per block/],
  ['Write10.ZeroBlocks', /past end-of-LUN/],
  ['WriteAtomic16.DpoFua', /with DPO==1/],
]);

interface Entry {
  /** `Read10.Simple` */
  readonly name: string;
  readonly log: string[];
  readonly failures: string[];
  verdict: 'passed' | 'FAILED' | undefined;
}

/** The tests of one run in the order they started; the last may lack its verdict. */
function parseEntries(output: string): readonly Entry[] {
  const entries: Entry[] = [];
  let suite = '';
  let current: Entry | undefined;
  for (const whole of output.split('\n')) {
    let line = whole;
    const suiteLine = /^Suite: (\S+)/.exec(line);
    if (suiteLine !== null) {
      suite = suiteLine[1]!;
      current = undefined;
      continue;
    }
    const testLine = /^ {2}Test: (\S+) \.\.\.(.*)$/.exec(line);
    if (testLine !== null) {
      current = { name: `${suite}.${testLine[1]!}`, log: [], failures: [], verdict: undefined };
      entries.push(current);
      line = testLine[2]!; // A test that logs no blank line first goes on in this one.
    }
    if (current === undefined || line.trim() === '') continue;
    if (line.startsWith('Run Summary:')) break;
    if (current.verdict === undefined) {
      // The log is always indented: a verdict stands at the start of a line, or right behind the dots.
      const verdict = /^(passed|FAILED)/.exec(line);
      if (verdict === null) current.log.push(line.trim());
      else current.verdict = verdict[1] as 'passed' | 'FAILED';
    } else if (/^\s+\d+\. \S+:\d+ /.test(line)) {
      // The next suite's clearing up may stand in the same line.
      current.failures.push(
        line
          .trim()
          .replace(/^\d+\. /, '')
          .replace(/ {4}Send .*$/, '')
          .replace(/\s+/g, ' '),
      );
    }
    // Whatever else follows a verdict is the suite clearing up.
  }
  return entries;
}

/** Distinct reasons shown of one failure: a test that loops over a mistake fails hundreds of times for one reason. */
const REASONS_MAX = 4;

function summarize(lines: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  const shown = [...counts].slice(0, REASONS_MAX).map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
  return [...shown, ...(counts.size > REASONS_MAX ? [`and ${counts.size - REASONS_MAX} more`] : [])].join('; ');
}

/**
 * GetLBAStatus.UnmapSingle asks for the status from one logical block past the unmapped ones, and expects the answer to begin a physical
 * block past them: the same only where these are of one size. SBC-4 §5.6.2: the list begins with the block that was asked for.
 */
const isMistaken = (entry: Entry): boolean =>
  entry.name === 'GetLBAStatus.UnmapSingle' &&
  entry.log.some((line) => /We have (?!1 )\d+ logical blocks per physical block/.test(line)) &&
  entry.failures.every((failure) => /does not "? ?"?match request/.test(failure)) &&
  entry.log.some((line) => line.startsWith('Test GETLBASTATUS for a single range'));

function excuseOf(entry: Entry, said: readonly string[]): Excuse {
  if (isMistaken(entry)) return 'mistaken';
  return said.some((line) => /WRITE_PROTECTED|0x2700/.test(line)) ? 'refused' : 'none';
}

function judge(entry: Entry): Omit<TestResult, 'name'> {
  const excuse = 'none';
  if (entry.verdict === 'FAILED') {
    // Also told of a failure that was expected; what matters is why this test failed, which is told last.
    const said = entry.log.filter((line) => line.startsWith('[FAIL'));
    const reason = [summarize(entry.failures), ...said.slice(-1)].join('; ');
    return { verdict: 'failed', reason, excuse: excuseOf(entry, said) };
  }
  const marks = entry.log.filter(isSkip);
  if (marks.length > 0) {
    const reason = summarize([...new Set(marks.map((line) => line.replace(/^\[SKIPP(?:ED|ING)\] /, '')))]);
    return { verdict: isSkip(entry.log.at(-1)!) ? 'skipped' : 'partial', reason, excuse };
  }
  if (entry.log.length === 0) return { verdict: 'skipped', reason: 'returned without doing anything', excuse };
  const proof = PROOF_OF_RUNNING.get(entry.name);
  if (proof !== undefined && !entry.log.some((line) => proof.test(line))) {
    return { verdict: 'skipped', reason: 'returned early without a word', excuse };
  }
  return { verdict: 'passed', reason: '', excuse };
}

const isSkip = (line: string): boolean => /^\[SKIPP(?:ED|ING)\]/.test(line);

export interface ParsedRun {
  readonly results: readonly TestResult[];
  /** The test under way when the output ended, if one was. */
  readonly unfinished: { readonly name: string; readonly log: readonly string[] } | undefined;
  /** CUnit's own count, of a run that came to its end. */
  readonly summary: { readonly ran: number; readonly failed: number } | undefined;
}

/** Reads what `iscsi-test-cu -V` printed; `family` completes the names. */
export function parseRun(family: string, output: string): ParsedRun {
  const entries = parseEntries(output);
  const done = entries.filter((entry) => entry.verdict !== undefined);
  const open = entries.find((entry) => entry.verdict === undefined);
  const counts = /^\s*tests\s+\d+\s+(\d+)\s+\d+\s+(\d+)/m.exec(output);
  return {
    results: done.map((entry) => ({ name: `${family}.${entry.name}`, ...judge(entry) })),
    unfinished: open === undefined ? undefined : { name: `${family}.${open.name}`, log: open.log },
    summary: counts === null ? undefined : { ran: Number(counts[1]), failed: Number(counts[2]) },
  };
}

export interface SuiteRun {
  /**
   * One URL, or two paths to the same logical unit. Only the multipath tests get both: others would take the second path for a session
   * of their own, and leave on it (as Sanitize.Reservations does) a reservation for the next test to run into.
   */
  readonly urls: readonly string[];
  readonly tests: readonly string[];
  /** Every test there is: a suite of which not all is wanted runs test by test. */
  readonly known: readonly string[];
  /** Most sleep for three seconds at most, but one looks only once a minute whether a SANITIZE has ended. */
  readonly silenceMs?: number;
  readonly suiteLimitMs?: number;
}

const MULTIPATH_SUITE = 'MultipathIO';
const suiteOf = (name: string): string => name.slice(0, name.lastIndexOf('.'));

const SILENCE_MS = 100_000;
const SUITE_LIMIT_MS = 300_000;

/** Every test of this installation. */
export async function listTests(): Promise<readonly string[]> {
  const run = await runPeer('iscsi-test-cu', ['--list'], { timeoutMs: 10_000 });
  return parseTestList(run.stdout);
}

/** Runs `tests`, one process a suite, and gives one result for each, in order, whatever happens. */
export async function runTests(run: SuiteRun): Promise<readonly TestResult[]> {
  const suites = new Map<string, string[]>();
  for (const name of run.tests) {
    const suite = suiteOf(name);
    suites.set(suite, [...(suites.get(suite) ?? []), name]);
  }
  const results = new Map<string, TestResult>();
  for (const [suite, names] of suites) {
    for (const result of await runSuite(run, suite, names)) results.set(result.name, result);
  }
  return run.tests.map((name) => results.get(name) ?? failedOutside(name, 'did not run'));
}

const failedOutside = (name: string, reason: string): TestResult => ({ name, verdict: 'failed', reason, excuse: 'none' });

/** After so many hangs or crashes in one suite the rest of it is given up, so that a dead target costs minutes, not hours. */
const BROKEN_RUNS_MAX = 3;

/** A suite in one process; what a hang or a crash kept from running then runs one by one, so that each test has its own result. */
async function runSuite(run: SuiteRun, suite: string, names: readonly string[]): Promise<readonly TestResult[]> {
  const isWhole = run.known.every((name) => suiteOf(name) !== suite || names.includes(name));
  const first = await runOnce(run, isWhole ? suite : names[0]!);
  const results = [...first.results];
  let broken = first.broken;
  let brokenRuns = broken === undefined ? 0 : 1;
  for (const name of names) {
    if (results.some((result) => result.name === name)) continue;
    if (results.length === 0 || brokenRuns >= BROKEN_RUNS_MAX) {
      results.push(failedOutside(name, `not run: ${broken ?? 'the suite did not have it'}`));
      continue;
    }
    const own = await runOnce(run, name);
    results.push(...own.results);
    broken = own.broken;
    brokenRuns += broken === undefined ? 0 : 1;
  }
  return results;
}

/** The results of one process, and what went wrong with the process itself. */
async function runOnce(
  run: SuiteRun,
  pattern: string,
): Promise<{ readonly results: readonly TestResult[]; readonly broken: string | undefined }> {
  const { silenceMs = SILENCE_MS, suiteLimitMs = SUITE_LIMIT_MS } = run;
  const urls = pattern.split('.')[1] === MULTIPATH_SUITE ? run.urls : run.urls.slice(0, 1);
  // Line-buffered, or the output of a hung test would die with it in its buffer.
  const args = ['-oL', 'iscsi-test-cu', '--dataloss', '--allow-sanitize', '-V', '-t', pattern, ...urls];
  const peer = await runPeer('stdbuf', args, { timeoutMs: suiteLimitMs, silenceMs });
  const parsed = parseRun(pattern.slice(0, pattern.indexOf('.')), peer.stdout);
  const results = [...parsed.results];
  const how = peer.timedOut ? 'hung' : `iscsi-test-cu ended with ${peer.code}`;
  if (parsed.unfinished !== undefined) {
    const broken = `${how} in ${parsed.unfinished.name} after: ${lastLines(parsed.unfinished.log.join('\n'))}`;
    results.push(failedOutside(parsed.unfinished.name, broken));
    return { results, broken };
  }
  if (results.length === 0) return { results, broken: `${how} before the first test: ${lastLines(`${peer.stdout}\n${peer.stderr}`)}` };
  const failed = parsed.results.filter((result) => result.verdict === 'failed').length;
  if (parsed.summary !== undefined && (parsed.summary.ran !== parsed.results.length || parsed.summary.failed !== failed)) {
    throw new Error(
      `${pattern}: CUnit counts ${parsed.summary.failed} of ${parsed.summary.ran} failed, read were ${failed} of ${parsed.results.length}`,
    );
  }
  return { results, broken: peer.timedOut ? how : undefined };
}

const lastLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-3)
    .join(' | ');

/** `8 failed, 63 skipped, 3 partial, 156 passed` */
export function describeCounts(results: readonly TestResult[]): string {
  const count = (verdict: Verdict): number => results.filter((result) => result.verdict === verdict).length;
  return `${count('failed')} failed, ${count('skipped')} skipped, ${count('partial')} partial, ${count('passed')} passed`;
}
