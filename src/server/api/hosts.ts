/** Hosts of a fabric: their adapters, sessions and disks. */
import { z } from 'zod';
import type { HostReport } from '../../device/host-report.ts';
import { NotFound, type Operation, operation } from './operation.ts';
import { iscsiNameInput, nameInput } from './words.ts';

export interface HostsAnswer {
  readonly fabric: string;
  readonly hosts: readonly HostReport[];
}

export interface RescanAnswer extends HostsAnswer {
  /** What the file says now, and running hosts can't do. */
  readonly needsStart: readonly string[];
}

const hostSchema = z.looseObject({
  host: z.string(),
  adapters: z.array(z.looseObject({ adapter: z.string(), initiator: z.string() })),
  devices: z.array(z.looseObject({ device: z.string(), state: z.string() })),
});
const hostsSchema = z.object({ fabric: z.string(), hosts: z.array(hostSchema) });

export const hostOperations: readonly Operation[] = [
  operation({
    method: 'GET',
    path: '/api/hosts',
    tag: 'hosts',
    summary: 'Hosts with their adapters, targets, disks and paths',
    input: z.strictObject({}),
    answer: hostsSchema,
    act: ({ fabric }): HostsAnswer => ({ fabric: fabric.name, hosts: fabric.hosts.reports() }),
  }),
  operation({
    method: 'POST',
    path: '/api/hosts/rescan',
    tag: 'hosts',
    summary: 'Read the fabric file again, discover, log in, look for disks',
    input: z.strictObject({ host: nameInput().describe('All of them where nothing is said.').optional() }),
    example: { host: 'esx1' },
    answer: z.object({ ...hostsSchema.shape, needsStart: z.array(z.string()) }),
    async act({ fabric: { name, hosts, reread } }, { host }): Promise<RescanAnswer> {
      if (host !== undefined && !hosts.reports().some((one) => one.host === host)) throw new NotFound(`There is no host ${host}.`);
      const needsStart = hosts.configure(await reread());
      await hosts.rescan(host);
      return { fabric: name, hosts: hosts.reports(), needsStart };
    },
  }),
  operation({
    method: 'POST',
    path: '/api/hosts/forget',
    tag: 'hosts',
    summary: 'Remove a static target from an adapter',
    description: 'The next rescan logs out of it.',
    input: z.strictObject({
      host: nameInput(),
      adapter: nameInput(),
      target: iscsiNameInput(),
      address: z.string().min(1).max(300).describe('One portal of the target; all of them where nothing is said.').optional(),
    }),
    example: { host: 'esx1', adapter: 'vmhba64', target: 'iqn.2026-01.net.example:disk1' },
    answer: hostsSchema,
    act({ fabric: { name, hosts } }, { host, adapter, target, address }): HostsAnswer {
      if (!hosts.forget(host, adapter, target, address))
        throw new NotFound(`${host}/${adapter} has no static target ${target}. What a server names goes when the server does.`);
      return { fabric: name, hosts: hosts.reports() };
    },
  }),
];
