/** What can be asked of the hosts of a fabric that is up, over its control socket. */
import type { HostReport } from '../device/host-report.ts';
import type { HostPlan } from '../fabric/host-plan.ts';
import type { ControlHandler } from '../os/control-socket.ts';
import type { RunningHosts } from '../os/host-runner.ts';

export interface HostsAnswer {
  readonly fabric: string;
  readonly hosts: readonly HostReport[];
}

export interface RescanAnswer extends HostsAnswer {
  /** What the file says now, and running hosts can't do. */
  readonly needsStart: readonly string[];
}

/** `reread`: the hosts as the fabric file has them now. */
export function hostControls(
  fabric: string,
  hosts: RunningHosts,
  reread: () => Promise<readonly HostPlan[]>,
): Readonly<Record<string, ControlHandler>> {
  return {
    'GET /hosts': (): HostsAnswer => ({ fabric, hosts: hosts.reports() }),
    async 'POST /hosts/rescan'(body): Promise<RescanAnswer> {
      const host = textOf(body, 'host');
      if (host !== undefined && !hosts.reports().some((one) => one.host === host)) throw new Error(`There is no host ${host}.`);
      const needsStart = hosts.configure(await reread());
      await hosts.rescan(host);
      return { fabric, hosts: hosts.reports(), needsStart };
    },
    'POST /hosts/forget'(body): HostsAnswer {
      const [host, adapter, target] = ['host', 'adapter', 'target'].map((key) => textOf(body, key));
      if (host === undefined || adapter === undefined || target === undefined) throw new Error('It takes a host, an adapter and a target.');
      if (!hosts.forget(host, adapter, target, textOf(body, 'address')))
        throw new Error(`${host}/${adapter} has no static target ${target}. What a server names goes when the server does.`);
      return { fabric, hosts: hosts.reports() };
    },
  };
}

export function textOf(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key];
  if (value !== undefined && typeof value !== 'string') throw new Error(`\`${key}\` is a text.`);
  return value;
}
