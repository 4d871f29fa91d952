/** What a boot agent logs in to is there. */
import { formatAddress } from '../../../fabric/address.ts';
import type { Finding, Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, targetBoot } from './examples.ts';
import { type BootLogin, bootLoginsOf } from './booting.ts';

export const bootLogin: Rule = {
  id: 'SW-1197',
  name: 'boot-login',
  severity: 'error',
  title: 'A boot agent logs in to a portal, a target or a LUN that there is not',
  meaning: 'The array is in this fabric, so it is known where it listens and what it has.',
  remedy: 'Write a portal of the array, the name of a target there, and the number of one of its LUNs.',
  ignored: 'The login ends with status 0203h, not found, or succeeds and shows no disk; the machine boots from the next device.',
  source: ['RFC 7143 §11.13.5', MARVELL_GUIDE],
  examples: { fail: bootExample(targetBoot(', lun: 1')), pass: bootExample(targetBoot(', lun: 0')) },
  check: (fabric) => bootLoginsOf(fabric).flatMap(missing),
};

function missing({ booting, target, array, portal, found }: BootLogin): Finding[] {
  const { host, port } = target.address;
  const address = formatAddress(host, port);
  const rest = { restsOn: [array.machine.at, [...booting.boot.at, 'targets']] };
  if (portal === undefined)
    return [
      {
        ...rest,
        at: [...target.at, 'address'],
        message: `\`${booting.place}\` boots from ${address}, and \`${array.name}\`, which has that address, does not listen there.`,
        remedy: `Write one of its portals: ${array.portals.map(({ listen }) => `\`${formatAddress(listen.host, listen.port)}\``).join(', ')}.`,
        related: [{ at: [...array.at, 'portals'], message: `the portals of \`${array.name}\`` }],
      },
    ];
  if (found === undefined) {
    const named = array.targets.find(({ name }) => name === target.name);
    return [
      {
        ...rest,
        at: [...target.at, 'name'],
        message:
          named === undefined
            ? `\`${booting.place}\` boots from \`${target.name}\`, and \`${array.name}\` at ${address} has no such target.`
            : `\`${booting.place}\` boots from \`${target.name}\`, which \`${array.name}\` does not show at ${address}.`,
        remedy: 'Write the name of a target of the array, or another portal.',
        related: [{ at: named?.at ?? [...array.at, 'targets'], message: named === undefined ? 'its targets' : 'the target' }],
      },
    ];
  }
  if (found.redirect !== undefined || found.luns.some(({ lun }) => lun === target.lun)) return [];
  return [
    {
      ...rest,
      at: [...target.at, 'lun'],
      missingFrom: target.at,
      message: `\`${booting.place}\` boots from LUN ${target.lun} of \`${target.name}\`, which has ${found.luns.length === 0 ? 'none' : `LUN ${found.luns.map(({ lun }) => lun).join(', ')}`}.`,
      remedy: 'Write the number of a LUN of the target.',
      related: [{ at: [...found.at, 'luns'], message: `the LUNs of \`${target.name}\`` }],
    },
  ];
}
