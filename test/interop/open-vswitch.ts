/** Open vSwitch in a network namespace: its database and its switch with the datapath in user space, so that no kernel module is needed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Namespace } from './namespaces.ts';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

export interface OpenVSwitch {
  /** Of the switch itself. */
  readonly pid: number;
  /** Runs ovs-vsctl. */
  configure(command: string): string;
  /** What `ovs-appctl rstp/show` says. */
  rapidSpanningTree(): string;
  stop(): Promise<void>;
}

async function appears(path: string): Promise<void> {
  for (let tries = 0; !existsSync(path); tries += 1) {
    if (tries === 200) throw new Error(`Open vSwitch did not make ${path}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function startOpenVSwitch(namespace: Pick<Namespace, 'name' | 'run'>, folder: string): Promise<OpenVSwitch> {
  const socket = join(folder, 'db.sock');
  const control = join(folder, 'control.sock');
  const children: ChildProcess[] = [];
  const start = (command: string): void => {
    const env = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVS_DBDIR: folder };
    children.push(spawn('ip', ['netns', 'exec', namespace.name, 'sh', '-c', `exec ${command}`], { env, stdio: 'ignore' }));
  };
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
  };
  const configure = (command: string): string => namespace.run(`ovs-vsctl --timeout=20 --db=unix:${socket} ${command}`);
  try {
    namespace.run(`ovsdb-tool create ${join(folder, 'conf.db')} ${SCHEMA}`);
    start(`ovsdb-server ${join(folder, 'conf.db')} --remote=punix:${socket} --unixctl=${join(folder, 'db-control.sock')}`);
    await appears(socket);
    configure('--no-wait init');
    start(`ovs-vswitchd unix:${socket} --unixctl=${control}`);
    await appears(control);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pid: children.at(-1)!.pid!,
    configure,
    rapidSpanningTree: () => namespace.run(`ovs-appctl --target=${control} rstp/show`),
    stop,
  };
}
