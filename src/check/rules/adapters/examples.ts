/** Short fabrics for the examples of this family. */
import { machineExample } from '../../example.ts';

const indent = (text: string, columns: number): string => text.trimEnd().replace(/\n/g, `\n${' '.repeat(columns)}`);

/** A host `esx1` of ESXi with a two-port T6 whose first port has two virtual functions, and what else is given. */
export const functionsExample = (keys: string, sriov = 'functions: 2', model = 'chelsio-t6225-cr'): string =>
  machineExample(
    `os: esxi\nadapters:\n  slot1: { model: ${model}, ports: [vmnic0, vmnic1] }\nnics:\n  vmnic0: { sriov: { ${sriov} } }\n  vmnic1: {}\n${keys}`,
  );

/** The same with one guest that has the first function; these keys stand beside its adapter, and those in it. */
export const guestExample = (keys: string, nic = '', sriov?: string, model?: string): string =>
  functionsExample(
    `vms:\n  vm1:\n    ${indent(keys, 4)}\n    nics:\n      eth0: { kind: pass-through, function: vmnic0/0${nic} }`,
    sriov,
    model,
  );

/** A host with an adapter of this model, whose ports have these settings. */
export const slotExample = (model: string, settings: readonly string[], keys = ''): string => {
  const names = settings.map((_, index) => `nic${index}`);
  const nics = settings.map((text, index) => `  nic${index}: { ${text} }`).join('\n');
  return machineExample(`${keys}adapters:\n  slot1: { model: ${model}, ports: [${names.join(', ')}] }\nnics:\n${nics}`);
};
