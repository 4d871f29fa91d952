/** Port binding: sessions of an adapter leave by the interfaces that it is bound to, and by no others. */
import { endpointsByNode } from '../../endpoints.ts';
import type { Rule } from '../../rule.ts';
import { adaptersOf } from '../../walk.ts';
import { networkExample } from './examples.ts';

export const bindingInterface: Rule = {
  id: 'SW-1227',
  name: 'binding-interface',
  severity: 'error',
  title: 'An iSCSI adapter is bound to an interface that is not there',
  meaning: 'A session is made for each bound interface and each portal. What is bound has to be an interface of the host.',
  remedy: 'Write names of `nics`, `teams` or `virtualNics`.',
  ignored: 'ESXi refuses the command; Linux makes an interface record whose sessions never connect.',
  source: ['VMware, Best Practices For Running VMware vSphere On iSCSI'],
  examples: {
    fail: networkExample({ adapter: 'portBinding: [vmk1], discovery: [array1]' }),
    pass: networkExample({ adapter: 'portBinding: [nic0], discovery: [array1]' }),
  },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ host, adapter }) => {
      const names = new Set((endpointsByNode(fabric).get(host.name) ?? []).map(({ name }) => name));
      return (adapter.portBinding ?? [])
        .filter(({ text }) => !names.has(text))
        .map(({ at, text }) => ({
          at,
          message: `\`${host.name}:${adapter.name}\` is bound to \`${text}\`, and \`${host.name}\` has no such interface.`,
          remedy: `Write one of its interfaces: \`${[...names].slice(0, 8).join('`, `')}\`.`,
          restsOn: [host.machine.at],
        }));
    }),
};
