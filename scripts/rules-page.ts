/** Writes docs/rules.md from the rules themselves: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import type { RuleStory } from '../src/check/rule.ts';
import { STORIES, type StoryFamily } from '../src/check/rules.ts';

export const RULES_PAGE = 'docs/rules.md';

const INTRODUCTION = `# Rules

<!-- made by \`npm run docs\`, do not edit -->

What \`samewire check\` looks for, by family: first a table, then the story of each rule with a fabric that breaks it and the same one mended.
\`samewire check --explain SW-1057\` tells the same in a terminal, and \`samewire check --rules --json\` is for programs. How to read what is found is in
[checking](checking.md).

An error keeps a fabric from being brought up; a warning does not. Numbers are for life: they are never used again for something else.
`;

export const rulesPage = (): string => {
  const families = STORIES.filter(({ rules }) => rules.length > 0);
  return `${INTRODUCTION}\n${families.map(table).join('\n')}\n${families.map(stories).join('\n')}`;
};

const table = ({ title, rules }: StoryFamily): string =>
  `**${title}**\n\n| rule | name | severity | what is wrong |\n|---|---|---|---|\n${rules.map(row).join('')}`;

const row = ({ id, name, severity, title }: RuleStory): string =>
  `| [${id}](#${id.toLowerCase()}) | ${name} | ${severity} | ${title.replaceAll('|', '\\|')} |\n`;

const stories = ({ title, rules }: StoryFamily): string => `## ${title}\n\n${rules.map(story).join('\n')}`;

const story = ({ id, name, severity, title, meaning, ignored, remedy, source, examples }: RuleStory): string => `### ${id}

**${title}** (${name}, ${severity}).

${meaning}

- If nobody mends it: ${ignored}
- What to do: ${remedy}
- From: ${source.join('; ')}.

<details><summary>Examples</summary>

Breaks it:

${yaml(examples.fail)}
Keeps it:

${yaml(examples.pass)}
</details>
`;

const yaml = (text: string): string => `\`\`\`yaml\n${text.trimEnd()}\n\`\`\`\n`;

export function main(): void {
  writeFileSync(RULES_PAGE, rulesPage());
}
