/** What an adapter is to do in the host's place, it can do. */
import type { AdapterModel, Offload } from '../../../fabric/adapters/adapter-model.ts';
import { CHELSIO_ESXI_STORAGE, CXL } from '../../../fabric/adapters/chelsio-driver.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { adaptersOf } from '../../walk.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { slotExample } from './examples.ts';
import { slotPortByNic, slotsOf } from '../../slots.ts';

const example = (model: string): string =>
  `${slotExample(model, [''], 'os: esxi\n')}    iscsi:\n      vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, kind: independent, nic: nic0, address: 192.0.2.11/24, discovery: ["192.0.2.20"] }\n`;

export const offloadModel: Rule = {
  id: 'SW-1183',
  name: 'offload-model',
  severity: 'error',
  title: 'An adapter is to do storage that its model does not do',
  meaning:
    'Storage in the adapter (iSCSI, iSER, FCoE) needs hardware for it and a driver that supports the model. On ESXi the iSCSI driver of Chelsio knows fewer models than its network driver, and there is none for FCoE.',
  remedy: 'Write `kind: software` and take the offload out, or use a model that does it.',
  ignored: 'No vmhba shows up for the port, however often the driver is installed.',
  source: [CHELSIO_GUIDE, 'Linux drivers bnx2i and bnx2fc'],
  examples: { fail: example('chelsio-t520-so-cr'), pass: example('chelsio-t520-cr') },
  check: (fabric) => [...portFindings(fabric), ...adapterFindings(fabric)],
};

/** Whether it is certain that the model can not. Where a maker lists models for ESXi alone, nothing is said of other systems. */
export function lacks({ vendor, offloads: able }: AdapterModel, { os }: Machine, offloads: readonly Offload[]): boolean {
  if (vendor === CXL.vendor)
    return os === 'esxi' && !offloads.some((offload) => able.includes(offload) && CHELSIO_ESXI_STORAGE.includes(offload));
  const isListed = ['Marvell', 'Mellanox', 'Intel', 'AMD', 'VMware'].includes(vendor);
  return isListed && !offloads.some((offload) => able.includes(offload));
}

const portFindings = (fabric: Fabric): Finding[] =>
  slotsOf(fabric).flatMap(({ node, machine, adapter, ports }) =>
    ports.flatMap(({ nic }) =>
      (['iscsi', 'fcoe'] as const)
        .filter((offload) => nic.offloads?.[offload] === true && lacks(adapter.model, machine, [offload]))
        .map((offload) => ({
          at: [...nic.offloads!.at, offload],
          message: `\`${node}:${nic.name}\` is to do ${offload === 'iscsi' ? 'iSCSI' : 'FCoE'} itself, and \`${adapter.model.key}\` does not${machine.os === 'esxi' ? ' with its drivers for ESXi' : ''}.`,
          remedy: `Take \`${offload}\` out of \`offloads\`.`,
          related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
        })),
    ),
  );

const RDMA: readonly Offload[] = ['iser', 'iwarp', 'roce-v1', 'roce-v2'];

const adapterFindings = (fabric: Fabric): Finding[] =>
  adaptersOf(fabric).flatMap(({ host, adapter: { name, kind, nic: reference, transport, at } }): Finding[] => {
    const nic = host.machine.nics.find((one) => one.name === reference?.text);
    const slot = nic === undefined ? undefined : slotPortByNic(fabric).get(nic)?.slot;
    if (reference === undefined || slot === undefined) return [];
    const { model } = slot.adapter;
    const related = [{ at: [...slot.adapter.at, 'model'], message: `the adapter of \`${reference.text}\`` }];
    const iser = transport?.value === 'iser';
    const hasInfiniband = model.portGroups.some(({ modes }) => modes.some((mode) => mode.kind === 'infiniband'));
    if (iser && !hasInfiniband && lacks(model, host.machine, RDMA))
      return [
        {
          at: transport.at,
          message: `\`${host.name}:${name}\` uses iSER at \`${reference.text}\`, and \`${model.key}\` does no RDMA.`,
          remedy: 'Write `transport: tcp`, or use an adapter with RoCE or iWARP.',
          related,
        },
      ];
    if (kind === 'software' || iser || !lacks(model, host.machine, ['iscsi'])) return [];
    return [
      {
        at: [...at, 'kind'],
        message: `\`${host.name}:${name}\` does iSCSI in the adapter of \`${reference.text}\`, and \`${model.key}\` is not among those that do.`,
        remedy: 'Write `kind: software` and put its address on an interface, or use another model.',
        related,
      },
    ];
  });
