/** RFC 7145 §6.1: with RDMAExtensions=Yes, HeaderDigest and DataDigest are None. */
import { settingsOf } from '../../../fabric/host-model.ts';
import type { Rule } from '../../rule.ts';
import { networkExample } from './examples.ts';
import { iserWaysOf } from './transports.ts';

const iser = (settings: string): string =>
  networkExample({
    nic: 'rdma: roce-v2',
    port: 'rdma: roce-v2',
    portal: 'iser: true',
    adapter: `transport: iser, discovery: [array1], settings: { ${settings} }`,
  });

export const iserDigests: Rule = {
  id: 'SW-1223',
  name: 'iser-digests',
  severity: 'error',
  title: 'A session over iSER insists on digests',
  meaning: 'Over RDMA the transport guards the data itself: a session that agrees on iSER has neither header nor data digests.',
  remedy: 'Offer `none` for both digests, or leave them out, where sessions run over iSER.',
  ignored: 'The login is refused, or falls back to TCP without anybody noticing.',
  source: ['RFC 7145 §6.1'],
  examples: { fail: iser('headerDigest: [crc32c]'), pass: iser('headerDigest: [none]') },
  check: (fabric) =>
    iserWaysOf(fabric).flatMap(({ host, adapter, by, transport }) => {
      const { headerDigest, dataDigest } = settingsOf(adapter, by.changes);
      const insists = [headerDigest, dataDigest].some((digests) => !digests.includes('none'));
      return insists
        ? [
            {
              at: transport.at,
              message: `\`${host.name}:${adapter.name}\` logs in over iSER and insists on digests, which iSER has none of.`,
              remedy: 'Add `none` to `headerDigest` and `dataDigest`.',
              related: [{ at: [...adapter.at, 'settings'], message: 'its settings' }],
            },
          ]
        : [];
    }),
};
