/** What Linux is told, and what its kernel has then: the kernel of a guest, which has bonds, VLANs and bridges. */
import { afterAll, beforeAll } from 'vitest';
import { describeWithPeers, GUEST_PEERS } from '../peers.ts';
import { itIsInTheKernel } from '../vendor-linux.ts';
import { type Guest, startGuest } from './guest.ts';

describeWithPeers(GUEST_PEERS, 'what Linux is told, and what its kernel has then', () => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await startGuest({ name: 'linux' });
    await guest.run('modprobe -a dummy veth bonding bridge 8021q');
  }, 300_000);
  afterAll(() => guest?.stop());

  itIsInTheKernel(async (index) => {
    const name = `h${index}`;
    await guest.run(`ip netns add ${name}; ip -n ${name} link set lo up`);
    return {
      run: (text) => guest.run(`ip netns exec ${name} sh -e <<'END'\n${text}\nEND`),
      close: async () => void (await guest.run(`ip netns del ${name}`)),
    };
  });
});
