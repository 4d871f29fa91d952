/** Warnings that the fabric file accepts, with a reason: they are not told, and what accepts nothing is. */
import type { Accepted } from '../fabric/model.ts';
import type { Positions } from '../fabric/positions.ts';
import { type Problem, RULE_IDLE_ACCEPT } from '../fabric/problem.ts';

/** Errors are never accepted: nothing would run, or not as it was meant. */
export function withoutAccepted(problems: readonly Problem[], accepted: readonly Accepted[], positions: Positions): Problem[] {
  if (accepted.length === 0) return [...problems];
  const used = new Set<Accepted>();
  const told = problems.filter((problem) => {
    if (problem.severity !== 'warning') return true;
    const matching = accepted.filter((one) => one.rule === problem.rule && isAt(problem.where ?? '', one.where));
    for (const one of matching) used.add(one);
    return matching.length === 0;
  });
  const errors = new Set(problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule));
  const idle = accepted
    .filter((one) => !used.has(one))
    .map(
      ({ at, rule, where }): Problem => ({
        ...positions.key(at),
        rule: RULE_IDLE_ACCEPT,
        severity: 'warning',
        message: errors.has(rule)
          ? `\`${rule}\` is an error, which can not be accepted.`
          : `No \`${rule}\` is found${where === undefined ? '' : ` at \`${where}\``}: there is nothing to accept.`,
        remedy: errors.has(rule)
          ? 'Mend what it finds, and take this line away.'
          : 'Take the line away, or write the rule and the place as they are told.',
        file: positions.file,
        where: `accept["${at.at(-1)}"]`,
      }),
    );
  return [...told, ...idle];
}

/** The place itself, or something in it. */
const isAt = (where: string, accepted: string | undefined): boolean =>
  accepted === undefined || where === accepted || (where.startsWith(accepted) && /^[.[]/.test(where.slice(accepted.length)));
