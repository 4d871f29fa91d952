import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../base/bytes.ts';
import { below, seededRng } from '../../base/rng.ts';
import { type Bpdu, type BpduPortRole, decodeBpduFrame, describeBpdu, encodeBpduFrame } from './bpdu.ts';
import { pushTag } from './frame.ts';
import * as golden from './testing/golden-bpdu.ts';

const padded = (frame: Uint8Array): Uint8Array => {
  const out = new Uint8Array(60);
  out.set(frame);
  return out;
};

const changed = (at: number, value: number): Uint8Array => Uint8Array.from(golden.openVSwitchProposal.frame).fill(value, at, at + 1);

const refused = (frame: Uint8Array): string => {
  try {
    return JSON.stringify(decodeBpduFrame(frame));
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
};

describe('BPDUs', () => {
  it('are read as Linux and Open vSwitch meant them', () => {
    expect(decodeBpduFrame(golden.linuxConfiguration.frame)).toEqual({
      type: 'configuration',
      topologyChange: false,
      topologyChangeAcknowledgment: false,
      root: { priority: 0x8000, address: 0x0200_0000_aa01 },
      rootPathCost: 0,
      bridge: { priority: 0x8000, address: 0x0200_0000_aa01 },
      port: 0x8001,
      messageAgeSeconds: 0,
      maxAgeSeconds: 20,
      helloTimeSeconds: 2,
      forwardDelaySeconds: 4,
    });
    expect(decodeBpduFrame(golden.linuxAcknowledgment.frame)).toMatchObject({ topologyChange: true, topologyChangeAcknowledgment: true });
    expect(decodeBpduFrame(golden.linuxNotification.frame)).toEqual({ type: 'topology-change-notification' });
    expect(decodeBpduFrame(golden.openVSwitchAgreement.frame)).toEqual({
      type: 'rapid',
      topologyChange: true,
      topologyChangeAcknowledgment: false,
      proposal: false,
      role: 'root',
      learning: true,
      forwarding: true,
      agreement: true,
      root: { priority: 0x2000, address: 0x6ee1_b474_bd42 },
      rootPathCost: 2000,
      bridge: { priority: 0x8000, address: 0x0246_15e0_d149 },
      port: 0x8001,
      messageAgeSeconds: 1,
      maxAgeSeconds: 20,
      helloTimeSeconds: 2,
      forwardDelaySeconds: 15,
    });
  });

  it('are written byte by byte as they were', () => {
    for (const { frame, source } of golden.ALL_BPDUS) expect(encodeBpduFrame(decodeBpduFrame(frame)!, source)).toEqual(padded(frame));
  });

  it('are told in one line', () => {
    expect(golden.ALL_BPDUS.map(({ frame }) => describeBpdu(decodeBpduFrame(frame)!))).toMatchInlineSnapshot(`
      [
        "STP configuration root 8000.02:00:00:00:aa:01 at cost 0, bridge 8000.02:00:00:00:aa:01 port 8001, age 0 of 20 s, hello 2 s, delay 4 s",
        "STP configuration [topology change, topology change acknowledgment] root 1000.02:00:00:00:bb:01 at cost 0, bridge 1000.02:00:00:00:bb:01 port 8001, age 0 of 20 s, hello 2 s, delay 4 s",
        "STP topology change notification",
        "RSTP designated [proposal] root 2000.6e:e1:b4:74:bd:42 at cost 0, bridge 2000.6e:e1:b4:74:bd:42 port 8001, age 0 of 20 s, hello 2 s, delay 15 s",
        "RSTP root [topology change, learning, forwarding, agreement] root 2000.6e:e1:b4:74:bd:42 at cost 2000, bridge 8000.02:46:15:e0:d1:49 port 8001, age 1 of 20 s, hello 2 s, delay 15 s",
        "RSTP designated [learning, forwarding] root 2000.6e:e1:b4:74:bd:42 at cost 0, bridge 2000.6e:e1:b4:74:bd:42 port 8001, age 0 of 20 s, hello 2 s, delay 15 s",
      ]
    `);
  });

  it('come back from bytes as they went there', () => {
    const rng = seededRng(1);
    const flag = (): boolean => below(rng, 2) === 1;
    const roles: readonly BpduPortRole[] = ['unknown', 'alternate-or-backup', 'root', 'designated'];
    for (let count = 0; count < 500; count += 1) {
      const common = {
        topologyChange: flag(),
        topologyChangeAcknowledgment: flag(),
        root: { priority: below(rng, 0x1_0000), address: below(rng, 0x1_0000) * 0x1_0000_0000 + rng.uint32() },
        rootPathCost: rng.uint32(),
        bridge: { priority: below(rng, 0x1_0000), address: rng.uint32() },
        port: below(rng, 0x1_0000),
        messageAgeSeconds: below(rng, 0x1000) / 256,
        maxAgeSeconds: (0x1000 + below(rng, 0xf000)) / 256,
        helloTimeSeconds: below(rng, 0x1_0000) / 256,
        forwardDelaySeconds: below(rng, 0x1_0000) / 256,
      };
      const rapid = { proposal: flag(), role: roles[below(rng, 4)]!, learning: flag(), forwarding: flag(), agreement: flag() };
      const bpdu: Bpdu = flag() ? { type: 'configuration', ...common } : { type: 'rapid', ...common, ...rapid };
      expect(decodeBpduFrame(encodeBpduFrame(bpdu, 1))).toEqual(bpdu);
    }
  });

  it('of later versions are read as far as they are known', () => {
    // A multiple spanning tree BPDU (IEEE 802.1Q-2018 §14.3): version 3, and more behind.
    const longer = new Uint8Array(119);
    longer.set(golden.openVSwitchProposal.frame);
    longer[13] = 105;
    longer[19] = 3;
    expect(decodeBpduFrame(longer)).toEqual(decodeBpduFrame(golden.openVSwitchProposal.frame));
  });

  it('are refused with a reason', () => {
    expect([
      refused(changed(17, 1)),
      refused(changed(19, 1)),
      refused(changed(20, 3)),
      refused(changed(13, 38)),
      refused(Uint8Array.from(golden.linuxConfiguration.frame).fill(20, 44, 45)),
      refused(golden.linuxNotification.frame.subarray(0, 20)),
    ]).toMatchInlineSnapshot(`
      [
        "bpdu: unknown protocol 256 (at byte 17)",
        "bpdu: a rapid spanning tree BPDU of version 1 (at byte 19)",
        "bpdu: unknown type 3 (at byte 20)",
        "bpdu: a BPDU cut to 35 bytes (at byte 17)",
        "bpdu: the message is past its age (at byte 44)",
        "ethernet: a length of 7 in 6 bytes (at byte 12)",
      ]
    `);
    // Another protocol, and another maker's that sends tags.
    expect(decodeBpduFrame(changed(14, 0x43))).toBeUndefined();
    expect(decodeBpduFrame(pushTag(golden.openVSwitchProposal.frame, 1))).toBeUndefined();
  });

  it('of any bytes give a value or a DecodeError', () => {
    const rng = seededRng(2);
    let read = 0;
    for (let count = 0; count < 20_000; count += 1) {
      const { frame } = golden.ALL_BPDUS[below(rng, golden.ALL_BPDUS.length)]!;
      const bytes = Uint8Array.from(frame.subarray(0, below(rng, 8) === 0 ? below(rng, frame.length + 1) : frame.length));
      for (let changes = below(rng, 4); changes > 0; changes -= 1) bytes[below(rng, bytes.length)] = rng.uint32() & 0xff;
      try {
        if (decodeBpduFrame(bytes) !== undefined) read += 1;
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
      }
    }
    expect(read).toBeGreaterThan(5000);
  });
});
