/** What was found as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): for code scanning and editors. */
import { fingerprint } from '../base/fingerprint.ts';
import { type Problem, sameSpan, type Span } from '../fabric/problem.ts';
import type { RuleStory } from './rule.ts';
import { STORIES } from './rules.ts';

const SARIF_SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** The log of one run; every rule is in it, also those that found nothing. */
export function sarifLog(problems: readonly Problem[], version: string): unknown {
  const told = STORIES.flatMap(({ name, rules }) => rules.map((story) => ({ story, family: name })));
  const indexes = new Map(told.map(({ story }, index) => [story.id, index]));
  const fingerprintOf = fingerprints();
  return {
    $schema: SARIF_SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Samewire',
            semanticVersion: version,
            rules: told.map(({ story, family }) => descriptor(story, family)),
          },
        },
        // Columns count as JavaScript does.
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => ({
          ruleId: problem.rule,
          ...(indexes.has(problem.rule) ? { ruleIndex: indexes.get(problem.rule)! } : {}),
          level: problem.severity,
          message: { text: `${problem.message} ${problem.remedy}` },
          locations: [
            {
              physicalLocation: physicalLocation(problem.file, problem),
              ...(problem.where === '' ? {} : { logicalLocations: [{ fullyQualifiedName: problem.where }] }),
            },
          ],
          ...relatedLocations(problem),
          partialFingerprints: { 'samewireFinding/v1': fingerprintOf(problem) },
        })),
      },
    ],
  };
}

const descriptor = ({ id, name, severity, title, meaning, remedy, ignored, source }: RuleStory, family: string): unknown => ({
  id,
  name,
  shortDescription: { text: `${title}.` },
  fullDescription: { text: meaning },
  help: {
    text: `${meaning} If nobody mends it: ${ignored} What to do: ${remedy} Source: ${source.join('; ')}.`,
    markdown: `${meaning}\n\n**If nobody mends it:** ${ignored}\n\n**What to do:** ${remedy}\n\n**Source:** ${source.join('; ')}.`,
  },
  defaultConfiguration: { level: severity },
  properties: { tags: [family] },
});

const physicalLocation = (file: string, span: Span): unknown => ({
  artifactLocation: { uri: uriOf(file) },
  region: { startLine: span.line, startColumn: span.column, endLine: span.endLine, endColumn: span.endColumn },
});

/** Ids tell them apart within a result (§3.28.2). */
function relatedLocations({ file, related = [], cause }: Problem): { readonly relatedLocations?: unknown } {
  const isShown = cause === undefined || related.some((span) => sameSpan(span, cause));
  const all = isShown ? related : [...related, { ...cause, message: `comes from ${cause.description}` }];
  if (all.length === 0) return {};
  return {
    relatedLocations: all.map((span, id) => ({ id, physicalLocation: physicalLocation(file, span), message: { text: span.message } })),
  };
}

/**
 * A reference as RFC 3986 has it: relative where the path is. A first segment with a colon would be taken for a scheme (§4.2), and so would
 * the letter of a drive.
 */
export function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeSegment).join('/');
  if (/^[A-Za-z]:\//.test(path)) return `file:///${path}`;
  if (path.startsWith('/')) return `file://${path}`;
  return path.split('/')[0]!.includes(':') ? `./${path}` : path;
}

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment.replace(/[\ud800-\udfff]/gu, '\ufffd')).replaceAll('%3A', ':');

/** The same as long as rule, place in the declaration and message are, whatever its line; those that agree in all of them are counted. */
function fingerprints(): (problem: Problem) => string {
  const seen = new Map<string, number>();
  return ({ rule, where, message }) => {
    const text = [rule, where, message].join('\n');
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    return fingerprint(before === 0 ? text : `${text}\n${before}`);
  };
}
