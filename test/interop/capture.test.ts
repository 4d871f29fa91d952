/** Captures of a simulated link, read by tshark. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { seededRng } from '../../src/base/rng.ts';
import { Capture, type CaptureOptions } from '../../src/runtime/capture.ts';
import { defaultLinkSettings, Link } from '../../src/runtime/link.ts';
import { TestPort } from '../../src/runtime/testing/test-port.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import * as golden from '../../src/wire/ip/testing/golden.ts';
import { describeWithPeers } from './peers.ts';
import { runPeer } from './run-peer.ts';
import { makeScratch } from './scratch.ts';

function captured(options: CaptureOptions = {}): Uint8Array {
  const clock = new VirtualClock();
  const [a, b] = [new TestPort('a', clock), new TestPort('b', clock)];
  const link = new Link(a, b, { ...defaultLinkSettings, rateBitsPerSecond: 1e9, queueBytes: 100 }, { clock, rng: seededRng(1) });
  const blocks: Uint8Array[] = [];
  const capture = new Capture((bytes) => blocks.push(bytes) > 0, clock, 1_700_000_000_000_000_000n, options);
  link.setTap(capture.tap(['esx1:nic0', 'tor1:1']));
  link.setUp(true);
  a.wire!.transmit(golden.arpRequest.frame);
  clock.settle(10);
  b.wire!.transmit(golden.arpReply.frame);
  a.wire!.transmit(golden.echoRequest.frame);
  a.wire!.transmit(golden.synchronize.frame);
  // The queue of 100 bytes has no room for a second one.
  a.wire!.transmit(golden.tcpData.frame);
  clock.settle(10);
  return concat(blocks);
}

describeWithPeers(['tshark'], 'a capture', () => {
  it('is read by tshark: names, nanoseconds, comments', async () => {
    const scratch = makeScratch();
    try {
      const file = scratch.path('a.pcapng');
      writeFileSync(file, captured());
      const fields = ['frame.interface_name', 'frame.time_epoch', 'frame.comment', '_ws.col.Protocol'];
      const args = ['-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])];
      const { stdout } = await runPeer('tshark', args);
      expect(stdout.trim().split('\n')).toEqual([
        'esx1:nic0|1700000000.000000000||ARP',
        'tor1:1|1700000000.000001076||ARP',
        'esx1:nic0|1700000000.000001076||ICMP',
        'esx1:nic0|1700000000.000001076|dropped: the queue is full|TCP',
        'esx1:nic0|1700000000.000002052||TCP',
      ]);
    } finally {
      scratch.remove();
    }
  });

  it('of headers only is read by tshark as frames that were cut, each where its data began', async () => {
    const scratch = makeScratch();
    try {
      const file = scratch.path('a.pcapng');
      writeFileSync(file, captured({ headersOnly: true }));
      const fields = ['frame.cap_len', 'frame.len', 'tcp.len', '_ws.col.Protocol'];
      const args = ['-r', file, '-T', 'fields', '-E', 'separator=|', ...fields.flatMap((field) => ['-e', field])];
      const { stdout } = await runPeer('tshark', args);
      expect(stdout.trim().split('\n')).toEqual([
        '42|42||ARP',
        '42|42||ARP',
        `${14 + 20 + 8}|${golden.echoRequest.frame.length}||ICMP`,
        // 19 bytes of data, none of which is there.
        `${golden.tcpData.frame.length - 19}|${golden.tcpData.frame.length}|19|TCP`,
        `${golden.synchronize.frame.length}|${golden.synchronize.frame.length}|0|TCP`,
      ]);
      const malformed = await runPeer('tshark', ['-r', file, '-Y', '_ws.malformed']);
      expect(malformed.stdout).toBe('');
    } finally {
      scratch.remove();
    }
  });
});
