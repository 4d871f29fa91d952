import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/base/clock.ts';
import { NO_FAULTS } from '../../src/runtime/link-faults.ts';
import { tcpIscsi } from './tcp-iscsi.ts';

const BAD = { loss: 0.01, corruption: 0.002, duplication: 0.01, reordering: 0.02, reorderingNanos: MILLISECOND };

describe('iSCSI over a TCP of ours, between two hosts', () => {
  it('reads and writes, and nothing is sent twice where nothing is lost', () => {
    const report = tcpIscsi({ seed: 1, commands: 200, faults: NO_FAULTS, link: { queueBytes: 64 * 1024 * 1024 } });
    expect(report).toMatchObject({ violations: [], succeeded: 200, failed: 0, retransmitted: 0 });
  });

  it.each([1, 2, 3])('with loss, damage, doubles and reordering: seed %i', (seed) => {
    const report = tcpIscsi({ seed, commands: 300, faults: BAD, ipv6: seed === 2 });
    expect(report).toMatchObject({ violations: [], succeeded: 300 });
    expect(report.retransmitted).toBeGreaterThan(10);
  });
});
