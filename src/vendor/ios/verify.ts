/** How one sees on a Catalyst that the settings took effect. */
import type { Verification } from '../core/dialect.ts';
import { type Book, listOf } from '../running-config/book.ts';
import type { CiscoTarget } from '../running-config/cisco-emit.ts';
import { byNumbers } from '../running-config/interface-names.ts';
import { channelOf, portOf, shortPort } from './names.ts';

export function verifications(book: Book, channels: readonly CiscoTarget[], ports: readonly CiscoTarget[]): readonly Verification[] {
  const checks: Verification[] = [];
  const vlans = book.names('vlans').toSorted(byNumbers);
  if (vlans.length > 0) checks.push({ command: 'show vlan brief', expect: vlans });
  for (const { name } of channels) {
    const members = listOf(book.peek('aggregations', name, 'ports')?.value).map((one) => portOf(`${one}`) ?? `${one}`);
    checks.push({
      command: 'show etherchannel summary',
      expect: [`Po${channelOf(name)!}(SU)`, ...members.toSorted(byNumbers).map((one) => `${shortPort(one)}(P)`)],
    });
  }
  const trunks = ports.filter(
    ({ name, group }) =>
      group === undefined && !['none', undefined].includes(book.peek('ports', name, 'tagged')?.value as string | undefined),
  );
  if (trunks.length > 0)
    checks.push({ command: 'show interfaces trunk', expect: trunks.map((one) => shortPort(one.interface)).toSorted(byNumbers) });
  const sizes = [...channels, ...ports].map(({ place, name }) => book.peek(place, name, 'mtu')).filter((one) => one !== undefined);
  const size = Math.max(...sizes.filter((one) => !book.isRefused(one)).map((one) => one.value as number));
  if (size > 0) checks.push({ command: 'show system mtu', expect: [`Jumbo MTU size is ${size} bytes`] });
  return checks;
}
