/** A port is on one adapter. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { PortReference } from '../../../fabric/network/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const example = (second: string): string =>
  machineExample(
    `adapters:\n  slot1: { model: generic, ports: [nic0] }\n  slot2: { model: generic, ports: [${second}] }\nnics: { nic0: {}, nic1: {} }`,
  );

export const adapterPortNames: Rule = {
  id: 'SW-1044',
  name: 'adapter-port-names',
  severity: 'error',
  title: 'An adapter lists a port that is not in `nics`, or that is listed already',
  meaning: 'A port is on one adapter, and `nics` says what it is like.',
  remedy: 'List each port of `nics` with one adapter at most.',
  ignored: 'Limits of the wrong adapter hold for the port.',
  source: [OWN],
  examples: { fail: example('nic0'), pass: example('nic1') },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ machine }): Finding[] => {
      const names = machine.nics.map(({ name }) => name);
      const seen = new Map<string, PortReference>();
      return machine.adapters.flatMap(({ ports }) =>
        ports.flatMap((port): Finding[] => {
          const { at, text } = port;
          const first = seen.get(text);
          if (first !== undefined) {
            const related = [{ at: first.at, message: 'the first time' }];
            return [{ at, message: `\`${text}\` is a port of an adapter already.`, remedy: 'Write another port.', related }];
          }
          seen.set(text, port);
          if (names.includes(text)) return [];
          const meant = suggest(text, names);
          const remedy = meant === undefined ? `Declare \`${text}\` in \`nics\`.` : `Did you mean \`${meant}\`?`;
          return [{ at, message: `There is no \`${text}\` in \`nics\`.`, remedy, restsOn: [[...machine.at, 'nics', text]] }];
        }),
      );
    }),
};
