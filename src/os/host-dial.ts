/** Connects from an adapter's own addresses, one of IPv4, one of IPv6: what it has no address for, it can't reach. */
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import type { Adapter } from '../fabric/host-model.ts';
import type { Dial, DialAttempt } from '../storage/iscsi/initiator/index.ts';
import { dialFrom } from './iscsi/dial.ts';

/** `bind` undefined: from whichever address leads there. */
export function dialBound(bind: Adapter['bind']): Dial {
  if (bind === undefined) return dialFrom(undefined);
  return (address, receiver, opened) => {
    let attempt: DialAttempt | undefined;
    let cancelled = false;
    const fail = (reason: string): void => {
      if (!cancelled) receiver.handleClose(reason);
    };
    const begin = (host: string, family: number): void => {
      const local = family === 6 ? bind.ipv6 : bind.ipv4;
      if (local === undefined) return fail(`the adapter has no IPv${family} address to connect from`);
      attempt = dialFrom(local)({ host, port: address.port }, receiver, opened);
    };
    const family = isIP(address.host);
    if (family !== 0) setImmediate(() => !cancelled && begin(address.host, family));
    else {
      lookup(address.host, { all: true }, (error, found) => {
        if (cancelled) return;
        if (error !== null) return fail(`${address.host} can't be looked up: ${error.message}`);
        const usable = found.find((one) => (one.family === 6 ? bind.ipv6 : bind.ipv4) !== undefined) ?? found[0];
        if (usable === undefined) return fail(`${address.host} stands for no address`);
        begin(usable.address, usable.family);
      });
    }
    return {
      cancel: () => {
        cancelled = true;
        attempt?.cancel();
      },
    };
  };
}
