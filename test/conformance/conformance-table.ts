/** The page of docs/ that sets our results beside tgt's, test by test. */
import { CANNOT_RUN, FAMILIES, type TestResult, type Verdict, withoutFamily } from './libiscsi-suite.ts';
import { isReadOnly, isRefusal } from './lun-kinds.ts';

export interface Column {
  readonly target: string;
  readonly kind: string;
  readonly results: readonly TestResult[];
}

type Outcome = Verdict | 'refused' | 'mistaken';
const OUTCOMES: readonly Outcome[] = ['failed', 'mistaken', 'refused', 'skipped', 'partial', 'passed'];

/** Failures that are not the target's are told apart: nothing else could have been right. */
function outcome(result: TestResult, readOnly: boolean): Outcome {
  if (result.verdict !== 'failed') return result.verdict;
  if (result.excuse === 'mistaken') return 'mistaken';
  return readOnly && isRefusal(result) ? 'refused' : 'failed';
}

const CELL: Readonly<Record<Outcome, string>> = {
  passed: 'pass',
  partial: 'part',
  skipped: 'skip',
  refused: 'refused',
  mistaken: 'mistaken',
  failed: '**FAIL**',
};

const inFamily = (results: readonly TestResult[], family: string): readonly TestResult[] =>
  results.filter((result) => result.name.startsWith(`${family}.`));
const countOf = (column: Column, family: string, wanted: Outcome): number =>
  inFamily(column.results, family).filter((result) => outcome(result, isReadOnly(column.results)) === wanted).length;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const head = (cells: readonly string[]): readonly string[] => [row(cells), row(cells.map((_, index) => (index === 0 ? '---' : ':-:')))];

/** How many of `tests` passed in full on at least one of a target's logical units. */
function passedSomewhere(tests: readonly string[], columns: readonly Column[]): number {
  return tests.filter((name) =>
    columns.some(({ results }) => results.some((result) => result.name === name && result.verdict === 'passed')),
  ).length;
}

function summary(tests: readonly string[], columns: readonly Column[]): readonly string[] {
  const lines = [
    ...head([
      'Target',
      'Logical unit',
      ...FAMILIES.map((family) => `${family} (${tests.filter((name) => name.startsWith(`${family}.`)).length})`),
    ]),
  ];
  for (const column of columns) {
    lines.push(
      row([column.target, column.kind, ...FAMILIES.map((family) => OUTCOMES.map((wanted) => countOf(column, family, wanted)).join(' / '))]),
    );
  }
  return lines;
}

/** Tests of the other families whose result differs from that of their namesake in ALL: there should be few. */
function differences(columns: readonly Column[]): readonly string[] {
  const lines: string[] = [];
  for (const { target, kind, results } of columns) {
    const byName = new Map(inFamily(results, 'ALL').map((result) => [withoutFamily(result.name), result.verdict]));
    for (const result of results) {
      if (result.name.startsWith('ALL.')) continue;
      const namesake = byName.get(withoutFamily(result.name));
      if (namesake !== undefined && namesake !== result.verdict)
        lines.push(`- ${target}, ${kind}: ${result.name} ${CELL[result.verdict]}, in ALL ${CELL[namesake]}`);
    }
  }
  return lines;
}

export function conformanceTable(tests: readonly string[], columns: readonly Column[], versions: readonly string[]): string {
  const all = tests.filter((name) => name.startsWith('ALL.'));
  const targets = [...new Set(columns.map((column) => column.target))];
  const differing = differences(columns);
  const lines = [
    "# libiscsi's conformance suite, test by test",
    '',
    `Written by \`node scripts/conformance-table.mjs\`, with ${versions.join(' and ')}, each target with its logical units of 64 MiB or what`,
    '`fabrics/conformance.yaml` declares, and two paths to each. The suite ran as `iscsi-test-cu --dataloss --allow-sanitize -V`.',
    '',
    'CUnit counts a test that skips itself as passed; here they are told apart. **pass**: ran to its end. **part**: passed, and left out a part that',
    'does not apply to this logical unit. **skip**: stopped because the target lacks the feature or the logical unit is of another',
    'kind. **refused**: failed on a write-protected logical unit because its writes were refused, as they must be. **mistaken**: failed',
    'because the suite expects what the standard forbids (GetLBAStatus.UnmapSingle, where physical blocks are larger than logical ones). **FAIL**: an',
    'assertion failed, or the suite hung or died in this test.',
    '',
    `No target can pass ${[...CANNOT_RUN].join(', ')} with libiscsi 1.19.0: it asserts that a response has come before it waits for one, and when it`,
    'follows the test before it in one process it returns at once. It shows as a skip.',
    '',
    '## In short',
    '',
    'Failed / mistaken / refused / skipped / in part / passed:',
    '',
    ...summary(tests, columns),
    '',
    ...targets.map((target) => {
      const own = columns.filter((column) => column.target === target);
      return `- ${target}: ${passedSomewhere(all, own)} of the ${all.length} tests of ALL, and ${passedSomewhere(tests, own)} of all ${tests.length} entries, pass in full on at least one logical unit.`;
    }),
    '',
    '## Each test',
    '',
    'The family ALL. The other families hold the same tests again' +
      (differing.length === 0 ? ', and none of them came out differently.' : '; those that came out differently are listed at the end.'),
    '',
    ...head(['Test', ...columns.map((column) => `${column.target} ${column.kind}`)]),
    ...all.map((name) =>
      row([
        withoutFamily(name),
        ...columns.map(({ results }) => {
          const result = results.find((candidate) => candidate.name === name);
          return result === undefined ? '' : CELL[outcome(result, isReadOnly(results))];
        }),
      ]),
    ),
    '',
    '## Failures',
    '',
    ...columns.flatMap(({ target, kind, results }) =>
      results
        .filter((result) => outcome(result, isReadOnly(results)) === 'failed')
        .map((result) => `- ${target}, ${kind}: ${result.name}: ${result.reason}`),
    ),
    ...(differing.length === 0 ? [] : ['', '## Families that differ', '', ...differing]),
    '',
  ];
  return lines.join('\n');
}
