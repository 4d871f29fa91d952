/** All ports of an aggregation are in use at once. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { aggregates, type Bundle, bundlesOf } from '../../bundles.ts';
import { portGroupsOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { uplinksByNic } from '../../segments.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { VSPHERE_NETWORKING } from './documents.ts';
import { lag, oneSwitch, vSwitch } from './examples.ts';

const example = (order: string): string => oneSwitch(vSwitch(`teaming: { mode: ip-hash, ${order} }, `), lag('mode: static, tagged: [10]'));

export const hashOrder: Rule = {
  id: 'SW-1088',
  name: 'hash-order',
  severity: 'error',
  title: 'An aggregation has ports that wait or are left out',
  meaning:
    'The switch sends by all ports of the aggregation. A host that has one of them as a standby, or leaves it out for a port group, does not take what comes in there.',
  remedy: 'List all ports as `active`, also in port groups, or use a mode without an aggregation.',
  ignored: 'A part of the connections gets no answer: those that the switch hashes to the idle port.',
  source: [VSPHERE_NETWORKING, LOWE_BLOG],
  examples: { fail: example('active: [p1], standby: [p2]'), pass: example('active: [p1, p2]') },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => idle(fabric, bundle)),
};

function idle(fabric: Fabric, bundle: Bundle): Finding[] {
  const { name, teaming, virtualSwitch, isGroup, at, team } = bundle;
  const ports = team?.nics ?? virtualSwitch?.uplinks ?? [];
  if (teaming.mode === undefined || isGroup || ports.length < 2 || aggregates(bundle, fabric) !== true) return [];
  const orders = [
    { owner: name, at, standby: teaming.standby, active: teaming.active, unused: teaming.unused },
    ...(virtualSwitch === undefined || virtualSwitch.kind === 'distributed' ? [] : portGroupsOf(fabric, virtualSwitch))
      .filter((group) => group.teaming.mode === undefined || group.teaming.mode.value === teaming.mode!.value)
      .map((group) => ({ owner: `${bundle.node}:${group.name}`, at: group.at, ...orderOf(group.teaming) })),
  ];
  return orders.flatMap(({ owner, at: place, standby, active, unused }): Finding[] => {
    const waiting = [...(standby ?? []), ...(unused ?? [])][0];
    const missing =
      active === undefined
        ? undefined
        : ports.find(({ text }) => ![...active, ...(standby ?? []), ...(unused ?? [])].some((one) => one.text === text));
    const tell = (where: Path, text: string, how: string): Finding => ({
      at: where,
      message: `\`${owner}\` ${how} \`${text}\`, and \`${name}\` is in mode \`${teaming.mode!.value}\`, where all its ports are in use.`,
      remedy: `List \`${text}\` in \`active\`.`,
      related: [{ at: teaming.mode!.at, message: 'the mode' }],
      restsOn: [place],
    });
    if (waiting !== undefined && isElsewhere(fabric, bundle, waiting.text)) return [];
    if (waiting !== undefined)
      return [tell(waiting.at, waiting.text, standby?.includes(waiting) === true ? 'keeps as a standby' : 'never uses')];
    return missing === undefined ? [] : [tell(place, missing.text, 'leaves out')];
  });
}

const orderOf = ({ standby, active, unused }: Bundle['teaming']): Pick<Bundle['teaming'], 'standby' | 'active' | 'unused'> => ({
  standby,
  active,
  unused,
});

/** The port leads to a port of a switch that is in no aggregation: nothing comes in there for the others. */
function isElsewhere(fabric: Fabric, { machine }: Bundle, name: string): boolean {
  const nic = machine.nics.find((one) => one.name === name);
  const uplinks = nic === undefined ? [] : (uplinksByNic(fabric).get(nic) ?? []);
  return uplinks.length > 0 && uplinks.every(({ at }) => aggregationAt(at) === undefined);
}
