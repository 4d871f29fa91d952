/** FCoE has priority 3 on most switches; RoCE gets another there. */
import { memoized } from '../../../base/memoized.ts';
import type { Fabric, Placed } from '../../../fabric/model.ts';
import { endpointName, marksOf, roceEndpointsOf } from '../../rdma.ts';
import { oncePerPlace } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { uplinksByNic } from '../../segments.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { uplinksOf } from '../../network.ts';
import { roceExample } from './examples.ts';

const example = (priority: number): string =>
  roceExample(`priority: ${priority}`, `dcb: { pfc: [3, 5] }`, {
    port: 'dcb: { pfc: [3, 5], applications: [{ protocol: fcoe, priority: 3 }] }',
  });

export const fcoeRocePriority: Rule = {
  id: 'SW-1115',
  name: 'fcoe-roce-priority',
  severity: 'warning',
  title: 'RoCE and FCoE have the same priority at one switch',
  meaning:
    'Both need a priority without loss, and a pause for one stops the other. Many switches keep priority 3 for FCoE and let nobody else use it.',
  remedy: 'Give RoCE another priority without loss, such as 5.',
  ignored: 'Disks over FCoE time out whenever RoCE is busy; or the switch refuses the configuration.',
  source: [DEMARTEK_GUIDE, 'INCITS 462 (FC-BB-5)'],
  examples: { fail: example(3), pass: example(5) },
  check: (fabric) =>
    oncePerPlace(
      roceEndpointsOf(fabric).flatMap((one): Finding[] => {
        const mark = marksOf(one)[0];
        if (mark === undefined) return [];
        const claims = [
          ...(one.nic.fcoe === undefined
            ? []
            : [{ at: one.nic.fcoe.at, priority: one.nic.fcoe.priority, of: `\`${one.endpoint.node}:${one.nic.name}\`` }]),
          ...(uplinksByNic(fabric).get(one.nic) ?? []).flatMap(({ at }) => claimsOf(fabric).get(at.node) ?? []),
        ];
        const claim = claims.find(({ priority }) => priority === mark.priority);
        if (claim === undefined) return [];
        return [
          {
            at: mark.at,
            message: `\`${endpointName(one.endpoint)}\` sends RoCE in priority ${mark.priority}, and FCoE of ${claim.of} has that priority too.`,
            remedy: 'Give RoCE another priority without loss, on every machine and switch.',
            related: [{ at: claim.at, message: `FCoE of ${claim.of}` }],
            cause: claim.at,
            restsOn: [claim.at],
          },
        ];
      }),
    ),
};

interface Claim extends Placed {
  readonly priority: number;
  readonly of: string;
}

/** By switch: who sends FCoE through it, and in which priority. */
const claimsOf = memoized((fabric: Fabric): ReadonlyMap<string, readonly Claim[]> => {
  const claims = new Map<string, Map<string, Claim>>();
  const add = (node: string, claim: Claim): void => {
    const own = claims.get(node) ?? new Map<string, Claim>();
    const key = claim.at.join('\n');
    if (!own.has(key)) own.set(key, claim);
    claims.set(node, own);
  };
  for (const { station, at } of uplinksOf(fabric))
    if (station.nic.fcoe !== undefined)
      add(at.node, { at: station.nic.fcoe.at, priority: station.nic.fcoe.priority, of: `\`${station.node}:${station.nic.name}\`` });
  for (const one of fabric.switches)
    for (const applications of new Set(one.ports.map(({ dcb }) => dcb.applications)))
      for (const { at, protocol, priority } of applications?.value ?? [])
        if (protocol === 'fcoe' || protocol === 'ethertype:0x8906') add(one.name, { at, priority, of: `\`${one.name}\`` });
  return new Map([...claims].map(([node, own]) => [node, [...own.values()]]));
});
