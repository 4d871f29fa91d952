/** Our initiator at Linux's kernel target in a guest, feature by feature and byte by byte. */
import { afterAll, beforeAll } from 'vitest';
import { featureTests } from '../features/suite.ts';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { type LioKind, lioKind } from './feature-lio.ts';

const TIMEOUT_MS = 300_000;

describeWithPeers(GUEST_PEERS, 'our initiator at LIO', () => {
  let lio: LioKind;
  beforeAll(async () => {
    lio = await lioKind();
  }, TIMEOUT_MS);
  afterAll(() => lio?.kind.stop());
  featureTests('LIO', () => lio.kind, TIMEOUT_MS);
});
