/** iSER is iSCSI over RDMA: without an adapter that does RDMA there is none (RFC 7145 §2). */
import type { Host } from '../../../fabric/host-model.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, DEMARTEK_GUIDE } from '../../sources.ts';
import { networkExample } from './examples.ts';
import { iserWaysOf } from './transports.ts';

const both = { port: 'rdma: roce-v2', portal: 'iser: true', adapter: 'transport: iser, discovery: [array1]' };

export const iserHost: Rule = {
  id: 'SW-1221',
  name: 'iser-host',
  severity: 'error',
  title: 'A host uses iSER, and none of its adapter ports does RDMA',
  meaning: 'Data moves by RDMA there: RoCE, iWARP or InfiniBand in the adapter. A port that does not say `rdma` has none.',
  remedy: 'Write `rdma: roce-v2`, `roce-v1` or `iwarp` at the port, whichever the adapter does, or let the session run over TCP.',
  ignored: 'The initiator finds no RDMA device (Linux: "iser: no such device"), and no session comes up.',
  source: ['RFC 7145 §2', DEMARTEK_GUIDE, CHELSIO_GUIDE],
  examples: { fail: networkExample(both), pass: networkExample({ ...both, nic: 'rdma: roce-v2' }) },
  check: (fabric) => {
    const found = new Map<Host, { readonly at: readonly (string | number)[] }>();
    for (const { host, transport } of iserWaysOf(fabric)) if (!found.has(host) && !doesRdma(host.machine)) found.set(host, transport);
    return [...found].map(([{ name, machine }, { at }]) => ({
      at,
      message: `\`${name}\` uses iSER, and no port of its adapters does RDMA.`,
      remedy: 'Write `rdma` at the port that leads there, or `transport: tcp`.',
      related: machine.nics.slice(0, 4).map((nic) => ({
        at: nic.rdma?.at ?? nic.at,
        message: nic.rdma === undefined ? `\`${nic.name}\` says no \`rdma\`` : `RDMA of \`${nic.name}\` is disabled`,
      })),
      restsOn: [[...machine.at, 'nics']],
    }));
  },
};

/** Without `nics` of its own the host has those of the machine that Samewire runs on: nothing is known of them. */
const doesRdma = ({ nics }: Machine): boolean => nics.length === 0 || nics.some(({ rdma }) => rdma?.enabled === true);
