/** A boot agent has an address that it can use. */
import { formatIp, inPrefix, isIpv4 } from '../../../wire/ip/address.ts';
import type { Rule } from '../../rule.ts';
import type { Path } from '../../../fabric/problem.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { type Booting, bootingOf, usesIp } from './booting.ts';

export const bootAddress: Rule = {
  id: 'SW-1194',
  name: 'boot-address',
  severity: 'error',
  title: 'A boot agent has no address, or one that it does not use',
  meaning:
    'Without DHCP the agent has the address that is set in it; with DHCP what is set is not used. The address is of the version of IP that the agent speaks, and its router is in the same network.',
  remedy: 'Write `dhcp: false` with `address`, or leave the address to DHCP.',
  ignored: 'The agent asks for an address that nobody gives, or sends from one that nobody answers, until it gives up.',
  source: [MARVELL_GUIDE, 'RFC 1122 §3.3.1.1'],
  examples: {
    fail: bootExample(targetBoot().replace('address: 192.0.2.11/24, ', '')),
    pass: bootExample(targetBoot()),
  },
  check: (fabric) =>
    bootingOf(fabric).flatMap((booting) => {
      const wrong = usesIp(booting) ? wrongAddress(booting) : undefined;
      if (wrong === undefined) return [];
      const { at } = booting.boot;
      const restsOn = ['dhcp', 'address', 'gateway', 'ipVersion', 'protocol'].map((key): Path => [...at, key]);
      const place = [...at, wrong.key];
      return [{ ...wrong, at: place, ...(wrong.isMissing ? { missingFrom: at } : {}), restsOn }];
    }),
};

interface Wrong {
  readonly key: string;
  readonly isMissing?: boolean;
  readonly message: string;
  readonly remedy: string;
  readonly related?: readonly { readonly at: Path; readonly message: string }[];
}

function wrongAddress({ boot, place }: Booting): Wrong | undefined {
  const { dhcp, address, gateway, ipVersion, at } = boot;
  if (address === undefined)
    return dhcp
      ? undefined
      : {
          key: 'address',
          isMissing: true,
          message: `\`${place}\` boots without DHCP, and has no address.`,
          remedy: 'Add `address: 192.0.2.11/24`, or write `dhcp: true`.',
        };
  if (dhcp)
    return {
      key: 'address',
      message: `\`${place}\` gets its address by DHCP, and does not use ${formatIp(address.address)}.`,
      remedy: 'Write `dhcp: false`, or take the address out.',
    };
  if (isIpv4(address.address) !== (ipVersion === 4))
    return {
      key: 'address',
      message: `\`${place}\` boots over IPv${ipVersion}, and ${formatIp(address.address)} is an address of the other version.`,
      remedy: `Write \`ipVersion: ${ipVersion === 4 ? 6 : 4}\`, or an address of IPv${ipVersion}.`,
    };
  if (gateway === undefined || inPrefix(gateway, address.address, address.bits)) return undefined;
  return {
    key: 'gateway',
    message: `\`${place}\` has ${formatIp(address.address)}/${address.bits}, and its router ${formatIp(gateway)} is not in that network.`,
    remedy: 'Write the address of a router in its network, or the right length of the network.',
    related: [{ at: [...at, 'address'], message: 'its address' }],
  };
}
