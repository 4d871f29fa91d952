/** What is done to the adapters and paths of a host by hand. */
import { z } from 'zod';
import type { HostReport } from '../../device/host-report.ts';
import type { HostsAnswer } from './hosts.ts';
import { NotFound, type Operation, operation, type Served } from './operation.ts';
import { nameInput } from './words.ts';

export interface ResetAnswer extends HostsAnswer {
  /** Sessions that were there before and have not come back so far. */
  readonly lost: number;
}

const hostsSchema = z.object({
  fabric: z.string(),
  hosts: z.array(
    z.looseObject({
      host: z.string(),
      adapters: z.array(z.looseObject({ adapter: z.string() })),
      devices: z.array(z.looseObject({ device: z.string(), paths: z.array(z.looseObject({ path: z.string(), state: z.string() })) })),
    }),
  ),
});

const listed = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(', '));

function hostOf({ fabric }: Served, name: string): HostReport {
  const reports = fabric.hosts.reports();
  const found = reports.find(({ host }) => host === name);
  if (found === undefined)
    throw new NotFound(`There is no host ${name} with adapters; there are ${listed(reports.map(({ host }) => host))}.`);
  return found;
}

/** iSCSI adapters and network adapters. */
function adaptersOf({ fabric: { hosts, network } }: Served, name: string): string[] {
  const host = hosts.reports().find((one) => one.host === name);
  const machine = network?.network.machines.find((one) => one.name === name);
  if (host === undefined && machine === undefined) throw new NotFound(`There is no host or array ${name} with adapters.`);
  return [...(host?.adapters.map(({ adapter }) => adapter) ?? []), ...(machine?.adapters.map((one) => one.name) ?? [])];
}

export const pathOperations: readonly Operation[] = [
  operation({
    method: 'POST',
    path: '/api/hosts/path',
    tag: 'hosts',
    summary: 'Switch a path to a disk off or on',
    description:
      'A path that is off is neither used nor asked. What was under way by it goes elsewhere, where it may be sent twice. The last path can be switched off too: then there is none.',
    input: z.strictObject({
      host: nameInput(),
      device: nameInput().describe('Such as `naa.6...`.'),
      path: nameInput().describe('Such as `vmhba64:C0:T0:L0`.'),
      state: z.enum(['off', 'active']),
    }),
    example: { host: 'esx1', device: 'naa.60123456789abcdef0123456789abcde', path: 'vmhba64:C0:T0:L0', state: 'off' },
    answer: hostsSchema,
    act(served, { host, device, path, state }): HostsAnswer {
      const { devices } = hostOf(served, host);
      const found = devices.find((one) => one.device === device);
      if (found === undefined) throw new NotFound(`${host} has no disk ${device}; it has ${listed(devices.map((one) => one.device))}.`);
      if (!served.fabric.hosts.setPath(host, device, path, state))
        throw new NotFound(`${device} has no path ${path} at ${host}; it has ${listed(found.paths.map((one) => one.path))}.`);
      return { fabric: served.fabric.name, hosts: served.fabric.hosts.reports() };
    },
  }),
  operation({
    method: 'POST',
    path: '/api/hosts/reset',
    tag: 'hosts',
    summary: 'Reset an iSCSI adapter, or a network adapter',
    description:
      'An iSCSI adapter drops all of its connections, and then discovers and logs in again. The ports of a network adapter of a host or array lose their links for a moment. The answer comes when that has come to something.',
    input: z.strictObject({
      host: nameInput().describe('A host, or for network adapters also an array.'),
      adapter: nameInput(),
    }),
    example: { host: 'esx1', adapter: 'vmhba64' },
    answer: hostsSchema.extend({ lost: z.int().min(0) }),
    async act(served, { host, adapter }): Promise<ResetAnswer> {
      const { name, hosts, network } = served.fabric;
      const lost = hosts.reset(host, adapter);
      if (lost !== undefined) return { lost: await lost, fabric: name, hosts: hosts.reports() };
      const isReset = await network?.resetAdapter(host, adapter);
      if (isReset === undefined) throw new NotFound(`${host} has no adapter ${adapter}; it has ${listed(adaptersOf(served, host))}.`);
      if (!isReset) throw new Error(`${host}/${adapter} can't be reset: its driver is not running, or it is being reset already.`);
      return { lost: 0, fabric: name, hosts: hosts.reports() };
    },
  }),
];
