/** A target that a host is given has to be where it is said to be. */
import { formatAddress } from '../../../fabric/address.ts';
import { portalsOf } from '../../../fabric/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { EXAMPLE_TARGET, hostExample } from '../../example.ts';
import { staticsOf } from '../../logins.ts';
import type { Rule } from '../../rule.ts';

const target = (name: string): string => hostExample(`targets: [{ name: ${name}, address: array1 }]`);

export const unknownHostTarget: Rule = {
  id: 'SW-1031',
  name: 'unknown-host-target',
  severity: 'error',
  title: 'A host is given a target that the array does not have there',
  meaning: 'The array refuses the login: it has no such target at that portal.',
  remedy: 'Write the name of a target of the array, and a portal that it is reached through.',
  ignored: 'The login ends with status 0203h, target not found, and the host tries for ever.',
  source: ['RFC 7143 §11.13.5'],
  examples: { fail: target('iqn.2026-01.net.example:disk2'), pass: target(EXAMPLE_TARGET) },
  check: (fabric) =>
    staticsOf(fabric)
      .filter((one) => one.target === undefined)
      .map(({ given, array, portal }) => {
        const restsOn = ['targets', 'portals'].map((key) => [...array.at, key]);
        const elsewhere = array.targets.find(({ name }) => name === given.name);
        if (elsewhere !== undefined) {
          const portals = portalsOf(array, elsewhere).map(({ name, listen }) =>
            name === undefined ? formatAddress(listen.host, listen.port) : `${array.name}/${name}`,
          );
          return {
            at: given.address!.at,
            message: `\`${given.name}\` is not reached through this portal of \`${array.name}\`.`,
            remedy: `It is reached through ${portals.map((one) => `\`${one}\``).join(', ')}.`,
            related: [{ at: portal.at, message: 'the portal' }],
            restsOn,
          };
        }
        const names = array.targets.map(({ name }) => name);
        const meant = suggest(given.name, names);
        return {
          at: [...given.at, 'name'],
          message: `\`${array.name}\` has no target \`${given.name}\`.`,
          remedy: meant === undefined ? `Its targets are ${names.map((one) => `\`${one}\``).join(', ')}.` : `Did you mean \`${meant}\`?`,
          restsOn,
        };
      }),
};
