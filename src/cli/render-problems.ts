/** Problems for people: place, source line with a caret under the text, what is wrong, what to write instead; those of one cause together. */
import type { Colors } from 'picocolors/types.js';
import { groupProblems, type Heading, ownerOf, type ProblemGroup, problemsOf, type Told } from '../check/groups.ts';
import { type Problem, type RelatedSpan, sameSpan, type Span } from '../fabric/problem.ts';
import { excerpt, sourceLines } from './excerpt.ts';
import { count, plainLine } from './plain-text.ts';

/** More than this at once helps nobody. */
const TOLD_MAX = 50;
/** Of those that are alike. */
const OWNERS_MAX = 6;

/** `all`: each problem by itself, however many there are and however alike. */
export function renderProblems(problems: readonly Problem[], source: string | undefined, colors: Colors, all = false): string {
  const lines = source === undefined ? undefined : sourceLines(source, problems);
  const look: Look = { lines, colors };
  const texts: string[] = [];
  let left = all ? Number.POSITIVE_INFINITY : TOLD_MAX;
  let untold = 0;
  for (const group of groupProblems(problems, all)) {
    const members = group.members.slice(0, Math.max(0, left));
    left -= members.length;
    untold += problemsOf({ ...group, members: group.members.slice(members.length) }).length;
    if (members.length === 0) continue;
    untold -= problemsOf({ ...group, members: [] }).length;
    const text = group.heading === undefined ? renderPlace(members, look) : renderGroup(group.heading, members, look);
    texts.push(`${text}${alikeGroups(group.alike, look)}`);
  }
  if (untold > 0) texts.push(`... and ${count(untold, 'problem')} more; \`samewire check --all\` shows each.\n`);
  return texts.join('\n');
}

interface Look {
  /** Undefined: there is no text, only paths. */
  readonly lines: readonly string[] | undefined;
  readonly colors: Colors;
}

/** Problems of one place, which is shown once. */
function renderPlace(members: readonly Told[], look: Look): string {
  const [first, ...others] = members;
  const shown = members.flatMap(({ problem }) => [
    problem,
    ...(problem.related ?? []),
    ...(problem.cause === undefined ? [] : [problem.cause]),
  ]);
  const gutter = gutterOf(shown);
  const also = others.map(({ problem, alike }) => {
    const related = renderRelated(problem, gutter, look);
    return `${pad(gutter)}${titleOf(problem, look)}\n${related}${remedyLine(problem, gutter, look)}${alikeLine(alike, gutter, look)}`;
  });
  return renderProblem(first!, gutter, look) + also.join('');
}

/** What several problems have to do with, and then each of them. */
function renderGroup(heading: Heading, members: readonly Told[], look: Look): string {
  const { colors, lines } = look;
  const { file } = members[0]!.problem;
  const all = members.flatMap(({ problem, alike }) => [problem, ...alike]);
  const paint = all.some(({ severity }) => severity === 'error') ? colors.red : colors.yellow;
  const isOne = all.length === 1;
  const verb = heading.isCause ? `${isOne ? 'comes' : 'come'} from` : `${isOne ? 'has' : 'have'} to do with`;
  const head = `${placeOf(file, heading, look)}: ${colors.bold(paint(tally(all)))} ${verb} ${plainLine(heading.description)}\n`;
  const gutter = gutterOf([heading]);
  const own = lines === undefined ? '' : blankLine(gutter, colors) + excerpt(heading, '', lines, gutter, paint, colors);
  const texts = members.map((member) => {
    const { problem, alike } = member;
    if (!sameSpan(problem, heading))
      return indent(renderProblem(member, gutterOf([problem, ...relatedOf(problem, heading)]), look, heading));
    // It stands right above.
    const inner = gutterOf([heading, ...relatedOf(problem, heading)]);
    const related = renderRelated(problem, inner, look, heading);
    return indent(`${titleOf(problem, look)}\n${related}${remedyLine(problem, inner, look)}${alikeLine(alike, inner, look)}`);
  });
  return `${head}${own}\n${texts.join('\n')}`;
}

const tally = (problems: readonly Problem[]): string => {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const parts = [errors === 0 ? '' : count(errors, 'error'), errors === problems.length ? '' : count(problems.length - errors, 'warning')];
  return parts.filter((part) => part !== '').join(' and ');
};

function alikeGroups(groups: readonly ProblemGroup[], { colors }: Look): string {
  if (groups.length === 0) return '';
  const owners = ownersText(groups.map(({ heading, members }) => heading ?? members[0]!.problem));
  const problems = groups.flatMap(problemsOf);
  return `\n${colors.dim(`... and the same at ${groups.length} more places: ${tally(problems)} (${plainLine(owners)})`)}\n`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** `above`: what is shown already. */
function renderProblem({ problem, alike }: Told, gutter: number, look: Look, above?: Span): string {
  const { lines, colors } = look;
  const head = `${placeOf(problem.file, problem, look)}: ${titleOf(problem, look)}\n`;
  if (lines === undefined) return `${head}${remedyLine(problem, 0, look)}${alikeLine(alike, 0, look)}`;
  const own = blankLine(gutter, colors) + excerpt(problem, '', lines, gutter, paintOf(problem, colors), colors);
  const cause = above === undefined && problem.cause !== undefined ? causeLine(problem, gutter, look) : '';
  const related = renderRelated(problem, gutter, look, above);
  return `${head}${own}${related}${cause}${remedyLine(problem, gutter, look)}${alikeLine(alike, gutter, look)}`;
}

/** Where the cause is none of what is shown anyway. */
function causeLine({ related = [], cause, ...problem }: Problem, gutter: number, { lines, colors }: Look): string {
  if ([problem, ...related].some((span) => sameSpan(span, cause!))) return '';
  return excerpt(cause!, cause!.description, lines!, gutter, colors.blue, colors);
}

const relatedOf = ({ related = [] }: Problem, above: Span | undefined): readonly RelatedSpan[] =>
  related.filter((span) => above === undefined || !sameSpan(span, above));

const renderRelated = (problem: Problem, gutter: number, { lines, colors }: Look, above?: Span): string =>
  lines === undefined
    ? ''
    : relatedOf(problem, above)
        .map((span) => excerpt(span, span.message, lines, gutter, colors.blue, colors))
        .join('');

const placeOf = (file: string, { line, column }: Span, { lines, colors }: Look): string =>
  colors.bold(plainLine(lines === undefined ? file : `${file}:${line}:${column}`));

const paintOf = ({ severity }: Problem, colors: Colors): ((text: string) => string) => (severity === 'error' ? colors.red : colors.yellow);

const titleOf = (problem: Problem, { colors }: Look): string =>
  `${colors.bold(paintOf(problem, colors)(problem.severity))} ${colors.dim(problem.rule)}: ${plainLine(problem.message)}`;

const gutterOf = (spans: readonly Span[]): number => String(Math.max(...spans.map((span) => span.line))).length;

const blankLine = (gutter: number, colors: Colors): string => `${' '.repeat(gutter + 1)} ${colors.blue('|')}\n`;

const pad = (gutter: number): string => ' '.repeat(gutter === 0 ? 2 : gutter + 2);

const remedyLine = ({ remedy }: Problem, gutter: number, { colors }: Look): string =>
  `${pad(gutter)}${colors.green('=')} ${plainLine(remedy)}\n`;

function alikeLine(alike: readonly Problem[], gutter: number, { colors }: Look): string {
  if (alike.length === 0) return '';
  return `${pad(gutter)}${colors.dim(`... and ${alike.length} more like it (${plainLine(ownersText(alike))})`)}\n`;
}

/** `esx4, esx5, esx6, ... esx300`. */
function ownersText(alike: readonly { readonly where: string; readonly line: number }[]): string {
  const named = [...new Set(alike.map(ownerOf))];
  const owners = named.length === 1 && alike.length > 1 ? alike.map(({ line }) => `line ${line}`) : named;
  if (owners.length <= OWNERS_MAX) return owners.join(', ');
  return `${owners.slice(0, OWNERS_MAX - 2).join(', ')}, ... ${owners.at(-1)!}`;
}
