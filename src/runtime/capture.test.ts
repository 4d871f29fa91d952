import { expect, it } from 'vitest';
import * as golden from '../wire/ip/testing/golden.ts';
import { Capture } from './capture.ts';
import { VirtualClock } from './virtual-clock.ts';

it('counts what its writer has no room for', () => {
  const capture = new Capture(() => false, new VirtualClock());
  capture.tap(['a', 'b']).handleSent(0, golden.arpRequest.frame);
  expect(capture.omitted).toBe(1);
});

it('of headers only keeps no data, and says how long the frames were', () => {
  const blocks: Uint8Array[] = [];
  const capture = new Capture((bytes) => blocks.push(bytes) > 0, new VirtualClock(), 0n, { headersOnly: true });
  const { frame } = golden.tcpData;
  capture.tap(['a', 'b']).handleSent(0, frame);
  const block = Buffer.from(blocks[3]!);
  const kept = frame.length - 'hello over the wire'.length;
  expect([block.readUInt32LE(20), block.readUInt32LE(24)]).toEqual([kept, frame.length]);
  expect(block.subarray(28, 28 + kept)).toEqual(Buffer.from(frame.subarray(0, kept)));
  expect(Buffer.concat(blocks).includes('hello')).toBe(false);
});
