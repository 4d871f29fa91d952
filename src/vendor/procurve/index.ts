/**
 * HP ProCurve and ArubaOS-Switch. Ports and trunks are called in a fabric file as the switch calls them (`17`, `A1`, `1/17`; `trk1`).
 */
import type { Dialect } from '../core/dialect.ts';
import { emit } from './emit.ts';
import { runningConfig } from './running-config.ts';
import { showTrunks, showVlans } from './show-vlans.ts';

export const procurve: Dialect = {
  name: 'procurve',
  product: 'HP ProCurve and ArubaOS-Switch, software K.15 and KB.16 (2900 to 5400); `qos trust` from 16.01 on',
  source:
    'HP Switch Software Advanced Traffic Management Guide and Management and Configuration Guide, K/KA/KB.15; HP Command Line Interface Reference Guide; Aruba 16.08 (`qos trust`)',
  kinds: ['switch'],
  says,
  emit,
  outputs: [runningConfig, showVlans, showTrunks],
};

const PORT: ReadonlySet<string> = new Set(['description', 'speed', 'disabled', 'untagged', 'tagged', 'flowControl', 'spanningTree']);
const AGGREGATION: ReadonlySet<string> = new Set(['ports', 'mode', 'active', 'hash', 'untagged', 'tagged']);

function says([section, name, what, more]: readonly string[]): boolean {
  if (section === 'vlans' || section === 'spanningTree' || section === 'lldp') return true;
  if (section === 'dcb') return name === 'dscp';
  if (what === undefined) return false;
  if (section === 'aggregations') return AGGREGATION.has(what);
  return section === 'ports' && (PORT.has(what) || (what === 'dcb' && more === 'trust'));
}
