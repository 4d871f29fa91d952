/** A configuration while its lines are read: what a port carries stands in many of them. */
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { vlanText } from '../core/say.ts';
import { isTrunk, portsOf } from './port-names.ts';
import { JUMBO_MTU_BYTES, USUAL_MTU_BYTES } from './words.ts';

interface Carried {
  line: Line;
  untagged: number | undefined;
  readonly tagged: Set<number>;
}

export class Draft {
  readonly found: Found;
  balance: { readonly line: Line; readonly value: string } | undefined;
  /** The first line of a whole configuration. */
  header: Line | undefined;
  jumboMtuBytes = JUMBO_MTU_BYTES;
  readonly #carried = new Map<string, Carried>();
  readonly #trunks = new Map<string, { readonly line: Line; readonly ports: readonly string[] }>();
  readonly #jumbo = new Map<number, Line>();
  readonly #ports = new Set<string>();

  constructor(found: Found) {
    this.found = found;
  }

  seen(ports: readonly string[]): void {
    for (const port of ports) this.#ports.add(port);
  }

  vlan(line: Line, vlan: number): void {
    const key = ['vlans', `${vlan}`, 'present'];
    // Every switch has VLAN 1.
    if (this.found.value(key) === undefined) this.found.say(line, key, true, vlan === 1);
  }

  jumbo(line: Line, vlan: number, on: boolean): void {
    if (on) this.#jumbo.set(vlan, line);
    else {
      this.#jumbo.delete(vlan);
      this.found.say(line, ['vlans', `${vlan}`, 'mtu'], USUAL_MTU_BYTES);
    }
  }

  /** A port is in one VLAN without tags: the last one that took it. */
  carry(line: Line, vlan: number, ports: readonly string[], kind: 'untagged' | 'tagged' | 'none'): void {
    this.vlan(line, vlan);
    for (const port of ports) {
      const one = this.#carried.get(port) ?? { line, untagged: undefined, tagged: new Set<number>() };
      this.#carried.set(port, one);
      one.line = line;
      if (kind === 'tagged') one.tagged.add(vlan);
      else one.tagged.delete(vlan);
      if (kind === 'untagged') one.untagged = vlan;
      else if (one.untagged === vlan) one.untagged = undefined;
    }
  }

  /** `trunk 1-4 trk1 lacp`; without a type it is `trunk`. */
  trunk(line: Line, words: readonly string[]): boolean {
    const ports = portsOf(words[1] ?? '');
    const name = (words[2] ?? '').toLowerCase();
    const type = (words[3] ?? 'trunk').toLowerCase();
    if (ports === undefined || !isTrunk(name) || (type !== 'trunk' && type !== 'lacp')) return false;
    this.#trunks.set(name, { line, ports: [...(this.#trunks.get(name)?.ports ?? []), ...ports] });
    // A port that joins loses its VLANs.
    for (const port of ports) this.#carried.delete(port);
    this.found.say(line, ['aggregations', name, 'mode'], type === 'lacp' ? 'lacp' : 'static');
    if (type === 'lacp') this.found.say(line, ['aggregations', name, 'active'], true, true);
    return true;
  }

  settle(): void {
    for (const [name, { line, ports }] of this.#trunks) {
      this.found.say(line, ['aggregations', name, 'ports'], ports);
      if (this.balance !== undefined) this.found.say(this.balance.line, ['aggregations', name, 'hash'], this.balance.value, true);
    }
    for (const [port, { line, untagged, tagged }] of this.#carried) {
      const key = [isTrunk(port) ? 'aggregations' : 'ports', port];
      const list = vlanText([...tagged].map((vlan) => ({ first: vlan, last: vlan })));
      // Ports in VLAN 1 alone are as they came.
      const quiet = untagged === 1 && tagged.size === 0;
      this.found.say(line, [...key, 'untagged'], untagged ?? 'none', quiet);
      this.found.say(line, [...key, 'tagged'], list, quiet);
    }
    for (const [vlan, line] of this.#jumbo) this.found.say(line, ['vlans', `${vlan}`, 'mtu'], this.jumboMtuBytes);
  }
}
