/** Metrics of the program itself: what it is, events, memory, CPU, how late its event loop is. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { RunningFabric } from '../running-fabric.ts';
import { counter, gauge, type MetricFamily } from './family.ts';

export function processMetrics({ name, version, startedAt, events }: RunningFabric): MetricFamily[] {
  // From the first scrape on: where nobody asks, nothing is measured.
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  return [
    gauge('build_info', 'Version of the program and of Node.js.', () => [{ value: 1, labels: { version, node: process.versions.node } }]),
    gauge('fabric_info', 'Name of the fabric that is up.', () => [{ value: 1, labels: { fabric: name } }]),
    gauge('start_time_seconds', 'When the fabric came up, since 1970.', () => [{ value: startedAt.getTime() / 1000 }]),
    counter('events', 'Events by kind.', () =>
      [...events.counts].map(([id, { name: event, severity, count }]) => ({ value: count, labels: { id, event, severity } })),
    ),
    counter('process_cpu_seconds', 'CPU time of the process.', () => {
      const { user, system } = process.cpuUsage();
      return [
        { value: user / 1e6, labels: { mode: 'user' } },
        { value: system / 1e6, labels: { mode: 'system' } },
      ];
    }),
    gauge('process_resident_memory_bytes', 'Memory of the process.', () => [{ value: process.memoryUsage.rss() }]),
    gauge('process_heap_bytes', 'JavaScript heap that is in use.', () => [{ value: process.memoryUsage().heapUsed }]),
    gauge('process_buffer_bytes', 'Buffers outside of the heap.', () => [{ value: process.memoryUsage().arrayBuffers }]),
    counter('event_loop_busy_seconds', 'Time in which the event loop did not wait.', () => [
      { value: performance.eventLoopUtilization().active / 1000 },
    ]),
    gauge('event_loop_delay_seconds', 'How late timers ran since the scrape before.', () => {
      const values = [0.5, 0.99, 1].map((quantile) => ({ value: delayOf(delay, quantile), labels: { quantile } }));
      delay.reset();
      return values;
    }),
  ];
}

/** Beyond the resolution at which it looks; before the first look there is none. */
const delayOf = (delay: IntervalHistogram, quantile: number): number =>
  delay.count === 0 ? 0 : Math.max(0, (quantile === 1 ? delay.max : delay.percentile(quantile * 100)) / 1e9 - 0.01);
