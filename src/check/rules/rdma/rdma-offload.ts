/** An adapter does the RDMA that it can. */
import type { AdapterModel } from '../../../fabric/adapters/adapter-model.ts';
import type { RdmaKind } from '../../../fabric/lossless/model.ts';
import { adapterOf } from '../../../fabric/network/nic-speeds.ts';
import { machinePortsOf } from '../../network.ts';
import { kindText } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, DEMARTEK_GUIDE } from '../../sources.ts';
import { machineExample } from '../../example.ts';

const example = (kind: string): string =>
  machineExample(`adapters:\n  slot1: { model: chelsio-t6225-cr, ports: [nic0, nic1] }\nnics:\n  nic0: { rdma: ${kind} }\n  nic1: {}`);

export const rdmaOffload: Rule = {
  id: 'SW-1151',
  name: 'rdma-offload',
  severity: 'error',
  title: 'A port is to do RDMA of a kind that its adapter does not do',
  meaning: 'Kinds of RDMA are built into the chip: Chelsio adapters do iWARP, ConnectX do RoCE, gigabit adapters none.',
  remedy: 'Write a kind of the model, or use another adapter.',
  ignored: 'The RDMA device does not appear, and everything goes over TCP.',
  source: [DEMARTEK_GUIDE, CHELSIO_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: example('roce-v2'), pass: example('iwarp') },
  check: (fabric) =>
    machinePortsOf(fabric).flatMap(({ node, machine, nic }): Finding[] => {
      const { rdma } = nic;
      const adapter = rdma === undefined || !rdma.enabled ? undefined : adapterOf(machine, nic)?.adapter;
      if (rdma === undefined || adapter === undefined || !isKnownWithout(adapter.model, rdma.kind)) return [];
      const kinds = RDMA_OFFLOADS.filter((kind) => adapter.model.offloads.includes(kind));
      return [
        {
          at: rdma.at,
          message: `\`${node}:${nic.name}\` is to do ${kindText(rdma)}, and its adapter, ${adapter.model.name}, ${kinds.length === 0 ? 'does no RDMA' : `does ${kinds.map((kind) => kindText({ kind })).join(' and ')}`}.`,
          remedy: kinds.length === 0 ? 'Leave `rdma` out, or use another adapter.' : `Write \`${kinds.at(-1)!}\`, or use another adapter.`,
          related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
          restsOn: [[...adapter.at, 'model']],
        },
      ];
    }),
};

const RDMA_OFFLOADS = ['roce-v1', 'roce-v2', 'iwarp'] as const;
/** Families of which the catalogue says all that they offload. */
const WITHOUT_RDMA = new Set(['57xx', '57xxx']);

/** Nothing is refused because nobody has said it: only a model with another kind, or of a family that has none. */
function isKnownWithout({ nature, chip, offloads }: AdapterModel, kind: RdmaKind): boolean {
  if (kind === 'infiniband') return false;
  if ((offloads as readonly string[]).includes(kind)) return false;
  return (
    RDMA_OFFLOADS.some((one) => offloads.includes(one)) || nature === 'emulated' || nature === 'software' || WITHOUT_RDMA.has(chip ?? '')
  );
}
