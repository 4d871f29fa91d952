/** How one sees on a Nexus that the settings took effect. */
import type { Verification } from '../core/dialect.ts';
import { type Book, listOf } from '../running-config/book.ts';
import type { CiscoTarget } from '../running-config/cisco-emit.ts';
import { byNumbers } from '../running-config/interface-names.ts';
import { channelOf, portOf } from './names.ts';

export function verifications(book: Book, channels: readonly CiscoTarget[], ports: readonly CiscoTarget[]): readonly Verification[] {
  const checks: Verification[] = [];
  const vlans = book.names('vlans').toSorted(byNumbers);
  if (vlans.length > 0) checks.push({ command: 'show vlan brief', expect: vlans });
  for (const { name } of channels) {
    const members = listOf(book.peek('aggregations', name, 'ports')?.value).map((one) => portOf(`${one}`) ?? `${one}`);
    checks.push({
      command: 'show port-channel summary',
      expect: [`Po${channelOf(name)!}`, ...members.toSorted(byNumbers).map((one) => `Eth${one}`)],
    });
  }
  const withPfc = ports.filter(({ name }) => listOf(book.peek('ports', name, 'dcb', 'pfc')?.value).length > 0);
  if (withPfc.length > 0)
    checks.push({
      command: 'show interface priority-flow-control',
      expect: withPfc
        .map((one) => one.interface)
        .toSorted(byNumbers)
        .flatMap((one) => [one, 'On']),
    });
  for (const { place, name, interface: target } of [...channels, ...ports]) {
    const hasQueues = book.names(place, name, 'dcb', 'classes').length > 0 || book.names(place, name, 'dcb', 'marks').length > 0;
    if (hasQueues) checks.push({ command: `show policy-map interface ${target} type queuing`, expect: ['c-out-8q'] });
  }
  return checks;
}
