/** Runs the suite against our target and against tgt, side by side, and writes the table of docs/. Run by scripts/conformance-table.mjs. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPeer } from '../interop/run-peer.ts';
import { iscsiUrl, logicalUnits, startTarget } from '../interop/target-process.ts';
import { startTgtd, type TgtdLun } from '../interop/tgtd-process.ts';
import { describeCounts, FAMILIES, listTests, runTests, type TestResult } from './libiscsi-suite.ts';
import { type Column, conformanceTable } from './conformance-table.ts';
import { failures, isReadOnly, urlsOf } from './lun-kinds.ts';

const OUTPUT = 'docs/conformance-iscsi-test-cu.md';
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
      columns.push({ target: 'tgt', kind: kind.title, results: await runAll('tgt', kind.title, urls, tests) });
    }
    return columns;
  } finally {
    await tgtd.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOurs(tests: readonly string[]): Promise<readonly Column[]> {
  const target = await startTarget(['up', 'fabrics/conformance.yaml']);
  try {
    const columns: Column[] = [];
    for (const unit of logicalUnits(target.ready)) {
      columns.push({ target: 'samewire', kind: unit.title, results: await runAll('samewire', unit.title, urlsOf(unit), tests) });
    }
    return columns;
  } finally {
    await target.stop();
  }
}

async function runAll(target: string, kind: string, urls: readonly string[], tests: readonly string[]): Promise<readonly TestResult[]> {
  const started = performance.now();
  const all: TestResult[] = [];
  for (const family of FAMILIES) {
    const results = await runTests({ urls, tests: tests.filter((name) => name.startsWith(`${family}.`)) });
    all.push(...results);
    process.stderr.write(`${target} ${kind} ${family}: ${describeCounts(results)}\n`);
    for (const failure of failures(results, isReadOnly(all))) process.stderr.write(`    ${failure}\n`);
  }
  process.stderr.write(`${target} ${kind}: ${Math.round((performance.now() - started) / 1000)} s\n`);
  return all;
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
  if (only !== undefined) return 0;
  writeFileSync(OUTPUT, conformanceTable(tests, columns, await versions()));
  process.stderr.write(`wrote ${OUTPUT}\n`);
  return columns.some((column) => column.target === 'samewire' && failures(column.results, isReadOnly(column.results)).length > 0) ? 1 : 0;
}
