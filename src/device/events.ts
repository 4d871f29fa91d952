/** What machines and switches tell people about: numbers 1300-1399. */
import { eventKind } from '../base/event.ts';

export const leaseTaken = eventKind<{ readonly interface: string; readonly address: string; readonly server: string }>(
  1300,
  'dhcp-lease',
  'info',
  (data) => `${data.interface} has ${data.address} from the DHCP server ${data.server}`,
);

export const leaseLost = eventKind<{ readonly interface: string; readonly address: string }>(
  1301,
  'dhcp-lease-lost',
  'warning',
  (data) => `the lease of ${data.address} has ended, and ${data.interface} does not use it any more`,
);

export const linkUp = eventKind<{ readonly link: string }>(1310, 'link-up', 'info', (data) => `the link ${data.link} is up`);

export const linkDown = eventKind<{ readonly link: string; readonly why: string }>(
  1311,
  'link-down',
  'warning',
  (data) => `the link ${data.link} is down: ${data.why}`,
);
