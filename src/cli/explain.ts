/** `samewire explain` and `samewire check --explain`: what a rule means, with a fabric that breaks it and one that keeps it. */
import { storyOf } from '../check/rules.ts';
import { type CommandContext, UsageError } from './context.ts';
import { listRules, storiesForPrograms, storyForPrograms, tellStory } from './rule-story.ts';

export interface ExplainOptions {
  readonly json?: boolean;
}

/** `id` undefined: all rules, a line each. */
export function explain(id: string | undefined, options: ExplainOptions, context: CommandContext): number {
  const story = id === undefined ? undefined : storyOf(id);
  if (id !== undefined && story === undefined) throw new UsageError(`There is no rule ${id}. \`samewire check --rules\` lists them all.`);
  if (options.json === true) context.out(`${JSON.stringify(story === undefined ? storiesForPrograms() : storyForPrograms(story))}\n`);
  else context.out(story === undefined ? listRules(context.outColors) : tellStory(story, context.outColors));
  return 0;
}
