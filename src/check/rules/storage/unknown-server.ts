/** What hosts refer to has to exist. */
import type { Fabric } from '../../../fabric/model.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { ServerReference } from '../../../fabric/host-model.ts';
import { alternatives, suggest } from '../../../fabric/suggest.ts';
import { hostExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';
import { adaptersOf, serversOf } from '../../walk.ts';

const array = `portals: [{ name: left, listen: "127.0.0.1:0" }]\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`;
const discovery = (server: string): string => hostExample(`discovery: [${server}]`, array);

export const unknownServer: Rule = {
  id: 'SW-1029',
  name: 'unknown-server',
  severity: 'error',
  title: 'A host refers to an array or a portal that is not declared',
  meaning: 'There is nothing to connect to.',
  remedy: 'Write the name of an array, of an array and one of its named portals (`array1/left`), or an address.',
  ignored: 'The host comes up without this path, and nobody misses it until the other one fails.',
  source: [OWN],
  examples: { fail: discovery('array1/lfet'), pass: discovery('array1/left') },
  check: (fabric) =>
    adaptersOf(fabric)
      .flatMap(({ adapter }) => serversOf(adapter))
      .filter((server) => server.kind === 'array' && findServer(fabric, server) === undefined)
      .map((server) => describe(fabric, server)),
};

function describe(fabric: Fabric, server: ServerReference): Finding {
  const { array: name, portal } = server as ServerReference & { kind: 'array' };
  const found = fabric.arrays.find((one) => one.name === name);
  const known =
    found === undefined
      ? fabric.arrays.map((one) => one.name)
      : found.portals.flatMap((one) => (one.name === undefined ? [] : [`${name}/${one.name}`]));
  const meant = suggest(server.text, known);
  const message = found === undefined ? `There is no array \`${name}\`.` : `\`${name}\` has no portal with the name \`${portal}\`.`;
  const nothing = found === undefined ? 'Declare it, or write an address.' : `Give a portal the name, or write \`${name}\` for the first.`;
  const remedy = meant !== undefined ? `Did you mean \`${meant}\`?` : known.length === 0 ? nothing : `Write ${alternatives(known)}.`;
  const restsOn = found === undefined ? [['arrays', name]] : [[...found.at, 'portals']];
  return { at: server.at, message, remedy, restsOn };
}
