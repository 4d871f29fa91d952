import { describe, expect, it } from 'vitest';
import type { HostReport } from '../../device/host-report.ts';
import { worldNode } from './topology-of.ts';
import { startSampler } from './start-sampler.ts';
import { countedFabric, countedLatencies, countedUnit, RATE, turnedTime } from './testing/counted-fabric.ts';

describe('a sampler', () => {
  it('makes rates of what was counted since the sample before', () => {
    const counted = countedFabric(2);
    const time = turnedTime();
    counted.links[1]!.counters[0].frames = 1_000_000;
    const sampler = startSampler(counted.fabric, time);
    expect(sampler.state).toMatchObject({ sequence: 1, totals: { linkBitsPerSecond: 0 } });
    const [sent] = counted.links[1]!.counters;
    sent.frames += 1000;
    sent.bytes += 1_500_000;
    sent.queueDrops += 3;
    sent.lost += 2;
    sent.carrierDrops += 1;
    counted.tcp.retransmittedSegments += 7;
    time.pass(1000);
    const bits = (1_500_000 + 1000 * 24) * 8;
    expect(sampler.state.sequence).toBe(2);
    expect(sampler.state.links[1]!.ends[0]).toEqual({
      bitsPerSecond: bits,
      framesPerSecond: 1000,
      load: Math.round((bits / RATE) * 1e4) / 1e4,
      dropsPerSecond: 6,
      drops: 6,
      waitingBytes: 0,
    });
    expect(sampler.state.totals).toMatchObject({ linkBitsPerSecond: bits, dropsPerSecond: 6, retransmissionsPerSecond: 7, linksDown: 0 });
    expect([...(sampler.linkChanges as Float64Array)]).toEqual([1, 2]);
    // Nothing more came: the rates fall to nothing, which is a change, and then nothing changes.
    time.pass(1000);
    expect(sampler.state.links[1]!.ends[0]).toMatchObject({ bitsPerSecond: 0, drops: 6 });
    const still = sampler.state.links[1];
    time.pass(1000);
    expect(sampler.state.links[1]).toBe(still);
    expect([...(sampler.linkChanges as Float64Array)]).toEqual([1, 3]);
    sampler.close();
  });

  it('counts with the time that really passed, and keeps to whole seconds', () => {
    const counted = countedFabric(1);
    let delay = 0;
    const turned = turnedTime();
    // A timer that runs late by so much, as on a machine that is busy.
    const time = { ...turned, wait: (milliseconds: number, action: () => void) => turned.wait(milliseconds + delay, action) };
    const sampler = startSampler(counted.fabric, time);
    const at: number[] = [];
    sampler.onSample(() => at.push(turned.nowMilliseconds()));
    delay = 500;
    turned.pass(1000);
    counted.links[0]!.counters[1].frames = 150;
    turned.pass(1000);
    expect(at).toEqual([1000]);
    delay = 0;
    turned.pass(500);
    // The second one came after a second and a half.
    expect(at).toEqual([1000, 2500]);
    expect(sampler.state.links[0]!.ends[1].framesPerSecond).toBe(100);
    turned.pass(500);
    expect(at).toEqual([1000, 2500, 3000]);
    sampler.close();
    turned.pass(5000);
    expect(at.length).toBe(3);
  });

  it('never has a negative rate, though a counter went back', () => {
    const counted = countedFabric(1);
    counted.units.push(countedUnit(0));
    counted.latencies.push(countedLatencies());
    counted.units[0]!.readCommands = 500;
    counted.links[0]!.counters[0].bytes = 1e9;
    counted.latencies[0]!.record(5);
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    Object.assign(counted.links[0]!.counters[0], { bytes: 10 });
    counted.units[0]!.readCommands = 3;
    counted.latencies[0] = countedLatencies();
    counted.latencies[0]!.record(2_000);
    time.pass(1000);
    expect(sampler.state.links[0]!.ends[0].bitsPerSecond).toBe(0);
    expect(sampler.state.units[0]).toMatchObject({ readsPerSecond: 0, meanNanos: 2_000, p99Nanos: 2_000 });
    sampler.close();
  });

  it('tells the latencies of the last second alone, of each unit and of all', () => {
    const counted = countedFabric(0);
    for (const lun of [0, 1]) {
      counted.units.push(countedUnit(lun));
      counted.latencies.push(countedLatencies());
    }
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    for (let command = 0; command < 1000; command += 1) counted.latencies[0]!.record(1_000_000);
    time.pass(1000);
    expect(sampler.state.units[0]!.meanNanos).toBe(1_000_000);
    for (let command = 0; command < 99; command += 1) counted.latencies[0]!.record(10_000);
    counted.latencies[1]!.record(500_000);
    time.pass(1000);
    const [one, other] = sampler.state.units;
    expect(one).toMatchObject({ meanNanos: 10_000 });
    expect(one!.p99Nanos).toBeLessThan(10_000 * (1 + 1 / 16));
    expect(other!.p99Nanos).toBeGreaterThanOrEqual(500_000 * (1 - 1 / 16));
    expect(sampler.state.totals.meanNanos).toBe(Math.round((99 * 10_000 + 500_000) / 100));
    time.pass(1000);
    expect(sampler.state.units[0]).toMatchObject({ meanNanos: 0, p99Nanos: 0 });
    expect(sampler.state.totals).toMatchObject({ meanNanos: 0, p99Nanos: 0 });
    sampler.close();
  });

  it('counts paths as down that are dead or unavailable, and not those that somebody switched off', () => {
    const counted = countedFabric(0);
    const states = ['active', 'dead', 'unavailable', 'off', 'standby', 'transitioning', 'checking'] as const;
    counted.hosts.push({ host: 'esx1', adapters: [], devices: [{ paths: states.map((state) => ({ state })) }] } as unknown as HostReport);
    const sampler = startSampler(counted.fabric, turnedTime());
    expect(sampler.state.totals.pathsDown).toBe(2);
    sampler.close();
  });

  it('notes in which sample a list changed', () => {
    const counted = countedFabric(0);
    counted.attachments.push({ port: 'tor1:9', to: 'QEMU', present: false, counters: {} as never });
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    expect(sampler.changes).toEqual({ units: 1, sessions: 1, hosts: 1, world: 1 });
    time.pass(2000);
    expect(sampler.changes).toEqual({ units: 1, sessions: 1, hosts: 1, world: 1 });
    const { world } = sampler.state;
    counted.units.push(countedUnit(0));
    counted.latencies.push(countedLatencies());
    time.pass(1000);
    counted.attachments[0]!.present = true;
    time.pass(1000);
    expect(sampler.changes).toEqual({ units: 4, sessions: 1, hosts: 1, world: 5 });
    expect([world, sampler.state.world]).toEqual([
      [{ id: worldNode('tor1:9'), present: false }],
      [{ id: worldNode('tor1:9'), present: true }],
    ]);
    sampler.close();
  });

  it('has ten minutes of each series, the latest last', () => {
    const counted = countedFabric(1);
    counted.units.push(countedUnit(0));
    counted.latencies.push(countedLatencies());
    const time = turnedTime();
    const sampler = startSampler(counted.fabric, time);
    for (let second = 1; second <= 700; second += 1) {
      counted.units[0]!.readCommands += second;
      counted.links[0]!.counters[1].bytes += second;
      time.pass(1000);
    }
    const expected = Array.from({ length: 600 }, (_, index) => index + 101);
    const unit = 'unit array1 iqn.2026-01.net.example:disks 0 readsPerSecond';
    expect(sampler.history(unit)).toEqual({ series: unit, sequence: 701, time: sampler.state.time, values: expected });
    expect(sampler.history('totals readsPerSecond')!.values).toEqual(expected);
    expect(sampler.history('link 0 1 bitsPerSecond')!.values).toEqual(expected.map((bytes) => bytes * 8));
    for (const unknown of ['', 'totals', 'link 1 0 bitsPerSecond', 'link 0 2 bitsPerSecond', 'totals toString', '__proto__'])
      expect(sampler.history(unknown), unknown).toBeUndefined();
    sampler.close();
  });

  it('has no history of links where there are too many', () => {
    const sampler = startSampler(countedFabric(2000).fabric, turnedTime());
    expect(sampler.history('link 0 0 bitsPerSecond')).toBeUndefined();
    expect(sampler.history('totals sessions')!.values).toEqual([0]);
    sampler.close();
  });
});
