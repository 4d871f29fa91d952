/** A few rows for the live view: what is down or in trouble, and who of the world is there. */
import type { HostRow } from '../host-words.ts';
import { count } from '../plain-text.ts';
import { linkText } from '../../os/network/running-network.ts';
import type { AttachmentReport, LinkReport } from '../../os/network/link-report.ts';
import { faultsText } from './words.ts';

export interface NetworkState {
  readonly links: readonly LinkReport[];
  readonly attached: readonly AttachmentReport[];
}

/** `Network: 7 of 8 links up, attached: 1 of 2 present`. */
export function networkTitle({ links, attached }: NetworkState): string {
  const up = links.filter((link) => link.up).length;
  const present = attached.filter((one) => one.present).length;
  return [
    `Network: ${up === links.length ? '' : `${up} of `}${count(links.length, 'link')} up`,
    ...(attached.length === 0 ? [] : [`attached: ${present} of ${attached.length} present`]),
  ].join(', ');
}

/** Trouble first. */
export function networkRows({ links, attached }: NetworkState): HostRow[] {
  const down = links.filter((link) => !link.up);
  const faulty = links.filter((link) => link.up && faultsText(link.ends[0].faults) !== '');
  const rows: HostRow[] = [
    ...down.map((link) => ({ text: `${linkText(link)} is down`, tone: 'bad' as const })),
    ...faulty.map((link) => ({ text: `${linkText(link)}: ${faultsText(link.ends[0].faults)}`, tone: 'busy' as const })),
    ...attached.map(({ port, to, present }) => ({
      text: `${port}  ${to}: ${present ? 'present' : 'absent'}`,
      tone: present ? ('good' as const) : ('plain' as const),
    })),
  ];
  return rows.length === 0 ? [{ text: 'all is well', tone: 'good' }] : rows;
}
