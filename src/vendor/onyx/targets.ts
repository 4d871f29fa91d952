/** The interfaces of a declared switch, as commands of Onyx name them. */
import { type Book, listOf, namesAs, numberOf, refuseMembers } from '../running-config/book.ts';
import { channelOf, portOf } from './names.ts';

/** An interface as commands name it. */
export interface Target {
  readonly place: 'ports' | 'aggregations';
  readonly name: string;
  /** `ethernet 1/17`, `port-channel 7`. */
  readonly interface: string;
  /** The aggregation that a port is part of. */
  readonly group: string | undefined;
}

export interface Channel extends Target {
  readonly number: string;
  /** Over two switches: a mlag-port-channel. */
  readonly isMlag: boolean;
}

export function channelsOf(book: Book): readonly Channel[] {
  const channels: Channel[] = [];
  for (const name of book.names('aggregations')) {
    const peerGroup = numberOf(book.peek('aggregations', name, 'peerGroup'));
    const number = peerGroup === undefined ? channelOf(name) : `${peerGroup}`;
    if (number === undefined) {
      book.refuseBelow(['aggregations', name], 'On Onyx an aggregation is a port-channel with a number from 1 to 4096: call it by that.');
      continue;
    }
    refuseMembers(book, name, portOf);
    const isMlag = peerGroup !== undefined;
    const group = undefined;
    channels.push({ place: 'aggregations', name, number, isMlag, group, interface: `${isMlag ? 'mlag-' : ''}port-channel ${number}` });
  }
  return channels;
}

export function portsOf(book: Book, channels: readonly Channel[]): readonly Target[] {
  const groups = new Map(
    channels.flatMap(({ name }) =>
      listOf(book.peek('aggregations', name, 'ports')?.value).map((port) => [portOf(`${port}`) ?? `${port}`, name] as const),
    ),
  );
  return namesAs(book, 'ports', portOf, 'Onyx calls its ports such as 1/17.').map(([name, port]) => ({
    place: 'ports',
    name,
    interface: `ethernet ${port}`,
    group: groups.get(port),
  }));
}
