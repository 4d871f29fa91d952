/** What rules are about, for people and for programs. */
import type { Colors } from 'picocolors/types.js';
import type { RuleStory } from '../check/rule.ts';
import { STORIES, storyOf } from '../check/rules.ts';

/** What it means, what happens in life, what to do, with a fabric that breaks it and one that keeps it. */
export function tellStory(story: RuleStory, { bold, dim, green, red, yellow, cyan }: Colors): string {
  const paint = story.severity === 'error' ? red : yellow;
  const { examples, source } = story;
  return [
    `${bold(story.id)} ${story.name} (${paint(story.severity)})\n${bold(story.title)}.\n`,
    `${story.meaning}\n`,
    `${cyan('If nobody mends it:')} ${story.ignored}\n${cyan('What to do:')} ${story.remedy}\n`,
    `${red('Breaks it:')}\n\n${dim(indent(examples.fail))}`,
    `${green('Keeps it:')}\n\n${dim(indent(examples.pass))}`,
    `${cyan(source.length === 1 ? 'Source:' : 'Sources:')} ${source.join('; ')}\n`,
  ].join('\n');
}

/** A line for each rule, under the name of its family. */
export const listRules = ({ bold, red, yellow, cyan }: Colors): string =>
  STORIES.filter(({ rules }) => rules.length > 0)
    .map(({ title, rules }) => {
      const lines = rules.map(
        (rule) => `${bold(rule.id)} ${rule.severity === 'error' ? red('error  ') : yellow('warning')} ${rule.title}\n`,
      );
      return `${cyan(title)}\n${lines.join('')}`;
    })
    .join('\n');

export const storiesForPrograms = (): unknown => STORIES.flatMap(({ name, rules }) => rules.map((story) => storyForPrograms(story, name)));

export function storyForPrograms(story: RuleStory, family = familyOf(story)): unknown {
  const { id, name, severity, title, meaning, ignored, remedy, source, examples } = story;
  return { id, name, family, severity, title, meaning, ignored, remedy, source, examples: { fail: examples.fail, pass: examples.pass } };
}

const familyOf = (story: RuleStory): string => STORIES.find(({ rules }) => rules.includes(story))!.name;

/** By ids or names; those that there are not go to `unknown`. */
export function chooseRules(written: readonly string[]): { readonly ids: ReadonlySet<string>; readonly unknown: readonly string[] } {
  const words = written.flatMap((list) => list.split(',')).map((word) => word.trim());
  return {
    ids: new Set(words.flatMap((word) => storyOf(word)?.id ?? [])),
    unknown: words.filter((word) => storyOf(word) === undefined),
  };
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
