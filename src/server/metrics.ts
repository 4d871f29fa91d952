/** The metrics of a running fabric in the text format of Prometheus, version 0.0.4: read when somebody asks. */
import type { Metric, Registry } from 'prom-client';
import type { Served } from './api/operation.ts';
import type { MetricFamily } from './metrics/family.ts';
import { networkMetrics } from './metrics/network-metrics.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import { openReadings, type Readings } from './metrics/readings.ts';
import { storageMetrics } from './metrics/storage-metrics.ts';
import type { RunningFabric } from './running-fabric.ts';

export const METRICS_MEDIA_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Scraped {
  readonly registry: Registry;
  readonly readings: Readings;
}

const opened = new WeakMap<RunningFabric, Promise<Scraped>>();
const underWay = new WeakMap<RunningFabric, Promise<string>>();

/** Who asks while another is answered gets the same answer. */
export function metricsText({ fabric }: Pick<Served, 'fabric'>): Promise<string> {
  const known = underWay.get(fabric);
  if (known !== undefined) return known;
  let scraped = opened.get(fabric);
  if (scraped === undefined) opened.set(fabric, (scraped = open(fabric)));
  const text = scraped.then(scrape).finally(() => underWay.delete(fabric));
  underWay.set(fabric, text);
  return text;
}

function scrape({ registry, readings }: Scraped): Promise<string> {
  readings.renew();
  return registry.metrics();
}

async function open(fabric: RunningFabric): Promise<Scraped> {
  // It is a part of the program that most runs never need.
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  const readings = openReadings(fabric);
  const turn = turns();
  for (const family of [
    ...processMetrics(fabric),
    ...storageMetrics(fabric.arrays, readings),
    ...(fabric.network === undefined ? [] : networkMetrics(fabric.network)),
  ])
    registry.registerMetric(metricOf(family, turn));
  return { registry, readings };
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
