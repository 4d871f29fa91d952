/** How one sees on an Onyx switch that the settings took effect. */
import type { Verification } from '../core/dialect.ts';
import { type Book, isTrue, listOf, numberOf } from '../running-config/book.ts';
import { byNumbers } from '../running-config/interface-names.ts';
import { portOf } from './names.ts';
import type { Channel, Target } from './targets.ts';
import { ECN_UNIT_BYTES } from './words.ts';

export function verifications(book: Book, channels: readonly Channel[], ports: readonly Target[]): readonly Verification[] {
  const checks: Verification[] = [];
  const vlans = book.names('vlans').toSorted(byNumbers);
  if (vlans.length > 0) checks.push({ command: 'show vlan', expect: vlans });
  if (isTrue(book.peek('lldp'))) checks.push({ command: 'show lldp local', expect: ['LLDP is Enabled'] });
  for (const { name, number, isMlag } of channels) {
    const members = listOf(book.peek('aggregations', name, 'ports')?.value).map((one) => portOf(`${one}`) ?? `${one}`);
    checks.push({
      command: `show interfaces ${isMlag ? 'mlag-' : ''}port-channel summary`,
      expect: [`${isMlag ? 'Mpo' : 'Po'}${number}`, ...members.toSorted(byNumbers).map((one) => `Eth${one}`)],
    });
  }
  checks.push(...verifyPfc(book, ports));
  for (const { name, interface: target } of ports) {
    for (const trafficClass of book.names('ports', name, 'dcb', 'marks')) {
      const key = ['ports', name, 'dcb', 'marks', trafficClass];
      const thresholds = ['min', 'max'].map((one) => numberOf(book.peek(...key, one))! / ECN_UNIT_BYTES);
      if (thresholds.every(Number.isInteger))
        checks.push({ command: `show interfaces ${target} congestion-control`, expect: thresholds.map((one) => `${one} KB`) });
    }
    const weights = book.names('ports', name, 'dcb', 'classes').toSorted(byNumbers);
    const rows = weights.flatMap((one) => {
      const bandwidth = book.peek('ports', name, 'dcb', 'classes', one, 'bandwidth');
      return bandwidth === undefined ? [] : [one, 'WRR', `${numberOf(bandwidth)}`];
    });
    if (rows.length > 0) checks.push({ command: `show dcb ets interface ${target}`, expect: rows });
    const buffers = book.names('ports', name, 'dcb', 'buffers').toSorted();
    if (buffers.length > 0) checks.push({ command: `show buffers details interfaces ${target}`, expect: buffers });
  }
  return checks;
}

/** The last step of the procedure in the Demartek RoCE Deployment Guide. */
function verifyPfc(book: Book, ports: readonly Target[]): readonly Verification[] {
  const withPfc = ports.filter(({ name }) => listOf(book.peek('ports', name, 'dcb', 'pfc')?.value).length > 0);
  const priorities = new Set(withPfc.flatMap(({ name }) => listOf(book.peek('ports', name, 'dcb', 'pfc')?.value)));
  if (priorities.size === 0) return [];
  const list = [...priorities].map(Number).toSorted((one, other) => one - other);
  const names = withPfc.map(({ name }) => portOf(name)!).toSorted(byNumbers);
  return [
    {
      command: 'show dcb priority-flow-control',
      expect: ['Priority Enabled List', list.join(' '), ...names.map((one) => `Eth${one}`)],
    },
  ];
}
