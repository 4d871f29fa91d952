import { expect, it } from 'vitest';
import * as golden from '../wire/ip/testing/golden.ts';
import { Capture } from './capture.ts';
import { VirtualClock } from './virtual-clock.ts';

it('counts what its writer has no room for', () => {
  const capture = new Capture(() => false, new VirtualClock());
  capture.tap(['a', 'b']).handleSent(0, golden.arpRequest.frame);
  expect(capture.omitted).toBe(1);
});
