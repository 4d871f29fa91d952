/** The features as tests: each comes out as it was recorded. */
import { expect, it } from 'vitest';
import { type TargetKind, tryFeature } from './feature.ts';
import { FEATURES } from './index.ts';
import { readRecords } from './record.ts';

/** `kind` is asked for when a test runs. */
export function featureTests(name: string, kind: () => TargetKind, timeoutMs: number): void {
  const recorded = readRecords()[name]?.features ?? {};
  for (const feature of FEATURES) {
    const awaited = recorded[feature.id]?.result ?? 'nothing';
    it(
      `${feature.title}${awaited === 'peer does not' ? ' (the peer does not)' : ''}`,
      async () => {
        const outcome = await tryFeature(feature, kind());
        const hint = 'where that is right: node scripts/initiator-table.mjs';
        expect(outcome.result, `recorded is "${awaited}"; ${JSON.stringify(outcome)}; ${hint}`).toBe(awaited);
      },
      timeoutMs,
    );
  }
}
