/** Runs the suite against our target and against tgt, side by side, and writes the table of docs/. Run by scripts/conformance-table.mjs. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPeer } from '../interop/run-peer.ts';
import { iscsiUrl } from '../interop/target-process.ts';
import { startTgtd, type TgtdLun } from '../interop/tgtd-process.ts';
import { describeCounts, FAMILIES, listTests, runTests } from './libiscsi-suite.ts';
import { type Column, conformanceTable } from './conformance-table.ts';
import { bringUpCopy, CONFORMANCE_FABRIC, failures, isReadOnly, kindsOf, neverPassed, runUnit } from './lun-kinds.ts';

const OUTPUT = 'docs/conformance-iscsi-test-cu.md';
const SIDE_BY_SIDE = 4;
const LUN_BYTES = 64 * 1024 * 1024;

/** The kinds of logical unit that tgt can be. Its controller is LUN 0; these follow. */
const TGT_KINDS: readonly { readonly title: string; readonly lun: Omit<TgtdLun, 'path'> }[] = [
  { title: 'thick', lun: {} },
  { title: 'thin', lun: { params: ['thin_provisioning=1'] } },
  { title: '4096', lun: { blockSize: 4096 } },
  { title: 'read-only', lun: { params: ['readonly=1'] } },
  { title: 'removable', lun: { params: ['removable=1'] } },
];

async function runTgt(tests: readonly string[]): Promise<readonly Column[]> {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-tgt-'));
  const luns = TGT_KINDS.map((kind, index) => ({ ...kind.lun, path: join(folder, `lun${index}.img`) }));
  for (const lun of luns) {
    writeFileSync(lun.path, '');
    truncateSync(lun.path, LUN_BYTES);
  }
  const tgtd = await startTgtd({ target: 'iqn.2026-01.net.samewire:tgt', luns, portals: 2 });
  try {
    const columns: Column[] = [];
    for (const [index, kind] of TGT_KINDS.entries()) {
      const urls = tgtd.portals.map((portal) => iscsiUrl(portal, tgtd.target, tgtd.lunOf(index)));
      const column = { target: 'tgt', kind: kind.title, results: await runTests({ urls, tests, known: tests }) };
      tell(column);
      columns.push(column);
    }
    return columns;
  } finally {
    await tgtd.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOurs(tests: readonly string[]): Promise<readonly Column[]> {
  const first = await bringUpCopy(CONFORMANCE_FABRIC);
  const kinds = kindsOf(CONFORMANCE_FABRIC, first.units);
  await first.stop();
  const columns: Column[] = [];
  const next = kinds.entries();
  // A few at a time, each against a target of its own.
  const worker = async (): Promise<void> => {
    for (const [index, kind] of next) {
      const { results } = await runUnit(CONFORMANCE_FABRIC, index, FAMILIES, tests);
      columns[index] = { target: 'samewire', kind, results };
      tell(columns[index]!);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return columns;
}

function tell({ target, kind, results }: Column): void {
  for (const family of FAMILIES) {
    const own = results.filter((result) => result.name.startsWith(`${family}.`));
    process.stderr.write(`${target} ${kind} ${family}: ${describeCounts(own)}\n`);
  }
  for (const failure of failures(results, isReadOnly(results))) process.stderr.write(`    ${failure}\n`);
}

async function versions(): Promise<readonly string[]> {
  const tgtd = await runPeer('tgtd', ['--version']);
  const packages = await runPeer('dpkg-query', ['-W', '-f', '${Version}\n', 'libiscsi-bin']).catch(() => undefined);
  return [`tgt ${tgtd.stdout.trim()}`, `libiscsi ${packages?.stdout.trim() ?? 'of unknown version'}`];
}

export async function main(args: readonly string[]): Promise<number> {
  const only = args[0] === '--only' ? args[1] : undefined;
  const tests = await listTests();
  const columns = [...(only === 'tgt' ? [] : await runOurs(tests)), ...(only === 'samewire' ? [] : await runTgt(tests))];
  if (only !== undefined) {
    const byUnit = new Map(columns.map((column) => [column.kind, column.results]));
    process.stderr.write(
      `passed in full on none:\n${neverPassed(tests, byUnit)
        .map((line) => `    ${line}\n`)
        .join('')}`,
    );
    return 0;
  }
  writeFileSync(OUTPUT, conformanceTable(tests, columns, await versions()));
  process.stderr.write(`wrote ${OUTPUT}\n`);
  return columns.some((column) => column.target === 'samewire' && failures(column.results, isReadOnly(column.results)).length > 0) ? 1 : 0;
}
