/** RFC 7145 §5: both ends have to want iSER. */
import { formatAddress } from '../../../fabric/address.ts';
import type { Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { networkExample } from './examples.ts';
import { iserWaysOf } from './transports.ts';

const rdma = { nic: 'rdma: roce-v2, mtu: 1500', port: 'rdma: roce-v2, mtu: 1500', adapter: 'transport: iser, discovery: [array1]' };

export const iserPortal: Rule = {
  id: 'SW-1220',
  name: 'iser-portal',
  severity: 'error',
  title: 'A host wants iSER of a portal that takes none',
  meaning: 'A session over iSER begins with an RDMA connection to the portal. A portal that only listens for TCP never answers it.',
  remedy: 'Write `iser: true` at the portal (targetcli: `enable_iser boolean=true` below the portal), or `transport: tcp` at the host.',
  ignored: 'The login fails with a connection refused by the connection manager, though ping and TCP to the same address work.',
  source: ['RFC 7145 §5', DEMARTEK_GUIDE],
  examples: { fail: networkExample(rdma), pass: networkExample({ ...rdma, portal: 'iser: true' }) },
  check: (fabric) =>
    iserWaysOf(fabric).flatMap(({ host, adapter, by, transport, to }) =>
      to === undefined || to.portal.iser
        ? []
        : [
            {
              at: transport.at,
              message: `\`${host.name}:${adapter.name}\` logs in over iSER, and \`${formatAddress(to.portal.listen.host, to.portal.listen.port)}\` of \`${to.array.name}\` takes TCP only.`,
              remedy: 'Write `iser: true` at the portal, or `transport: tcp` here.',
              related: [
                { at: to.portal.at, message: 'the portal' },
                { at: by.at, message: 'what leads there' },
              ],
              restsOn: [to.portal.at],
            },
          ],
    ),
};
