// Runs a TypeScript file outside dist/ (a benchmark, a script over the tests' helpers) with the loader that Vitest brings:
// node scripts/run-typescript.mjs FILE ARGUMENTS. The file exports `main(arguments)`, which may give an exit code.
import { resolve } from 'node:path';
import { createViteServer } from 'vitest/node';

const [file, ...args] = process.argv.slice(2);
const vite = await createViteServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  // Node 20 has no `await using` of its own.
  oxc: { target: 'es2022' },
});
try {
  const { main } = await vite.ssrLoadModule(resolve(file));
  process.exitCode = (await main(args)) ?? 0;
} finally {
  await vite.close();
}
