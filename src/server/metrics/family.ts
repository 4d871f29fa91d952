/** A family of metrics: one name and what it stands for, with a value for each of what it is counted of. */

export interface MetricValue {
  readonly value: number;
  /** Objects that stay: their text is made once. */
  readonly sharedLabels?: Labels;
  /** Those that differ besides. */
  readonly labels?: Labels;
  /** Of a histogram: with `_bucket`, `_sum` or `_count` behind its name. */
  readonly metricName?: string;
}

export type Labels = Readonly<Record<string, string | number>>;

export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** As they are now. */
  read(): MetricValue[];
}

export const gauge = (name: string, help: string, read: () => MetricValue[]): MetricFamily => ({
  name: `samewire_${name}`,
  help,
  type: 'gauge',
  read,
});

/** Only grows while the program runs. */
export const counter = (name: string, help: string, read: () => MetricValue[]): MetricFamily => ({
  name: `samewire_${name}_total`,
  help,
  type: 'counter',
  read,
});

/** `retransmittedSegments` to `retransmitted_segments`. */
export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
