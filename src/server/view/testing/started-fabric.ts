/** A fabric that is really up, from the text of its file. */
import { checkText } from '../../../check/check-fabric.ts';
import { planHosts } from '../../../fabric/host-plan.ts';
import { planNetwork } from '../../../fabric/network/plan.ts';
import { onlyChecked } from '../../../fabric/only-checked.ts';
import { planArrays } from '../../../fabric/plan.ts';
import { startArrays } from '../../../os/array-server.ts';
import { startHosts } from '../../../os/host-runner.ts';
import { startNetwork } from '../../../os/network/network-runner.ts';
import { EventLog } from '../../event-log.ts';
import type { FabricPlans, RunningFabric } from '../../running-fabric.ts';

export interface StartedFabric extends AsyncDisposable {
  readonly fabric: RunningFabric;
}

export function plansOf(text: string): FabricPlans & { readonly onlyChecked: readonly string[] } {
  const { fabric, problems } = checkText(text, 'fabric.yaml');
  if (fabric === undefined) throw new Error(problems.map((problem) => problem.message).join('\n'));
  return {
    arrays: planArrays(fabric, ''),
    hosts: planHosts(fabric, ''),
    network: planNetwork(fabric, ''),
    onlyChecked: onlyChecked(fabric),
  };
}

export async function startFabric(text: string): Promise<StartedFabric> {
  const plans = plansOf(text);
  const events = new EventLog(() => new Date());
  const network = plans.network === undefined ? undefined : await startNetwork(plans.network, { events: events.sink });
  const arrays = await startArrays(plans.arrays, { events: events.sink, readSecret, network });
  const hosts = await startHosts(plans.hosts, { events: events.sink, readSecret, arrays: arrays.ready.arrays, network });
  const fabric: RunningFabric = {
    name: 'test',
    version: '0.0.0',
    file: undefined,
    text,
    problems: [],
    onlyChecked: plans.onlyChecked,
    startedAt: new Date(),
    plans,
    network,
    arrays,
    hosts,
    events,
    reread: async () => plans.hosts,
  };
  return {
    fabric,
    async [Symbol.asyncDispose]() {
      await hosts.stop();
      await arrays.stop();
      await network?.stop();
    },
  };
}

const readSecret = (): never => {
  throw new Error('no secrets here');
};
