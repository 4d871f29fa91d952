/** What is plugged into a virtual switch sends no longer packets than the virtual switch carries. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import { type Endpoint, endpointsOf, virtualMtuOf } from '../../endpoints.ts';
import { fullName } from '../../networks.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample } from './examples.ts';

const example = (mtu: number): string =>
  esxExample(
    `virtualSwitches:
  vSwitch1: { uplinks: [vmnic0, vmnic1], mtu: ${mtu}, portGroups: { Storage: { vlan: 20 } } }
virtualNics:
  vmk1: { portGroup: Storage, mtu: 9000, addresses: [192.0.2.11/24] }`,
    'tagged: [10, 20]',
  );

const USUAL_MTU = 1500;

export const virtualMtu: Rule = {
  id: 'SW-1078',
  name: 'virtual-mtu',
  severity: 'error',
  title: 'An interface sends longer packets than its virtual switch carries',
  meaning:
    'The virtual switch drops what is longer than its own MTU, which is 1500 unless it is set, or that of the adapter ports of Hyper-V and Linux.',
  remedy:
    "Raise the MTU of the virtual switch first. On ESXi: `esxcfg-vswitch -m 9000 vSwitch1`; on Windows: the adapter's `*JumboPacket`.",
  ignored: 'Small packets pass and large ones do not, inside of the host already.',
  source: [LOWE_BLOG],
  examples: { fail: example(1500), pass: example(9000) },
  check: (fabric) =>
    endpointsOf(fabric).flatMap((endpoint): Finding[] => {
      const limit = limitOf(fabric, endpoint);
      if (limit === undefined || endpoint.mtuBytes <= limit.mtuBytes) return [];
      return [
        {
          at: [...endpoint.on.at, 'mtu'],
          message: `\`${fullName(endpoint)}\` sends packets of up to ${endpoint.mtuBytes} bytes, and ${limit.name} carries ${limit.mtuBytes}.`,
          remedy: `Write \`mtu: ${endpoint.mtuBytes}\` there, or \`mtu: ${limit.mtuBytes}\` here.`,
          related: [{ at: limit.at, message: limit.name }],
          cause: limit.at,
          restsOn: [limit.at, ['distributedSwitches']],
        },
      ];
    }),
};

function limitOf(fabric: Fabric, { virtualSwitch, nics }: Endpoint): { mtuBytes: number; at: Path; name: string } | undefined {
  if (virtualSwitch === undefined) return undefined;
  const said = virtualMtuOf(fabric, virtualSwitch);
  const isEsxi = virtualSwitch.kind === 'standard' || virtualSwitch.kind === 'distributed';
  const own = {
    // Others have what their ports have.
    mtuBytes: said?.value ?? (isEsxi ? USUAL_MTU : Infinity),
    at: said?.at ?? [...virtualSwitch.at, 'mtu'],
    name: `\`${virtualSwitch.name}\``,
  };
  // A virtual switch of ESXi brings its uplinks to its own.
  const ports = isEsxi ? [] : nics.map(({ mtuBytes, at, name }) => ({ mtuBytes, at: [...at, 'mtu'], name: `its uplink \`${name}\`` }));
  return [own, ...ports].reduce((a, b) => (b.mtuBytes < a.mtuBytes ? b : a));
}
