/** What came of each feature at each target when it was last recorded (record.json): the tests hold on to it, and docs/conformance.md shows it. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Outcome } from './feature.ts';

export type Recorded = Outcome | { readonly result: 'fails'; readonly evidence: string };

export interface TargetRecord {
  readonly version: string;
  readonly features: Readonly<Record<string, Recorded>>;
}

/** By the target's name. */
export type Records = Readonly<Record<string, TargetRecord>>;

const PATH = new URL('record.json', import.meta.url);

export const readRecords = (): Records => JSON.parse(readFileSync(PATH, 'utf8')) as Records;

export const writeRecords = (records: Records): void => writeFileSync(PATH, `${JSON.stringify(records, undefined, 2)}\n`);
