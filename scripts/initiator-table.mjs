// Tries our initiator's features at tgt, istgt, LIO (in a guest) and our own target, records what comes of it, and writes the table of
// docs/conformance.md. `--only LIO` tries one of them; `--write` writes the table from what is recorded.
import { spawnSync } from 'node:child_process';

const result = spawnSync(process.execPath, ['scripts/run-typescript.mjs', 'test/interop/publish-features.ts', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = result.status ?? 1;
