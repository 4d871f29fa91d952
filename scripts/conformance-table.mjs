// Runs libiscsi's conformance suite against our target and against tgt, and writes docs/conformance-iscsi-test-cu.md.
// `--only tgt` or `--only samewire` runs one of them and prints its counts and failures instead of writing.
import { spawnSync } from 'node:child_process';

const result = spawnSync(process.execPath, ['scripts/run-typescript.mjs', 'test/conformance/publish-table.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
