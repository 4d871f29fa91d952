/** Tries every feature of the initiator at every target, records what comes of it, and writes the table. Run by scripts/initiator-table.mjs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type TargetKind, tryFeature } from './features/feature.ts';
import { FEATURES } from './features/index.ts';
import * as kinds from './features/kinds.ts';
import { type Recorded, readRecords, type Records, type TargetRecord, writeRecords } from './features/record.ts';
import { lioKind } from './guest/feature-lio.ts';
import { runPeer } from './run-peer.ts';

const PAGE = 'docs/conformance.md';
const BEGIN = '<!-- initiator features: written by scripts/initiator-table.mjs -->';
const END = '<!-- end of initiator features -->';

const packageVersion = async (name: string): Promise<string> =>
  `${name} ${(await runPeer('dpkg-query', ['-W', '-f', '${Version}', name])).stdout.trim()}`;

const TARGETS: Readonly<Record<string, () => Promise<{ readonly kind: TargetKind; readonly version: string }>>> = {
  tgt: async () => ({ kind: kinds.tgt(), version: await packageVersion('tgt') }),
  istgt: async () => ({ kind: kinds.istgt(), version: await packageVersion('istgt') }),
  LIO: lioKind,
  ours: async () => ({ kind: kinds.ours(), version: 'this one' }),
};

async function tried(name: string): Promise<TargetRecord> {
  const { kind, version } = await TARGETS[name]!();
  const features: Record<string, Recorded> = {};
  try {
    for (const feature of FEATURES) {
      const outcome: Recorded = await tryFeature(feature, kind).catch((error: Error) => ({ result: 'fails', evidence: error.message }));
      features[feature.id] = outcome;
      process.stderr.write(`${name}: ${feature.title}: ${JSON.stringify(outcome)}\n`);
    }
  } finally {
    await kind.stop();
  }
  return { version, features };
}

/** Arguments: `--only NAME` tries one target and keeps what is recorded of the others; `--write` tries none. */
export async function main(args: readonly string[]): Promise<number> {
  const only = args[0] === '--only' ? args[1] : undefined;
  if (only !== undefined && TARGETS[only] === undefined) throw new Error(`no such target: ${only}`);
  let records: Records = readRecords();
  for (const name of args[0] === '--write' ? [] : only === undefined ? Object.keys(TARGETS) : [only])
    records = { ...records, [name]: await tried(name) };
  writeRecords(records);
  writePage(records);
  const fails = Object.values(records).some(({ features }) => Object.values(features).some(({ result }) => result === 'fails'));
  // A session to a machine that is gone may still wait for it.
  return process.exit(fails ? 1 : 0);
}

function writePage(records: Records): void {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no place for the table`);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${tableOf(records)}\n\n${END}${after}`);
}

/** Cells with a number have a note below. */
function tableOf(records: Records): string {
  const names = Object.keys(TARGETS).filter((name) => records[name] !== undefined);
  const notes: string[] = [];
  const cell = (name: string, id: string): string => {
    const recorded = records[name]!.features[id];
    if (recorded === undefined) return 'not tried';
    const words = recorded.result === 'peer does not' ? "peer doesn't" : recorded.result;
    const note = recorded.result === 'yes' ? recorded.note : recorded.evidence;
    if (note === undefined) return words;
    const text = note.split('\n')[0]!.replaceAll('|', '\\|');
    const known = notes.indexOf(text);
    if (known === -1) notes.push(text);
    return `${words} (${known === -1 ? notes.length : known + 1})`;
  };
  const rows = FEATURES.map(({ id, title }) => `| ${title} | ${names.map((name) => cell(name, id)).join(' | ')} |`);
  return [
    `| | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---|').join('')}`,
    ...rows,
    `| *version* | ${names.map((name) => records[name]!.version).join(' | ')} |`,
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join('\n');
}
