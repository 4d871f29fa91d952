/** A report for whoever looks into a bug: what is declared, what is up, what happened; without what is secret. */
import type { Problem } from '../../fabric/problem.ts';
import { blotDeclaration } from './blot-declaration.ts';
import type { Blotted } from './blotted.ts';
import { type Bundle, type Entry, type Limits, packBundle } from './bundle.ts';
import { redactCapture } from './capture-redaction.ts';
import type { Collected, LeftOut } from './collect.ts';
import { jsonHider, withoutHome } from './hide-json.ts';
import { type KnownSecret, secretScanner } from './secret-scan.ts';
import { type PeekSecret, secretSources } from './sources.ts';
import { summaryText } from './summary.ts';

/** Of the machine, without anybody's name. */
export interface MachineTold {
  readonly node: string;
  readonly platform: string;
  readonly release: string;
  readonly architecture: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

export interface ReportOf {
  readonly version: string;
  readonly made: Date;
  readonly machine: MachineTold;
  /** The fabric file as it was named, and its text; undefined: it could not be read, or there is none. */
  readonly file: string | undefined;
  readonly text: string | undefined;
  readonly problems: readonly Problem[];
  /** Undefined: it is not up. */
  readonly collected: Collected | undefined;
  readonly leftOut: readonly LeftOut[];
  readonly keepsPayload: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly peek: PeekSecret;
  /** Folder of whoever makes the report: shown as `~`. */
  readonly home: string | undefined;
  readonly limits?: Limits;
}

export interface Report extends Bundle {
  readonly unresolved: readonly { readonly where: string; readonly source?: string }[];
}

/** What of the declaration can be told: none if it is longer than any fabric. */
const DECLARATION_CHARACTERS_MAX = 4 * 1024 * 1024;

export async function supportReport(of: ReportOf): Promise<Report> {
  const sources = secretSources(of.file ?? '', of.environment, of.peek);
  const blotted =
    of.text === undefined || of.text.length > DECLARATION_CHARACTERS_MAX ? undefined : blotDeclaration(of.text, sources.keeps);
  const hider = jsonHider(of.home);
  const leftOut = [...of.leftOut, ...(of.collected?.leftOut ?? [])];
  if (of.text !== undefined && blotted === undefined) leftOut.push({ what: 'the fabric file', why: 'it is longer than any fabric' });
  const entries = entriesOf(of, blotted, hider);
  const guesses = [...(blotted?.values ?? []), ...hider.values];
  const secrets: KnownSecret[] = [...sources.secrets, ...guesses.map((text) => ({ bytes: Buffer.from(text), isGuess: true }))];
  const scanner = secretScanner(secrets);
  const bundle = await packBundle(
    entries,
    (packed) =>
      jsonBytes(
        hider.hide({
          made: of.made.toISOString(),
          samewire: of.version,
          machine: of.machine,
          file: of.file?.replace(/^.*[/\\]/, ''),
          isUp: of.collected !== undefined,
          entries: packed,
          leftOut,
          // Under such names nothing would be shown.
          hiding: {
            lookedFor: scanner.secrets,
            hiddenByPlace: hider.count,
            blottedInFile: blotted?.blots ?? 0,
            commentsLeftOut: blotted?.comments ?? 0,
            fileReadByLines: blotted?.byLines ?? false,
            notReadHere: sources.unresolved.map(({ where, source }) => ({ where, named: source })),
            payloads: of.keepsPayload,
          },
        }),
      ),
    scanner,
    of.made,
    of.limits,
  );
  return { ...bundle, unresolved: sources.unresolved };
}

type Hider = ReturnType<typeof jsonHider>;

function entriesOf(of: ReportOf, blotted: Blotted | undefined, hider: Hider): Entry[] {
  const { collected, problems } = of;
  const json = (name: string, value: unknown): Entry[] => (value === undefined ? [] : [{ name, bytes: jsonBytes(hider.hide(value)) }]);
  const text = (name: string, lines: string | undefined): Entry[] =>
    lines === undefined ? [] : [{ name, bytes: Buffer.from(lines.split('\n').map(hider.text).join('\n')) }];
  const running = (collected?.checks as { readonly problems?: readonly Problem[] } | undefined)?.problems;
  const summary = summaryText({ ...of, file: of.text === undefined ? undefined : of.file?.replace(/^.*[/\\]/, '') });
  return [
    ...text('summary.txt', summary),
    ...(blotted === undefined ? [] : [{ name: 'fabric.yaml', bytes: Buffer.from(withoutHome(blotted.text, of.home)) }]),
    ...json('checks.json', { file: problems.map(withoutSecretSpan), running: running?.map(withoutSecretSpan) }),
    ...(collected === undefined ? [] : runningEntries(collected, of.keepsPayload, json, text, hider)),
  ];
}

function runningEntries(
  collected: Collected,
  keepsPayload: boolean,
  json: (name: string, value: unknown) => Entry[],
  text: (name: string, lines: string | undefined) => Entry[],
  hider: Hider,
): Entry[] {
  const { fabric, topology, states, network, hosts, sessions, units, events, metrics, histories, captures } = collected;
  // The latest first: what does not fit is old.
  const lines = events.toReversed().map((event) => `${JSON.stringify(hider.hide(event))}\n`);
  return [
    ...json('fabric.json', fabric),
    ...json('topology.json', topology),
    ...states.flatMap((state, index) => json(`state-${index + 1}.json`, state)),
    ...json('network.json', network),
    ...json('hosts.json', hosts),
    ...json('sessions.json', sessions),
    ...json('units.json', units),
    { name: 'events.jsonl', bytes: Buffer.from(lines.join('')) },
    ...text('metrics.txt', metrics),
    ...json('histories.json', histories),
    ...captures.map(({ at, bytes }) => ({
      name: `captures/${at.replace(/[^A-Za-z0-9.-]/g, '_')}.pcapng`,
      bytes: redactCapture(bytes, keepsPayload).bytes,
      isBinary: true,
    })),
  ];
}

/** Where a secret stood tells how long it was. */
function withoutSecretSpan(problem: Problem): Omit<Problem, 'secret'> {
  const { secret, ...rest } = problem;
  return secret === undefined ? rest : { ...rest, endLine: rest.line, endColumn: rest.column };
}

const jsonBytes = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`);
