/** A virtual switch has the modes that its kind has. */
import type { Fabric } from '../../../fabric/model.ts';
import { type Bundle, bundlesOf, knowsMode } from '../../bundles.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { VSPHERE_NETWORKING, WINDOWS_TEAMING } from './documents.ts';
import { lag, oneSwitch, vSwitch } from './examples.ts';

const example = (mode: string): string =>
  oneSwitch(vSwitch(`teaming: { mode: ${mode} }, `), lag(`mode: ${mode === 'lacp' ? mode : 'static'}, tagged: [10]`));

export const modeSupport: Rule = {
  id: 'SW-1086',
  name: 'mode-support',
  severity: 'error',
  title: 'A virtual switch is given a mode that its kind has not',
  meaning:
    'Standard switches of ESXi know no LACP and no balancing by load, distributed ones do; teams of Hyper-V (SET) never aggregate with the physical switch.',
  remedy:
    'Use `ip-hash` with a static aggregation on a standard switch, or a distributed one with `lacp: true`; leave the switch ports of SET alone.',
  ignored: 'The setting is refused, or the switch waits for LACP messages that never come.',
  source: [LOWE_BLOG, VSPHERE_NETWORKING, WINDOWS_TEAMING],
  examples: { fail: example('lacp'), pass: example('ip-hash') },
  check: (fabric) => bundlesOf(fabric).flatMap((bundle) => unknownMode(fabric, bundle)),
};

function unknownMode(fabric: Fabric, bundle: Bundle): Finding[] {
  const { kind, teaming, virtualSwitch, name } = bundle;
  const { mode } = teaming;
  if (mode === undefined || virtualSwitch === undefined) return [];
  const wide = fabric.distributedSwitches.find((one) => one.name === virtualSwitch.name);
  const related = [{ at: virtualSwitch.at, message: `\`${virtualSwitch.name}\`` }];
  const refuse = (message: string, remedy: string): Finding[] => [{ at: mode.at, message, remedy, related, restsOn: [virtualSwitch.at] }];
  if (kind === 'standard' && !knowsMode(bundle))
    return refuse(
      `\`${name}\` is in mode \`${mode.value}\`, which a standard switch has not.`,
      'Write `ip-hash` with a static aggregation at the switch, or `port-id` without one.',
    );
  if (kind === 'distributed' && !knowsMode(bundle))
    return refuse(
      `\`${name}\` is in mode \`${mode.value}\`, which a distributed switch has not.`,
      'Write `lacp`, `ip-hash`, `load-based` or `port-id`.',
    );
  if (kind === 'distributed' && mode.value === 'lacp' && wide?.lacp === false)
    return refuse(
      `\`${name}\` is in mode \`lacp\`, and no LACP is set up on \`${virtualSwitch.name}\`.`,
      'Write `lacp: true` for the distributed switch.',
    );
  if (kind === 'hyper-v' && !knowsMode(bundle))
    return refuse(
      `\`${name}\` is in mode \`${mode.value}\`, and switch embedded teaming works without the switch only.`,
      'Write `port-id` or `load-based`.',
    );
  return [];
}
