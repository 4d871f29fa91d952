// Compiles src/ to dist/ and bundles web/ to dist/page. A stamp of every source file's time decides whether there is anything to do.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const stamp = 'dist/.built';
const newest = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((time, entry) => {
    const path = join(folder, entry.name);
    return Math.max(time, entry.isDirectory() ? Math.max(newest(path), statSync(path).mtimeMs) : statSync(path).mtimeMs);
  }, 0);

const sources = Math.max(
  newest('src'),
  newest('web'),
  ...['tsconfig.build.json', 'package-lock.json', 'scripts/build-page.mjs'].map((file) => statSync(file).mtimeMs),
);
if (existsSync(stamp) && statSync(stamp).mtimeMs >= sources) process.exit(0);
rmSync('dist', { recursive: true, force: true });
const started = new Date();
for (const command of [['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], ['scripts/build-page.mjs']]) {
  const result = spawnSync(process.execPath, command, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
chmodSync('dist/cli/main.js', 0o755);
writeFileSync(stamp, `${started.toISOString()}\n`);
