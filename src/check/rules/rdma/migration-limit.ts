/** Live migration over SMB leaves something of the share of RDMA. */
import { classesOf, losslessPortOf } from '../../lossless.ts';
import { isForRdma } from '../../rdma.ts';
import { formatRate } from '../../../fabric/network/rate.ts';
import { adapterPortSpeeds } from '../../../fabric/network/port-speeds.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { windowsExample } from './examples.ts';

const example = (limit: number): string =>
  windowsExample(`smb: { liveMigrationLimit: ${limit} }\npolicies:\n  SMB: { match: "net-direct:445", priority: 3 }`, 'speed: 10G').replace(
    'dcb: { pfc: [3] }, vlans',
    'dcb: { pfc: [3], classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 40 }, 1: { name: SMB, priorities: [3], bandwidth: 60 } } }, vlans',
  );

export const migrationLimit: Rule = {
  id: 'SW-1165',
  name: 'migration-limit',
  severity: 'warning',
  title: 'Live migration over SMB may take the whole share of storage',
  meaning:
    'Migration and storage are both SMB, in one priority and one class. Without a limit below that share the memory of a moving machine keeps storage waiting.',
  remedy: 'Limit live migration to 60 percent of the share of the class; above 10 Gb/s to 750 MB/s.',
  ignored: 'Machines on all hosts stall whenever one of them moves.',
  source: ['Validate-DCB of Microsoft'],
  examples: { fail: example(900), pass: example(450) },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine, smb }): Finding[] => {
      const limit = smb?.liveMigrationLimit;
      const share = limit === undefined ? undefined : shareOf(fabric, machine);
      if (limit === undefined || share === undefined) return [];
      const most = share.rate <= 10e9 ? Math.floor((share.percent / 100) * PART * (share.rate / 8e6)) : FAST_LIMIT;
      if (limit.value <= most) return [];
      return [
        {
          at: limit.at,
          message: `\`${name}\` lets live migration take ${limit.value} MB/s of the ${Math.floor((share.percent / 100) * (share.rate / 8e6))} MB/s that RDMA has (${share.percent} percent of ${formatRate(share.rate)}).`,
          remedy: `Write \`${most}\` or less. On Windows: \`Set-SmbBandwidthLimit -Category LiveMigration -BytesPerSecond ${most}MB\`.`,
          related: [{ at: share.at, message: 'the share of RDMA' }],
          restsOn: share.restsOn,
        },
      ];
    }),
};

const PART = 0.6;
const FAST_LIMIT = 750;

/** Of the class that a policy puts RDMA into, at the first port where speed and share are said. */
function shareOf(fabric: Fabric, machine: Machine) {
  const policy = machine.policies.find((one) => isForRdma(one) && one.priority !== undefined);
  if (policy === undefined) return undefined;
  for (const nic of machine.nics) {
    const port = losslessPortOf(fabric, nic);
    const classes = port === undefined ? undefined : classesOf(fabric, port);
    const own = classes?.value.find(({ priorities }) => priorities.includes(policy.priority!));
    const { most: rate } = adapterPortSpeeds(machine, nic);
    if (nic.rdma?.enabled !== true || own?.bandwidth === undefined || !Number.isFinite(rate)) continue;
    const at = [...own.at, 'bandwidth'];
    return {
      percent: own.bandwidth,
      rate,
      at,
      restsOn: [at, own.at, policy.at, nic.at, [...nic.at, 'speed'], nic.rdma.at, [...machine.at, 'adapters']],
    };
  }
  return undefined;
}
