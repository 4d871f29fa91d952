import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/base/clock.ts';
import { PAGE, SECTION, throughput, throughputPage } from './tcp-throughput.ts';

const LINK = { roundTripNanos: 2 * MILLISECOND, bufferBytes: 100_000, rateBitsPerSecond: 100e6, seconds: 2 };
/** A payload of 1448 bytes in 1538 on the wire. */
const MOST = (100 * 1448) / 1538;

describe.each(['new-reno', 'cubic', 'dctcp'] as const)('%s', (congestionControl) => {
  it('fills a link, and has no timeouts', () => {
    const { megabitsPerSecond, timeouts } = throughput({ ...LINK, congestionControl, loss: 0 });
    expect(megabitsPerSecond).toBeGreaterThan(MOST * 0.97);
    expect(megabitsPerSecond).toBeLessThan(MOST);
    expect(timeouts).toBe(0);
  });

  it('gives way to loss about as the square root law has it, and repairs it without timeouts', () => {
    const { megabitsPerSecond, timeouts } = throughput({ ...LINK, congestionControl, loss: 0.02 });
    // Mathis et al. 1997: 1.22 segments a round trip over the root of the loss.
    const law = ((1448 * 8) / (LINK.roundTripNanos / 1e9)) * (1.22 / Math.sqrt(0.02)) * 1e-6;
    expect(megabitsPerSecond / law).toBeGreaterThan(0.6);
    expect(megabitsPerSecond / law).toBeLessThan(2);
    expect(timeouts).toBeLessThan(3);
  });
});

it('the table of docs/performance.md is what comes out today: npm run throughput:tcp -- --write', () => {
  const section = new RegExp(`<!-- ${SECTION}: [^>]*-->(.*)<!-- end of ${SECTION} -->`, 's').exec(readFileSync(PAGE, 'utf8'))?.[1];
  expect(section?.trim()).toBe(throughputPage().trim());
}, 120_000);
