/** Ports of a team are alike. */
import type { Nic } from '../../../fabric/network/model.ts';
import { adapterOf } from '../../../fabric/network/nic-speeds.ts';
import { formatRate } from '../../../fabric/network/rate.ts';
import { type Bundle, bundlesOf } from '../../bundles.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { WINDOWS_TEAMING } from './documents.ts';
import { team, twoSwitches } from './examples.ts';

const example = (speed: string): string =>
  twoSwitches(team('mode: active-backup, '), '', '', `p1: { speed: 10G }, p2: { speed: ${speed} }`);

export const memberSymmetry: Rule = {
  id: 'SW-1082',
  name: 'member-symmetry',
  severity: 'warning',
  title: 'The ports of a team are not alike',
  meaning:
    "Ports of different speeds, RDMA kinds or models do not do each other's work: what ran at 25 Gb/s falls back to 1, RDMA connections do not move, and switch embedded teaming of Windows takes identical adapters only.",
  remedy: 'Team ports of one speed, one RDMA kind and one model; keep a slower one as a standby of its own team, and say so.',
  ignored: 'Throughput depends on which port a connection happens to take, and drops at a failover.',
  source: [WINOF_README, WINDOWS_TEAMING, 'IEEE 802.1AX §6.3'],
  examples: { fail: example('1G'), pass: example('10G') },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => (bundle.isGroup ? [] : differing(bundle))),
};

function differing(bundle: Bundle): Finding[] {
  const { machine, members, name } = bundle;
  const [first, ...others] = members;
  if (first === undefined) return [];
  return others.flatMap((other): Finding[] => {
    const what = difference(bundle, first, other);
    if (what === undefined) return [];
    return [
      {
        at: other.at,
        missingFrom: other.at,
        message: `\`${other.name}\` ${what[1]} and \`${first.name}\` ${what[0]}, and both are ports of \`${name}\`.`,
        remedy: 'Let ports of one team be alike.',
        related: [
          { at: first.at, message: `\`${first.name}\`` },
          { at: bundle.at, message: `\`${name}\`` },
        ],
        restsOn: [first.at, [...machine.at, 'adapters']],
      },
    ];
  });
}

/** What is said of both and is not the same. */
function difference({ machine, virtualSwitch }: Bundle, one: Nic, other: Nic): readonly [string, string] | undefined {
  const [speed, otherSpeed] = [one.rateBitsPerSecond, other.rateBitsPerSecond];
  if (speed !== undefined && otherSpeed !== undefined && speed !== otherSpeed)
    return [`runs at ${formatRate(speed)}`, `runs at ${formatRate(otherSpeed)}`];
  const [kind, otherKind] = [one.rdma?.kind, other.rdma?.kind];
  if (kind !== undefined && otherKind !== undefined && kind !== otherKind) return [`has ${kind}`, `has ${otherKind}`];
  // Linux and ESXi bring the ports to the MTU of what is above them; on Windows each keeps its own.
  if (machine.os === 'windows' && one.mtuBytes !== other.mtuBytes)
    return [`has an MTU of ${one.mtuBytes}`, `has an MTU of ${other.mtuBytes}`];
  // Elsewhere adapters of different makers are chosen on purpose.
  if (virtualSwitch?.embeddedTeaming !== true) return undefined;
  const [model, otherModel] = [one, other].map((nic) => adapterOf(machine, nic)?.adapter.model);
  if (model === undefined || otherModel === undefined || model.key === otherModel.key) return undefined;
  return [`is of a ${model.name}`, `is of a ${otherModel.name}`];
}
