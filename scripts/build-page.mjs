// Bundles web/ to dist/page, where `samewire up` serves it from. Told `--watch`, it goes on.
import { rmSync } from 'node:fs';
import { build } from 'vite';

rmSync('dist/page', { recursive: true, force: true });
await build({
  configFile: false,
  root: 'web',
  logLevel: 'warn',
  // Licences of what is bundled go with it.
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2022',
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      checks: { pluginTimings: false },
      // React Flow says where servers may not run it, which nobody does here.
      onwarn: (warning, warn) => warning.code !== 'MODULE_LEVEL_DIRECTIVE' && warn(warning),
    },
    watch: process.argv.includes('--watch') ? {} : null,
  },
  worker: { format: 'es' },
});
