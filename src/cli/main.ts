#!/usr/bin/env node
/** Entry of the `samewire` command. */
import { readFileSync } from 'node:fs';
import { UsageError, UserError } from './context.ts';
import { plainText } from './plain-text.ts';
import { processContext } from './process-context.ts';
import { buildProgram } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const context = processContext(version);
try {
  await buildProgram(context, version, (code) => {
    process.exitCode = code;
  }).parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  context.err(`${context.errColors.red('samewire:')} ${plainText(message)}\n`);
  // What nobody foresaw is for those who mend it.
  if (!(error instanceof UserError) && error instanceof Error) context.err(`${plainText(error.stack ?? '')}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
