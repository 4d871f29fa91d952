/** Parameters of Chelsio's network driver for ESXi, cxl, as its guide for ESXi 6.7 has them. */
import type { Offload } from './adapter-model.ts';
import { mistake, type Parsed } from '../parsed.ts';

export const CXL = {
  name: 'cxl',
  vendor: 'Chelsio',
  /** `max_ports`, where nobody says it: further ports are not brought up. */
  usualPorts: 8,
  /** Virtual functions of a port that `max_vfs` may ask for. */
  functionsMax: 16,
} as const;

/** Virtual functions by adapter and port; undefined where the list leaves one out. */
export type FunctionList = readonly (readonly (number | undefined)[])[];

/** What the package for ESXi has drivers for besides the network. The chip has a function for FCoE too, and nothing in the package uses it. */
export const CHELSIO_ESXI_STORAGE: readonly Offload[] = ['iscsi', 'iser', 'iwarp'];

const LIST_CHARACTERS_MAX = 256;

/** `max_vfs`: `W,X,,Y,Z` is two ports of one adapter, an empty place, and two ports of the next. */
export function parseFunctionList(written: string): Parsed<FunctionList> {
  if (written.length > LIST_CHARACTERS_MAX) return mistake('The list is too long.', `Write at most ${LIST_CHARACTERS_MAX} characters.`);
  if (!/^[\d,]+$/.test(written)) return mistake('The list has more in it than numbers and commas.', 'Write numbers such as `2,2,,4,0`.');
  return {
    value: written.split(',,').map((adapter) => adapter.split(',').map((count) => (/^\d{1,4}$/.test(count) ? Number(count) : undefined))),
  };
}
