import { expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { seededRng } from '../base/rng.ts';
import { flap } from './flapping.ts';
import { defaultLinkSettings, Link } from './link.ts';
import { TestPort } from './testing/test-port.ts';
import { VirtualClock } from './virtual-clock.ts';

function run(seed: number) {
  const clock = new VirtualClock();
  const services = { clock, rng: seededRng(seed) };
  const [a, b] = [new TestPort('a', clock), new TestPort('b', clock)];
  const link = new Link(a, b, defaultLinkSettings, services);
  const changes: number[] = [];
  a.handleCarrier = (up) => void changes.push(up ? clock.now() : -clock.now());
  const stop = flap((up) => link.setUp(up), { upNanos: 9 * SECOND, downNanos: SECOND }, services);
  return { clock, link, changes, stop };
}

it('is up and down for as long as it is told on average, by a seed, until it is stopped', () => {
  const { clock, link, changes, stop } = run(1);
  clock.run(10_000 * SECOND);
  let upNanos = 0;
  for (const [index, at] of changes.entries()) if (at >= 0) upNanos += -(changes[index + 1] ?? -clock.now()) - at;
  expect(upNanos / clock.now()).toBeGreaterThan(0.87);
  expect(upNanos / clock.now()).toBeLessThan(0.93);
  expect(changes.length).toBeGreaterThan(1600);
  stop();
  const { carrier } = link;
  clock.run(20_000 * SECOND);
  expect([link.carrier, clock.pending]).toEqual([carrier, 0]);
  const again = run(1);
  again.clock.run(10_000 * SECOND);
  expect(again.changes).toEqual(changes);
});
