/** Paths of all hosts as rows, with what groups them. */
import type { HostReport, PathReport } from '../../../src/server/page.ts';
import { pathCounts, pathTroubles } from '../live/index.ts';
import { byName } from '../ui/order.ts';

export interface PathRow {
  readonly host: string;
  readonly device: string;
  readonly path: PathReport;
}

export const pathRows = (hosts: readonly HostReport[]): PathRow[] =>
  hosts
    .flatMap(({ host, devices }) => devices.flatMap(({ device, paths }) => paths.map((path) => ({ host, device, path }))))
    .sort((a, b) => byName(a.host, b.host) || byName(a.device, b.device) || byName(a.path.path, b.path.path));

/** What is said once for all paths below it. */
export interface PathGroup {
  readonly key: string;
  readonly host: string;
  readonly device: string;
  readonly paths: readonly PathReport[];
}

/** Of rows in their order. */
export function pathGroups(rows: readonly PathRow[]): PathGroup[] {
  const groups: (PathGroup & { readonly paths: PathReport[] })[] = [];
  for (const { host, device, path } of rows) {
    const last = groups.at(-1);
    if (last?.host === host && last.device === device) last.paths.push(path);
    else groups.push({ key: `${host} ${device}`, host, device, paths: [path] });
  }
  return groups;
}

/** Nothing is wrong, or what is. */
export const groupWords = (paths: readonly PathReport[]): string => pathTroubles(pathCounts(paths)).join(', ') || 'all paths there';
