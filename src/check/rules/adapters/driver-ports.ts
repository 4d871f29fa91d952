/** cxl brings up as many ports as it was told. */
import { CXL } from '../../../fabric/adapters/chelsio-driver.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import { machineExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { cxlCommand, cxlParameter, cxlSlotsOf, type Slot } from '../../slots.ts';

const names = (slot: number): string[] => [0, 1, 2, 3].map((port) => `vmnic${slot * 4 + port}`);

const example = (drivers: string): string =>
  machineExample(
    `os: esxi\n${drivers}adapters:\n${[0, 1, 2].map((slot) => `  slot${slot}: { model: chelsio-t540-cr, ports: [${names(slot).join(', ')}] }`).join('\n')}\nnics: { ${[0, 1, 2].flatMap(names).join(': {}, ')}: {} }`,
  );

export const driverPorts: Rule = {
  id: 'SW-1180',
  name: 'driver-ports',
  severity: 'error',
  title: 'A host has more Chelsio ports than its driver brings up',
  meaning: 'The ESXi driver `cxl` brings up 8 Chelsio ports in all, or as many as its parameter `max_ports` says.',
  remedy: 'Write `drivers: { cxl: { max_ports: N } }` with the number of ports. The host has to be restarted.',
  ignored: 'The last ports show no vmnic. Whoever set up the host with two adapters meets it when the third is put in.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example(''), pass: example('drivers: { cxl: { max_ports: 12 } }\n') },
  check: (fabric) => [...cxlSlotsOf(fabric)].flatMap(([machine, slots]) => portFindings(machine, slots)),
};

function portFindings(machine: Machine, slots: readonly Slot[]): Finding[] {
  const node = slots[0]!.node;
  const count = slots.reduce((sum, { adapter }) => sum + adapter.ports.length, 0);
  const said = cxlParameter(machine, 'max_ports');
  const most = said === undefined ? CXL.usualPorts : Number(said.value);
  if (!Number.isInteger(most) || count <= most) return [];
  const related = slots.map(({ adapter }) => ({ at: adapter.at, message: `${adapter.ports.length} ports of \`${adapter.model.key}\`` }));
  const remedy = `Write \`max_ports: ${count}\` there. On ESXi: ${cxlCommand(machine, { max_ports: count })}, and a restart.`;
  const has = `\`${node}\` has ${count} Chelsio ports, and \`cxl\` brings up ${most}`;
  if (said !== undefined) return [{ at: said.at, message: `${has}.`, remedy, related }];
  const at = [...machine.at, 'drivers'];
  return [{ at, missingFrom: machine.at, message: `${has} where nobody says \`max_ports\`.`, remedy, related, restsOn: [at] }];
}
