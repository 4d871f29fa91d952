/** Parameters of Chelsio's drivers, virtual functions, and what its own tool does for T5. */
import { CXL, parseFunctionList } from '../../fabric/adapters/chelsio-driver.ts';
import { isMistake } from '../../fabric/parsed.ts';
import type { NetworkAdapter } from '../../fabric/network/model.ts';
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { Emission } from '../core/emission.ts';
import type { Setting } from '../core/setting.ts';

const DRIVERS: readonly string[] = [CXL.name, 'cheiscsi'];
const TOOL = '/opt/chelsio/bin/cxgbtool';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  const adapters = adaptersOf(node);
  const functions = emitFunctions(emission, adapters);
  let changed = false;
  for (const driver of DRIVERS) changed = emitDriver(emission, driver, driver === CXL.name ? functions : undefined) || changed;
  const old = adapters.find(({ model }) => model.chip === 'T5');
  if (old !== undefined) {
    emission.commands.push({
      text: `${TOOL} -c esxcfg -set`,
      from: old.at,
      note: 'For T5 adapters only; takes effect when the host is started again.',
    });
    changed = true;
  }
  if (changed)
    emission.command(
      'reboot',
      undefined,
      'Loads cxl, then cheiscsi. Without a restart iSCSI sessions end first, cheiscsi is unloaded before cxl, and no virtual machine may have a virtual function.',
    );
  if (adapters.length > 0) emission.verify(`${TOOL} -c version`);
  return emission.rendering(whyNot);
}

function adaptersOf(node: DeclaredNode): readonly NetworkAdapter[] {
  const host = node.fabric.hosts.find(({ name }) => name === node.name);
  return host?.machine.adapters.filter(({ model }) => model.vendor === CXL.vendor) ?? [];
}

interface FunctionSetting {
  readonly text: string;
  readonly from: Setting | undefined;
}

/** `max_vfs` as it is declared, or as the ports say it: adapters in their order, two commas between them. */
function emitFunctions(emission: Emission, adapters: readonly NetworkAdapter[]): FunctionSetting | undefined {
  const declared = emission.peek('drivers', CXL.name, 'max_vfs');
  const ports = adapters.map((adapter) => adapter.ports.map(({ text }) => text));
  const wanted = ports.map((names) => names.map((name) => emission.peek('nics', name, 'sriov', 'functions')));
  const counts = wanted.map((adapter) => adapter.map((count) => Number(count ?? 0)));
  const listed = declared === undefined ? undefined : parseFunctionList(String(declared));
  for (const [index, names] of ports.entries())
    for (const [place, name] of names.entries()) {
      const key = ['nics', name, 'sriov', 'functions'];
      const count = counts[index]![place]!;
      const inList = listed === undefined || isMistake(listed) ? undefined : (listed.value[index]?.[place] ?? 0);
      if (count > CXL.functionsMax) emission.refuse(`The driver makes at most ${CXL.functionsMax} virtual functions a port.`, ...key);
      else if (declared !== undefined && inList !== count)
        emission.refuse('The list of the driver (`drivers`: cxl, max_vfs) says otherwise.', ...key);
      else emission.take(...key);
      emission.refuseAll('What a function may do is said by the port group or the virtual machine that has it.', 'nics', name, 'sriov');
    }
  if (
    declared !== undefined ||
    wanted.flat().every((count) => count === undefined) ||
    counts.flat().some((count) => count > CXL.functionsMax)
  )
    return undefined;
  const first = ports.flat().find((name) => emission.has('nics', name, 'sriov', 'functions'))!;
  return { text: counts.map((adapter) => adapter.join(',')).join(',,'), from: emission.setting('nics', first, 'sriov', 'functions') };
}

/** One command for all parameters of a driver: what it is not given is gone. */
function emitDriver(emission: Emission, driver: string, functions: FunctionSetting | undefined): boolean {
  const words: string[] = [];
  let from: Setting | undefined;
  for (const name of emission.names('drivers', driver)) {
    const key = ['drivers', driver, name];
    const value = emission.peek(...key)!;
    const text = String(value);
    if (typeof value === 'boolean' || /[\s"'=]/.test(text) || (typeof value === 'string' && /^(?:-?\d+|0x[0-9a-f]+)$/i.test(text)))
      emission.refuse('A parameter is a number, or a text without blanks and quotes that is none.', ...key);
    else {
      const setting = emission.take(...key);
      from ??= setting;
      words.push(`${name}=${text}`);
    }
  }
  if (functions !== undefined) {
    from ??= functions.from;
    words.push(`max_vfs=${functions.text}`);
  }
  if (words.length === 0) return false;
  emission.command(
    `esxcfg-module -s "${words.join(' ')}" ${driver}`,
    from,
    'Replaces all parameters that the module had; kept over restarts.',
  );
  emission.verify(`esxcfg-module -g ${driver}`, `${driver} enabled = 1 options = '${words.join(' ')}'`);
  if (words.some((word) => word.startsWith('max_vfs='))) emission.verify('lspci | grep Chelsio', '_VF 0]');
  return true;
}

function whyNot(key: readonly string[]): string {
  if (key[0] === 'iscsi')
    return 'Discovery, addresses, names, CHAP and digests of its iSCSI adapters are set in the vSphere Client (Configure, Storage Adapters), or by the commands of esxcli.';
  if (key[0] === 'drivers') return 'It is a driver of somebody else: the commands of esxcli set its parameters.';
  if (key[0] === 'nics' && key[2] === 'sriov') return 'The port is not of a Chelsio adapter: no adapter of `adapters` lists it.';
  return 'Chelsio’s drivers and tool have no word for it: the commands of esxcli have.';
}
