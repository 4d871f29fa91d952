/** What Linux is told, and what its kernel has then: the kernel here, in network namespaces. Where it lacks parts, the guest shows the same. */
import { describeWithNamespaces, makeNamespace } from './namespaces.ts';
import { describeWithPeers, describeWithout } from './peers.ts';
import { itIsInTheKernel } from './vendor-linux.ts';

const TITLE = 'what Linux is told, and what its kernel has then';

/** Undefined: it has all that it takes. */
function lacks(): string | undefined {
  const namespace = makeNamespace();
  const parts = {
    'dummy interfaces': 'ip link add d0 type dummy',
    bonds: 'ip link add b0 type bond',
    'VLAN filtering of bridges': 'ip link add r0 type bridge vlan_filtering 1',
    VLANs: 'ip link add link d0 name d0.2 type vlan id 2',
  };
  try {
    const missing = Object.entries(parts).flatMap(([part, command]) => {
      try {
        namespace.run(command);
        return [];
      } catch {
        return [part];
      }
    });
    return missing.length === 0 ? undefined : `the kernel here has no ${missing.join(', no ')}: \`npm run test:guest\` shows it in another`;
  } finally {
    namespace.remove();
  }
}

describeWithNamespaces(TITLE, () => {
  const reason = lacks();
  // No installing helps a kernel: it never fails for that.
  if (reason !== undefined) return describeWithout(reason, undefined, 'in network namespaces');
  describeWithPeers(['ethtool'], 'in network namespaces', () =>
    itIsInTheKernel(() => {
      const namespace = makeNamespace();
      return Promise.resolve({ run: (text) => Promise.resolve(namespace.run(text)), close: () => Promise.resolve(namespace.remove()) });
    }),
  );
});
