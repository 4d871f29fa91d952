/** Who is not in a target's access list is not let in. */
import { EXAMPLE_HOST, EXAMPLE_TARGET, exampleArray, hostExample } from '../../example.ts';
import { admits, discoveriesOf, staticsOf } from '../../logins.ts';
import type { Rule } from '../../rule.ts';

const access = (initiator: string): string =>
  hostExample(`targets: [{ name: ${EXAMPLE_TARGET}, address: array1 }]`, exampleArray(`access: [${initiator}]`));

export const unlistedHost: Rule = {
  id: 'SW-1035',
  name: 'unlisted-host',
  severity: 'error',
  title: 'A host is not in the access list of its target',
  meaning: 'The array refuses the login; at discovery it does not even name the target.',
  remedy: 'Add the `initiator` name of the adapter to `access` of the target.',
  ignored: 'The login ends with status 0202h, authorization failure, or discovery succeeds with an empty list.',
  source: ['RFC 7143 §11.13.5', 'RFC 7143 Appendix C'],
  examples: { fail: access('iqn.1998-01.com.vmware:esx9'), pass: access(EXAMPLE_HOST) },
  check: (fabric) => [
    ...staticsOf(fabric).flatMap(({ adapter, given, target }) => {
      if (target === undefined || admits(target, adapter.initiator) !== false) return [];
      const message = `\`${given.name}\` does not let \`${adapter.initiator}\` in.`;
      const related = [{ at: [...target.at, 'access'], message: 'who is let in' }];
      const restsOn = [
        [...target.at, 'access'],
        [...adapter.at, 'initiator'],
      ];
      return [{ at: given.at, message, remedy: `Add \`${adapter.initiator}\` to its \`access\`.`, related, restsOn }];
    }),
    ...discoveriesOf(fabric).flatMap(({ adapter, server, array }) => {
      if (array.targets.some((target) => admits(target, adapter.initiator) !== false)) return [];
      const message = `No target of \`${array.name}\` lets \`${adapter.initiator}\` in: there is nothing to discover.`;
      const restsOn = [[...array.at, 'targets']];
      return [{ at: server.at, message, remedy: `Add \`${adapter.initiator}\` to the \`access\` of a target.`, restsOn }];
    }),
  ],
};
