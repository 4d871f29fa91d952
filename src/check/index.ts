/** The rules over a fabric as a library: `samewire/check`. */
export { checkDeclaration, type Checked, checkText } from './check-fabric.ts';
export type { RuleStory } from './rule.ts';
export { storyOf, STORIES, type StoryFamily } from './rules.ts';
export { sarifLog } from './sarif.ts';
