/** Single ports: names, speeds, pause frames, spanning tree. */
import type { Emission } from '../core/emission.ts';
import type { Setting } from '../core/setting.ts';
import { isPort, portText } from './port-names.ts';
import { SPEEDS } from './words.ts';

/** What a port or a trunk has from the switch is said there. */
export function takeCommonMap(emission: Emission, key: readonly string[]): void {
  for (const dscp of emission.names(...key, 'dcb', 'dscp')) {
    const isCommon = emission.peek('dcb', 'dscp', dscp) === emission.peek(...key, 'dcb', 'dscp', dscp);
    if (isCommon) emission.take(...key, 'dcb', 'dscp', dscp);
    else emission.refuse('The map is one of the whole switch.', ...key, 'dcb', 'dscp', dscp);
  }
}

export function emitPorts(emission: Emission): void {
  for (const port of emission.names('ports')) {
    if (!isPort(port)) continue;
    const key = ['ports', port];
    const lines: [string, Setting | undefined][] = [...nameLines(emission, key), ...hardwareLines(emission, key)];
    takeCommonMap(emission, key);
    const trust = emission.setting(...key, 'dcb', 'trust');
    if (trust?.value === 'both') emission.refuse('A port trusts the tag or the DSCP.', ...key, 'dcb', 'trust');
    else if (trust !== undefined) {
      lines.push([`qos trust ${trust.value === 'pcp' ? 'dot1p' : 'dscp'}`, emission.take(...key, 'dcb', 'trust')]);
      // What is said of the switch is said of its ports.
      emission.take('dcb', 'trust');
    }
    emission.refuse('Jumbo frames are a matter of VLANs here: say `mtu` at them.', ...key, 'mtu');
    if (lines.length > 0) {
      emission.command(`interface ${portText(port)}`);
      for (const [text, from] of lines) emission.command(`   ${text}`, from);
      emission.command('   exit');
    }
    emitTree(emission, key, portText(port));
  }
}

function nameLines(emission: Emission, key: readonly string[]): [string, Setting | undefined][] {
  const lines: [string, Setting | undefined][] = [];
  const name = emission.setting(...key, 'description');
  if (name !== undefined && !/^[^"\\~\n]{1,64}$/.test(String(name.value)))
    emission.refuse('Names of ports have at most 64 characters.', ...key, 'description');
  else if (name !== undefined) lines.push([`name "${String(name.value)}"`, emission.take(...key, 'description')]);
  const disabled = emission.take(...key, 'disabled');
  if (disabled !== undefined) lines.push([disabled.value === true ? 'disable' : 'enable', disabled]);
  return lines;
}

function hardwareLines(emission: Emission, key: readonly string[]): [string, Setting | undefined][] {
  const lines: [string, Setting | undefined][] = [];
  const speed = emission.setting(...key, 'speed');
  const word = SPEEDS.get(Number(speed?.value) / 1e6);
  if (word === undefined) emission.refuse('`speed-duplex` has no word for it.', ...key, 'speed');
  else lines.push([`speed-duplex ${word}`, emission.take(...key, 'speed')]);
  const pause = emission.setting(...key, 'flowControl');
  if (pause?.value === 'both') lines.push(['flow-control', emission.take(...key, 'flowControl')]);
  else if (pause?.value === 'none') lines.push(['no flow-control', emission.take(...key, 'flowControl')]);
  else emission.refuse('A port has pause frames both ways, or none.', ...key, 'flowControl');
  return lines;
}

function emitTree(emission: Emission, key: readonly string[], port: string): void {
  const tree = [...key, 'spanningTree'];
  const edge = emission.take(...tree, 'edge');
  if (edge?.value === true) emission.command(`spanning-tree ${port} admin-edge-port`, edge);
  else if (edge !== undefined) emission.command(`no spanning-tree ${port} auto-edge-port`, edge);
  const cost = emission.take(...tree, 'cost');
  if (cost !== undefined) emission.command(`spanning-tree ${port} path-cost ${String(cost.value)}`, cost);
  const guard = emission.take(...tree, 'bpduGuard');
  if (guard !== undefined) emission.command(`spanning-tree ${port} bpdu-protection`, guard);
  const root = emission.take(...tree, 'rootGuard');
  if (root !== undefined) emission.command(`spanning-tree ${port} root-guard`, root);
}
