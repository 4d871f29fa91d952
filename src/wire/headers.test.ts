import { describe, expect, it } from 'vitest';
import { concat, fromHex } from '../base/bytes.ts';
import { below, seededRng } from '../base/rng.ts';
import { linuxConfiguration } from './ethernet/testing/golden-bpdu.ts';
import { pushTag, TYPE_SERVICE_VLAN } from './ethernet/frame.ts';
import { headerBytes } from './headers.ts';
import * as golden from './ip/testing/golden.ts';

const tagged = (frame: Uint8Array): Uint8Array => pushTag(pushTag(frame, 10), 20, TYPE_SERVICE_VLAN);

describe('the headers of a frame', () => {
  it.each([golden.synchronize, golden.synchronizeAnswer, golden.tcpData, golden.tcpFinish, golden.synchronize6, golden.tcpReset])(
    'end behind those of TCP, with its options: $tcpdump',
    ({ frame, tcpdump }) => {
      const payload = Number(/length (\d+)$/.exec(tcpdump)![1]);
      expect(headerBytes(frame)).toBe(frame.length - payload);
      expect(headerBytes(tagged(frame))).toBe(frame.length + 8 - payload);
      // What pads a short frame is nothing that was sent.
      expect(headerBytes(concat([frame, new Uint8Array(20)]))).toBe(frame.length - payload);
    },
  );

  it('end behind that of UDP', () => {
    const { frame, tcpdump } = golden.dhcpOffer;
    expect(frame.length - headerBytes(frame)).toBe(Number(/length (\d+)$/.exec(tcpdump)![1]));
  });

  it('end where an echo or an error begins to quote', () => {
    expect(headerBytes(golden.echoRequest.frame)).toBe(14 + 20 + 8);
    expect(headerBytes(golden.echoReply6.frame)).toBe(14 + 40 + 8);
    expect(headerBytes(golden.portUnreachable.frame)).toBe(14 + (golden.portUnreachable.frame[12] === 0x86 ? 40 : 20) + 8);
  });

  it('are all that later pieces of a packet have of their own', () => {
    expect(headerBytes(golden.lastFragment.frame)).toBe(14 + 20);
    expect(headerBytes(golden.lastFragment6.frame)).toBe(14 + 40 + 8);
  });

  it.each([
    golden.arpRequest,
    golden.arpReply,
    golden.lldp,
    golden.listenerReport,
    golden.addressDetection,
    golden.groupJoin,
    golden.neighborSolicitation,
    golden.neighborAdvertisement,
  ])('are all of what has no data of anybody: $tcpdump', ({ frame }) => {
    expect(headerBytes(frame)).toBe(frame.length);
  });

  it('are all of a BPDU, and of ARP without its padding', () => {
    expect(headerBytes(linuxConfiguration.frame)).toBe(linuxConfiguration.frame.length);
    expect(headerBytes(concat([golden.arpRequest.frame, new Uint8Array(18).fill(0x55)]))).toBe(golden.arpRequest.frame.length);
  });

  it('are the addresses and the type of what is not known', () => {
    const frame = concat([fromHex('020000000b02020000000a0188b5'), new Uint8Array(100).fill(0x55)]);
    expect(headerBytes(frame)).toBe(14);
    expect(headerBytes(tagged(frame))).toBe(22);
  });

  it('whatever the bytes, end within the frame', () => {
    for (let seed = 1; seed <= 2000; seed += 1) {
      const rng = seededRng(seed);
      const frame = rng.fill(new Uint8Array(below(rng, 120)));
      if (below(rng, 2) === 0 && frame.length >= 15)
        frame.set(
          [
            [0x08, 0x00, 0x45],
            [0x86, 0xdd, 0x60],
            [0x81, 0x00, 0x00],
          ][below(rng, 3)]!,
          12,
        );
      const kept = headerBytes(frame);
      expect(kept >= 0 && kept <= frame.length, `seed ${seed}`).toBe(true);
    }
  });
});
