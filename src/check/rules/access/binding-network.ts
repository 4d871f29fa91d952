/** Port binding: a bound interface logs in to every portal, so it has to be in their network. */
import { isWildcard } from '../../../fabric/address.ts';
import { inPrefix, parseAddress } from '../../../wire/ip/address.ts';
import { type Endpoint, endpointsByNode } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { networkExample } from './examples.ts';
import { waysOf } from './transports.ts';

const example = (address: string): string =>
  networkExample({
    adapter: 'portBinding: [nic0], discovery: ["198.51.100.20"]',
    host: `routes: [{ to: 198.51.100.0/24, via: ${address} }]`,
  });

export const bindingNetwork: Rule = {
  id: 'SW-1228',
  name: 'binding-network',
  severity: 'warning',
  title: 'A bound interface is not in the network of the portals',
  meaning:
    'Each bound interface logs in to each portal. From an interface in another network the login needs a route by that very interface, which ESXi before 6.5 can not have, and which few set up.',
  remedy: 'Bind interfaces of the portals’ network only, or give up the binding and let routes decide.',
  ignored: 'Rescans take minutes, for each login that must time out, and paths are missing that were counted on.',
  source: ['VMware KB 2038869, Considerations for using software iSCSI port binding'],
  examples: { fail: example('192.0.2.1'), pass: networkExample({ adapter: 'portBinding: [nic0], discovery: [array1]' }) },
  check: (fabric) =>
    waysOf(fabric).flatMap(({ host, adapter, by, to }): Finding[] => {
      const server = 'server' in by ? by.server : by.address;
      const written = to === undefined ? (server?.kind === 'address' ? server.address : undefined) : to.portal.listen;
      const address = written === undefined || written.family === 'name' || isWildcard(written) ? undefined : parseAddress(written.host);
      if (address === undefined || server === undefined) return [];
      const endpoints = endpointsByNode(fabric).get(host.name) ?? [];
      return (adapter.portBinding ?? []).flatMap((reference) => {
        const bound = endpoints.find(({ name }) => name === reference.text);
        if (bound === undefined || isUntold(bound) || bound.on.addresses.some((own) => inPrefix(address, own.address, own.bits))) return [];
        return [
          {
            at: reference.at,
            message: `\`${host.name}:${adapter.name}\` is bound to \`${reference.text}\`, which is not in the network of \`${server.text}\`.`,
            remedy: 'Bind an interface of that network, or take this one away.',
            related: [
              { at: server.at, message: 'the portal that it logs in to' },
              { at: bound.at, message: 'the interface' },
            ],
            restsOn: [bound.at],
          },
        ];
      });
    }),
};

/** Its addresses come from others. */
const isUntold = ({ on }: Endpoint): boolean => on.dhcp || on.autoconfigure;
