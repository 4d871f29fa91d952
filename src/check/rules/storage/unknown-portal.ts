/** What `portals` of a target refers to has to exist. */
import { formatAddress } from '../../../fabric/address.ts';
import { findPortal } from '../../../fabric/model.ts';
import { alternatives, suggest } from '../../../fabric/suggest.ts';
import { arrayExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

const array = (reference: string): string =>
  arrayExample(
    `portals: [{ name: front, listen: "127.0.0.1:0", group: 2 }, "127.0.0.1:0"]\ntargets:\n  iqn.2026-01.net.example:disk1:\n    portals: [${reference}]\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const unknownPortal: Rule = {
  id: 'SW-1014',
  name: 'unknown-portal',
  severity: 'error',
  title: 'A target refers to a portal that its array has not',
  meaning: 'The target could not be reached there.',
  remedy: 'Write the `name` of a portal of the array, or the address it listens on.',
  ignored: 'Initiators discover the target without this path, or without any.',
  source: ['RFC 7143 §4.4.1'],
  examples: { fail: array('frnt'), pass: array('front') },
  check: (fabric) =>
    fabric.arrays.flatMap((array) => {
      const known = array.portals.map((portal) => portal.name ?? formatAddress(portal.listen.host, portal.listen.port));
      return array.targets
        .flatMap((target) => target.portals ?? [])
        .filter((reference) => findPortal(array, reference.text) === undefined)
        .map((reference) => {
          const meant = suggest(reference.text, known);
          const remedy = meant === undefined ? `Write ${alternatives(known)}.` : `Did you mean \`${meant}\`?`;
          return {
            at: reference.at,
            message: `\`${array.name}\` has no portal \`${reference.text}\`.`,
            remedy,
            restsOn: [[...array.at, 'portals']],
          };
        });
    }),
};
