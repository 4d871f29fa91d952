/** What several families of metrics show, read once a scrape: reports of a large fabric take longer to make than to write down. */
import type { RunningFabric } from '../running-fabric.ts';

export interface Readings {
  units(): ReturnType<RunningFabric['arrays']['units']>;
  sessions(): ReturnType<RunningFabric['arrays']['sessions']>;
  hosts(): ReturnType<RunningFabric['hosts']['reports']>;
  /** A scrape begins: what is asked for next is read anew. */
  renew(): void;
}

export function openReadings({ arrays, hosts }: Pick<RunningFabric, 'arrays' | 'hosts'>): Readings {
  const units = readOnce(() => arrays.units());
  const sessions = readOnce(() => arrays.sessions());
  const reports = readOnce(() => hosts.reports());
  return {
    units: units.read,
    sessions: sessions.read,
    hosts: reports.read,
    renew() {
      for (const one of [units, sessions, reports]) one.forget();
    },
  };
}

function readOnce<Value>(read: () => Value): { readonly read: () => Value; readonly forget: () => void } {
  let known: { readonly value: Value } | undefined;
  return {
    read: () => (known ??= { value: read() }).value,
    forget: () => {
      known = undefined;
    },
  };
}
