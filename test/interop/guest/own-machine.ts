/** A machine of ours in the test's own process, plugged into a port of a fabric that is up elsewhere, where a machine of QEMU would be. */
import { ignoreEvents } from '../../../src/base/event.ts';
import { SECOND } from '../../../src/base/clock.ts';
import { Machine } from '../../../src/device/machine.ts';
import type { PingResult } from '../../../src/inet/ping.ts';
import { dialOver } from '../../../src/os/network/stack-sockets.ts';
import { pacedClock } from '../../../src/os/paced-clock.ts';
import { attach } from '../../../src/os/ports/attach.ts';
import { systemRng } from '../../../src/os/system-rng.ts';
import type { Dial } from '../../../src/storage/iscsi/initiator/index.ts';
import { address } from '../../../src/wire/ip/address.ts';

export interface OwnMachine extends AsyncDisposable {
  readonly dial: Dial;
  readonly ping: (to: string, dataBytes: number) => Promise<PingResult>;
}

export interface OwnMachineOptions {
  /** The socket of the port. */
  readonly socket: string;
  readonly mac: number;
  readonly mtuBytes: number;
  readonly addresses: readonly (readonly [text: string, bits: number])[];
}

export async function ownMachine({ socket, mac, mtuBytes, addresses }: OwnMachineOptions): Promise<OwnMachine> {
  const clock = pacedClock();
  const untagged = { vlan: undefined, dhcp: false, autoconfigure: false, dhcpServer: undefined, advertise: [] };
  const interfaces = [{ ...untagged, mtuBytes, addresses: addresses.map(([text, bits]) => ({ address: address(text), bits })) }];
  const machine = new Machine(
    { name: 'own', nics: [{ name: 'nic0', mac, interfaces }], routes: [], tcp: {} },
    { clock, rng: systemRng, events: ignoreEvents },
  );
  const [nic] = machine.nics;
  // The fabric listens there; we connect, as QEMU does.
  const attached = await attach(nic!, { kind: 'qemu-listening', address: { path: socket } }, { events: ignoreEvents });
  while (nic!.wire?.carrier !== true) await new Promise((resolve) => void setTimeout(resolve, 10));
  return {
    dial: dialOver(machine, undefined),
    ping: (to, dataBytes) => new Promise((resolve) => machine.pinger.ping(address(to), { dataBytes, timeoutNanos: 5 * SECOND }, resolve)),
    [Symbol.asyncDispose]: async () => {
      machine.stop();
      await attached.close();
      clock.stop();
    },
  };
}
