import { describe, expect, it } from 'vitest';
import { metricsText } from './metrics.ts';
import { countedFabric, countedLatencies, countedUnit } from './view/testing/counted-fabric.ts';
import { smallRack } from './view/testing/small-rack.ts';
import { startFabric } from './view/testing/started-fabric.ts';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|[+-]Inf|NaN)$/;

/** The text format of Prometheus, version 0.0.4, strictly: what it lets pass every scraper reads. */
function parse(text: string): Map<string, Family> {
  expect(text.endsWith('\n')).toBe(true);
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let help: string[] | undefined;
  let family: (Family & { name: string }) | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment?.[1] === 'HELP') help = [comment[2]!, comment[3]!];
    else if (comment?.[1] === 'TYPE') {
      expect(help?.[0], line).toBe(comment[2]);
      expect(comment[2]).toMatch(NAME);
      expect(families.has(comment[2]!), `${comment[2]} twice`).toBe(false);
      expect(['counter', 'gauge', 'histogram']).toContain(comment[3]);
      family = { name: comment[2]!, type: comment[3]!, help: help![1]!, samples: [] };
      families.set(family.name, family);
    } else {
      const match = LINE.exec(line);
      expect(match, line).not.toBeNull();
      const [, name, labelText = '', value] = match!;
      const own = family!.type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => family!.name + end) : [family!.name];
      expect(own, line).toContain(name);
      const series = `${name}{${labelText}}`;
      expect(seen.has(series), `${series} twice`).toBe(false);
      seen.add(series);
      family!.samples.push({ name: name!, labels: parseLabels(labelText), value: Number(value!.replace('Inf', 'Infinity')) });
    }
  }
  return families;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    expect(match, rest).not.toBeNull();
    expect(labels[match![1]!], rest).toBeUndefined();
    labels[match![1]!] = match![2]!.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
    rest = rest.slice(match![0].length);
  }
  return labels;
}

const valueOf = (families: Map<string, Family>, name: string, labels: Readonly<Record<string, string>>): number | undefined =>
  families
    .get(name)
    ?.samples.find((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    ?.value;

describe('the metrics', () => {
  it('agree with the counters of a fabric that is up', async () => {
    await using started = await startFabric(smallRack());
    const { fabric } = started;
    await fabric.hosts.tried(5000);
    const families = parse(await metricsText({ fabric }));
    // Nothing of a quiet fabric goes on meanwhile but a BPDU now and then.
    const unit = fabric.arrays.units()[0]!;
    const lun = { array: 'array1', target: 'iqn.2026-01.net.example:disks', lun: '0' };
    expect(unit.otherCommands).toBeGreaterThan(0);
    expect(valueOf(families, 'samewire_lun_other_commands_total', lun)).toBe(unit.otherCommands);
    expect(valueOf(families, 'samewire_lun_size_bytes', lun)).toBe(8 * 1024 * 1024);
    expect(valueOf(families, 'samewire_sessions', { array: 'array1', target: lun.target })).toBe(1);
    expect(valueOf(families, 'samewire_paths', { host: 'esx1', state: 'active' })).toBe(1);
    expect(valueOf(families, 'samewire_paths', { host: 'esx1', state: 'dead' })).toBe(0);
    const sent = valueOf(families, 'samewire_link_sent_bytes_total', { from: 'esx1:nic0', to: 'tor1:1' })!;
    expect(sent).toBeGreaterThan(500);
    expect(sent).toBeLessThanOrEqual(fabric.network!.links()[0]!.ends[0].counters.bytes);
    expect(valueOf(families, 'samewire_link_up', { link: 'esx1:nic0 - tor1:1' })).toBe(1);
    expect(valueOf(families, 'samewire_port_forwarding', { switch: 'tor1', port: '1' })).toBe(1);
    expect(valueOf(families, 'samewire_port_received_frames_total', { switch: 'tor1', port: '1', cast: 'unicast' })).toBeGreaterThan(5);
    expect(valueOf(families, 'samewire_tcp_active_opens_total', { machine: 'esx1' })).toBe(
      fabric.network!.network.machines[0]!.tcp.counters.activeOpens,
    );
    expect(valueOf(families, 'samewire_world_present', { port: 'tor1:9' })).toBe(0);
    const [someKind] = fabric.events.counts.values();
    expect(valueOf(families, 'samewire_events_total', { event: someKind!.name })).toBeGreaterThan(0);
    expect(valueOf(families, 'samewire_process_resident_memory_bytes', {})).toBeGreaterThan(1e7);
    for (const [name, { type, help }] of families) {
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(name.startsWith('samewire_'), name).toBe(true);
      expect(help, name).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('are the counters to the last one, where those stand still', async () => {
    const counted = countedFabric(2);
    counted.units.push({ ...countedUnit(3), readCommands: 11, writeCommands: 22, readBytes: 33, writtenBytes: 44, checkConditions: 55 });
    counted.latencies.push(countedLatencies());
    for (const nanos of [100, 5_000, 5_000, 3_000_000, 20e9]) counted.latencies[0]!.record(nanos);
    Object.assign(counted.links[1]!.counters[1], {
      frames: 5,
      bytes: 600,
      queueDrops: 1,
      giants: 2,
      lost: 3,
      corrupted: 4,
      carrierDrops: 5,
      cutShort: 6,
    });
    counted.links[1]!.up = false;
    counted.links[1]!.waitingBytes[1] = 77;
    const families = parse(await metricsText(counted));
    const lun = { lun: '3' };
    const names = ['read_commands', 'write_commands', 'read_bytes', 'written_bytes', 'check_conditions'];
    expect(names.map((name) => valueOf(families, `samewire_lun_${name}_total`, lun))).toEqual([11, 22, 33, 44, 55]);
    const end = { from: 'host1:nic0', to: 'tor1:2' };
    const causes = ['queue full', 'too long', 'lost', 'corrupted', 'link down', 'cut short'];
    expect(causes.map((cause) => valueOf(families, 'samewire_link_dropped_frames_total', { ...end, cause }))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(valueOf(families, 'samewire_link_sent_frames_total', end)).toBe(5);
    expect(valueOf(families, 'samewire_link_sent_bytes_total', end)).toBe(600);
    expect(valueOf(families, 'samewire_link_waiting_bytes', end)).toBe(77);
    expect([0, 1].map((link) => valueOf(families, 'samewire_link_up', { link: `tor1:${link + 1} - host${link}:nic0` }))).toEqual([1, 0]);
    const { samples } = families.get('samewire_lun_command_duration_seconds')!;
    const buckets = samples.filter((sample) => sample.name.endsWith('_bucket'));
    const atMost = (seconds: number): number =>
      buckets.findLast((bucket) => Number(bucket.labels['le']!.replace('Inf', 'Infinity')) <= seconds)!.value;
    expect([atMost(4.2e-6), atMost(9e-6), atMost(0.005), atMost(10), atMost(Infinity)]).toEqual([1, 3, 4, 4, 5]);
    expect(buckets.map((bucket) => bucket.value)).toEqual(buckets.map((bucket) => bucket.value).toSorted((a, b) => a - b));
    expect(samples.slice(-2).map((sample) => sample.value)).toEqual([(100 + 10_000 + 3_000_000 + 20e9) / 1e9, 5]);
  });

  it('leave out what was never counted of links, ports and machines', async () => {
    const counted = countedFabric(500);
    const idle = parse(await metricsText(counted));
    const present = [...idle.values()].filter(({ samples }) => samples.length > 0).map(({ samples }) => samples[0]!.name);
    expect(present.filter((name) => /_(link|port|tcp)_/.test(name))).toEqual([
      'samewire_link_up',
      'samewire_link_capacity_bytes_per_second',
    ]);
    counted.links[7]!.counters[0].lost = 2;
    counted.tcp.retransmittedSegments = 3;
    const busy = parse(await metricsText(counted));
    expect(busy.get('samewire_link_dropped_frames_total')!.samples).toEqual([
      expect.objectContaining({ value: 2, labels: { link: 'tor1:8 - host7:nic0', from: 'tor1:8', to: 'host7:nic0', cause: 'lost' } }),
    ]);
    expect(busy.get('samewire_tcp_retransmitted_segments_total')!.samples).toHaveLength(1);
  });

  it('keep strange names apart from the format', async () => {
    const counted = countedFabric(0);
    counted.units.push({ ...countedUnit(0), target: 'a"b\\c\nd' });
    counted.latencies.push(countedLatencies());
    const families = parse(await metricsText(counted));
    expect(valueOf(families, 'samewire_lun_size_bytes', { target: 'a"b\\c\nd' })).toBe(1_000_000);
  });

  it('are read anew each time, and once for all who ask at a time', async () => {
    const counted = countedFabric(0);
    counted.units.push(countedUnit(0));
    counted.latencies.push(countedLatencies());
    const [one, other] = [metricsText(counted), metricsText(counted)];
    expect(other).toBe(one);
    const reads = async (): Promise<number | undefined> =>
      valueOf(parse(await metricsText(counted)), 'samewire_lun_read_commands_total', {});
    expect(await reads()).toBe(0);
    counted.units[0]!.readCommands = 5;
    expect(await reads()).toBe(5);
  });
});
