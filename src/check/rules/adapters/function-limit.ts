/** An adapter makes as many virtual functions as its model can. */
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { Finding, Rule } from '../../rule.ts';
import { functionsExample } from './examples.ts';
import { type Slot, slotsOf } from '../../slots.ts';

export const functionLimit: Rule = {
  id: 'SW-1170',
  name: 'function-limit',
  severity: 'error',
  title: 'A port is to have more virtual functions than its adapter makes',
  meaning: 'The number of virtual functions of a port, and of all ports together, is fixed by the model; some models have none.',
  remedy: 'Write a number in `sriov` that the model can make, or use a second adapter.',
  ignored: 'The driver refuses the number, or makes fewer: guests whose function is missing do not start.',
  source: [CHELSIO_GUIDE, 'PCI Express SR-IOV 1.1 §3.3', 'Linux drivers bnx2 and bnx2x'],
  examples: { fail: functionsExample('', 'functions: 17'), pass: functionsExample('', 'functions: 16') },
  check: (fabric) => slotsOf(fabric).flatMap(limitFindings),
};

function limitFindings({ node, adapter, ports }: Slot): Finding[] {
  const { perPortMax, totalMax } = adapter.model.virtualFunctions ?? {};
  const using = ports.flatMap(({ nic }) =>
    nic.sriov === undefined || nic.sriov.functions === 0
      ? []
      : [{ name: nic.name, count: nic.sriov.functions, at: [...nic.sriov.at, 'functions'] }],
  );
  const related = [{ at: [...adapter.at, 'model'], message: `the adapter \`${adapter.name}\`` }];
  if (totalMax === 0)
    return using.map(({ at, name }) => ({
      at,
      message: `\`${node}:${name}\` is a port of \`${adapter.model.key}\`, which has no virtual functions.`,
      remedy: 'Leave `sriov` out, or write another model.',
      related,
    }));
  const beyond = using
    .filter(({ count }) => perPortMax !== undefined && count > perPortMax)
    .map(({ at, name, count }) => ({
      at,
      message: `\`${node}:${name}\` is to have ${count} virtual functions, and a port of \`${adapter.model.key}\` makes ${perPortMax}.`,
      remedy: `Write \`functions: ${perPortMax}\` or less.`,
      related,
    }));
  const total = using.reduce((sum, { count }) => sum + count, 0);
  if (beyond.length > 0 || totalMax === undefined || total <= totalMax) return beyond;
  return [
    {
      at: using.at(-1)!.at,
      message: `The ports of \`${node}:${adapter.name}\` are to have ${total} virtual functions together, and \`${adapter.model.key}\` makes ${totalMax}.`,
      remedy: `Let them add up to ${totalMax} or less.`,
      related: [...related, ...using.slice(0, -1).map(({ at, name, count }) => ({ at, message: `${count} at \`${name}\`` }))],
    },
  ];
}
