/** Our initiator at tgt, istgt and our own target, feature by feature and byte by byte. LIO: test/interop/guest/initiator-lio.test.ts. */
import { afterAll } from 'vitest';
import * as kinds from './features/kinds.ts';
import { featureTests } from './features/suite.ts';
import { describeWithPeers, type PeerName } from './peers.ts';

const TIMEOUT_MS = 60_000;

for (const [name, make, peers] of [
  ['tgt', kinds.tgt, ['tgtd']],
  ['istgt', kinds.istgt, ['istgt']],
  ['ours', kinds.ours, []],
] as const satisfies readonly (readonly [string, () => unknown, readonly PeerName[]])[]) {
  describeWithPeers(peers, `our initiator at ${name}`, () => {
    const kind = make();
    afterAll(() => kind.stop());
    featureTests(name, () => kind, TIMEOUT_MS);
  });
}
