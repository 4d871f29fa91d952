/** What machines and switches tell people about: numbers 1300-1399. */
import { eventKind } from '../base/event.ts';

export const leaseTaken = eventKind<{ readonly interface: string; readonly address: string; readonly server: string }>(
  1300,
  'dhcp-lease',
  'info',
  (data) => `${data.interface} has ${data.address} from the DHCP server ${data.server}`,
  {
    means:
      'A DHCP server has leased an address to an interface, or renewed it as another one. The address and, if the lease names a router, a default route are in use from now on (RFC 2131 §4.4.1).',
    example: { interface: 'nic0', address: '192.0.2.100/25', server: '192.0.2.12' },
  },
);

export const leaseLost = eventKind<{ readonly interface: string; readonly address: string }>(
  1301,
  'dhcp-lease-lost',
  'warning',
  (data) => `the lease of ${data.address} has ended, and ${data.interface} does not use it any more`,
  {
    means:
      'A lease has ended without being renewed, or the server took it back (RFC 2131 §4.4.5). The interface has given the address and its default route up; connections that used them are gone.',
    remedy: "Look whether the DHCP server is up and reachable in the interface's VLAN, and whether it has addresses left.",
    example: { interface: 'nic0', address: '192.0.2.100' },
  },
);

export const linkUp = eventKind<{ readonly link: string }>(1310, 'link-up', 'info', (data) => `the link ${data.link} is up`, {
  means:
    'A link has its carrier back: it was mended by hand, it flaps as it was declared to, or the adapter at one end works again after its reset.',
  example: { link: 'esx1:nic0 - tor1:1' },
});

export const linkDown = eventKind<{ readonly link: string; readonly why: string }>(
  1311,
  'link-down',
  'warning',
  (data) => `the link ${data.link} is down: ${data.why}`,
  {
    means:
      'A link has lost its carrier, and the ports at both ends are down. The reason says whether somebody cut it, it flaps as the fabric file declares, or the adapter at one end is reset; a link that is declared as down from the start is not told of.',
    remedy:
      'If nobody meant it, mend the link: `samewire network mend`, or the page. A link that flaps stops doing so once it was cut or mended by hand.',
    example: { link: 'esx1:nic0 - tor1:1', why: 'it was cut' },
  },
);

/** Set by hand, in both directions; each a probability from 0 to 1. */
export const linkFaultsSet = eventKind<{
  readonly link: string;
  readonly loss: number;
  readonly corruption: number;
  readonly duplication: number;
  readonly reordering: number;
}>(
  1312,
  'link-faults-set',
  'warning',
  ({ link, ...faults }) => {
    const parts = Object.entries(faults).filter(([, share]) => share !== 0);
    const words = parts.map(([kind, share]) => `${kind} ${Number((share * 100).toPrecision(3))}%`);
    return words.length === 0
      ? `the link ${link} has no faults any more`
      : `the link ${link} has faults now, each way: ${words.join(', ')}`;
  },
  {
    means: 'Somebody has set what goes wrong on a link, or that nothing does any more; it replaces what was set or declared before.',
    remedy: '`samewire network fault --none` takes the faults away again.',
    example: { link: 'esx1:nic0 - tor1:1', loss: 0.01, corruption: 0, duplication: 0, reordering: 0 },
  },
);

export const linkDelaySet = eventKind<{ readonly link: string; readonly delayNanos: number; readonly beforeNanos: number }>(
  1313,
  'link-delay-set',
  'info',
  ({ link, delayNanos, beforeNanos }) =>
    `the link ${link} takes ${delayNanos / 1e6} ms from one end to the other now, each way; it took ${beforeNanos / 1e6} ms`,
  {
    means: 'Somebody has set the delay of a link. What is under way arrives when it would have, and nothing overtakes it.',
    remedy: '`samewire network delay` sets it back to what the event says that it was.',
    example: { link: 'esx1:nic0 - tor1:1', delayNanos: 5_000_000, beforeNanos: 500 },
  },
);
