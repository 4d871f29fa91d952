/** What users of the library get thrown for a declaration with mistakes: all of them, the first in the message. */
import type { Problem } from './problem.ts';

export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems
        .map((problem) => `${problem.file}:${problem.line}:${problem.column}: ${problem.where}: ${problem.message} ${problem.remedy}`)
        .join('\n'),
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
