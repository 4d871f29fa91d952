/** The metrics of a running fabric in the text format of Prometheus, version 0.0.4: read when somebody asks. */
import type { Metric, Registry } from 'prom-client';
import type { Served } from './api/operation.ts';
import type { MetricFamily } from './metrics/family.ts';
import { networkMetrics } from './metrics/network-metrics.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import { storageMetrics } from './metrics/storage-metrics.ts';
import type { RunningFabric } from './running-fabric.ts';

export const METRICS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const registries = new WeakMap<RunningFabric, Promise<Registry>>();
const underWay = new WeakMap<RunningFabric, Promise<string>>();

/** Who asks while another is answered gets the same answer. */
export function metricsText({ fabric }: Pick<Served, 'fabric'>): Promise<string> {
  const known = underWay.get(fabric);
  if (known !== undefined) return known;
  let registry = registries.get(fabric);
  if (registry === undefined) registries.set(fabric, (registry = openRegistry(fabric)));
  const text = registry.then((one) => one.metrics()).finally(() => underWay.delete(fabric));
  underWay.set(fabric, text);
  return text;
}

async function openRegistry(fabric: RunningFabric): Promise<Registry> {
  // It is a part of the program that most runs never need.
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  const turn = turns();
  for (const family of [
    ...processMetrics(fabric),
    ...storageMetrics(fabric),
    ...(fabric.network === undefined ? [] : networkMetrics(fabric.network)),
  ])
    registry.registerMetric(metricOf(family, turn));
  return registry;
}

/** What a registry asks of a metric. Its own kinds keep a copy of each value, which for ours would be one more than there is. */
function metricOf({ name, help, type, read }: MetricFamily, turn: () => Promise<void>): Metric {
  const get = async () => {
    await turn();
    return { name, help, type, values: read() };
  };
  return { name, get } as unknown as Metric;
}

/** A family in each turn of the event loop: a scrape of a large fabric holds nothing up. */
function turns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => (last = last.then(() => new Promise((resolve) => setImmediate(resolve))));
}
