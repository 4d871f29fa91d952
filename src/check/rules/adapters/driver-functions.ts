/** What cxl is told of virtual functions is what the ports say of them. */
import { CXL, type FunctionList, parseFunctionList } from '../../../fabric/adapters/chelsio-driver.ts';
import { portCount } from '../../../fabric/adapters/adapter-model.ts';
import type { Driver } from '../../../fabric/network/model.ts';
import { isMistake } from '../../../fabric/parsed.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { functionsExample } from './examples.ts';
import { cxlCommand, cxlParameter, cxlSlotsOf, type Slot } from '../../slots.ts';

const example = (list: string): string => functionsExample(`drivers: { cxl: { max_vfs: "${list}" } }`, 'functions: 4');

export const driverFunctions: Rule = {
  id: 'SW-1181',
  name: 'driver-functions',
  severity: 'error',
  title: 'The driver is told other virtual functions than the ports have',
  meaning:
    'On ESXi `max_vfs` of the driver `cxl` makes the functions, port by port: a comma between ports, an empty place between adapters, 16 a port at the most.',
  remedy: 'Let `max_vfs` and `sriov` say the same; take the functions from running guests before the host is restarted for it.',
  ignored: 'After the next restart functions are missing or belong to another port, and guests that had them do not power on.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('2,0'), pass: example('4,0') },
  check: (fabric) =>
    [...cxlSlotsOf(fabric)].flatMap(([machine, slots]) => {
      const said = cxlParameter(machine, 'max_vfs');
      // An adapter that can't be read has a place in the list too.
      const restsOn = [[...machine.at, 'adapters']];
      return said === undefined ? [] : listFindings(slots, said).map((finding) => ({ ...finding, restsOn }));
    }),
};

/** As the ports have it; of ports that say nothing, as the list has it. */
const wantedList = (slots: readonly Slot[], said: FunctionList): string =>
  slots
    .map(({ adapter, ports }, number) =>
      adapter.ports
        .map((_, index) => ports.find((port) => port.index === index)?.nic.sriov?.functions ?? said[number]?.[index] ?? 0)
        .join(','),
    )
    .join(',,');

function listFindings(slots: readonly Slot[], { at, value }: Driver['parameters'][number]): Finding[] {
  const parsed = parseFunctionList(String(value));
  if (isMistake(parsed)) return [{ at, message: parsed.wrong, remedy: parsed.remedy }];
  const command = cxlCommand(slots[0]!.machine, { max_vfs: wantedList(slots, parsed.value) });
  return parsed.value.flatMap((counts, number): Finding[] => {
    const slot = slots[number];
    if (slot === undefined) return [];
    const { adapter, node } = slot;
    const has = portCount(adapter.model) ?? Infinity;
    const name = `\`${node}:${adapter.name}\``;
    if (counts.length > has)
      return [
        {
          at,
          message: `\`max_vfs\` names ${counts.length} ports of ${name}, and \`${adapter.model.key}\` has ${has}.`,
          remedy: 'Put two commas between adapters: `2,2,,2,2`.',
          related: [{ at: [...adapter.at, 'model'], message: 'the adapter' }],
        },
      ];
    return counts.flatMap((count, index): Finding[] => {
      const sriov = slot.ports.find((port) => port.index === index)?.nic.sriov;
      const port = `\`${node}:${adapter.ports[index]?.text ?? `port ${index} of ${adapter.name}`}\``;
      if (count !== undefined && count > CXL.functionsMax)
        return [
          {
            at,
            message: `\`max_vfs\` asks for ${count} functions of ${port}, and the driver makes ${CXL.functionsMax} a port.`,
            remedy: `Write ${CXL.functionsMax} or less.`,
          },
        ];
      if (count === undefined || sriov === undefined || count === sriov.functions) return [];
      return [
        {
          at,
          message: `\`max_vfs\` makes ${count} functions of ${port}, which is to have ${sriov.functions}.`,
          remedy: `Write ${sriov.functions} in its place. On ESXi: ${command}, and a restart.`,
          related: [{ at: [...sriov.at, 'functions'], message: `the functions of ${port}` }],
        },
      ];
    });
  });
}
