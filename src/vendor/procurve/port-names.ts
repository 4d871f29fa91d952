/**
 * Ports of ProCurve switches: `17` on a fixed one, `A1` in a module, `1/17` or `1/A1` in a stack, `Trk1` for a trunk. A fabric file calls them the same, but
 * trunks in small letters (`trk1`).
 */

import type { Setting } from '../core/setting.ts';

const PORT = /^(?:\d{1,2}\/)?[A-La-l]?\d{1,3}$/;
const TRUNK = /^trk\d{1,3}$/i;
/** Ports of one list; a switch has fewer. */
const PORTS_MAX = 1024;

export const isPort = (name: string): boolean => PORT.test(name);
export const isTrunk = (name: string): boolean => TRUNK.test(name);

/** As the switch writes it. */
export const portText = (name: string): string => (isTrunk(name) ? `Trk${name.slice(3)}` : name.toUpperCase());
/** As a fabric file has it. */
export const portName = (text: string): string => (isTrunk(text) ? text.toLowerCase() : text.toUpperCase());

/** A declared setting with its ports and trunks as the outputs have them: `Trk1` is `trk1`, `a1` is `A1`. */
export function spelled(setting: Setting): Setting {
  const [section, name, ...rest] = setting.key;
  if ((section !== 'ports' && section !== 'aggregations') || name === undefined || !(isPort(name) || isTrunk(name))) return setting;
  const { value } = setting;
  const isList = section === 'aggregations' && rest[0] === 'ports' && Array.isArray(value);
  return {
    ...setting,
    key: [section, portName(name), ...rest],
    ...(isList ? { value: (value as readonly (string | number)[]).map((port) => portName(`${port}`)) } : {}),
  };
}

/** Ports of a list such as `1-6,21-24,A1-A2,Trk1-Trk4`; undefined: it is none. */
export function portsOf(list: string): readonly string[] | undefined {
  const ports: string[] = [];
  for (const part of list.split(',')) {
    const [first, last, ...more] = part.split('-');
    if (first === undefined || more.length > 0 || !(isPort(first) || isTrunk(first))) return undefined;
    if (last === undefined) {
      ports.push(portName(first));
      continue;
    }
    const [from, to] = [split(first), split(last)];
    if (from === undefined || to === undefined || from.lead.toLowerCase() !== to.lead.toLowerCase() || to.number < from.number)
      return undefined;
    if (to.number - from.number + ports.length > PORTS_MAX) return undefined;
    for (let number = from.number; number <= to.number; number += 1) ports.push(portName(`${from.lead}${number}`));
  }
  return ports;
}

function split(text: string): { readonly lead: string; readonly number: number } | undefined {
  const match = /^((?:\d{1,2}\/)?(?:[A-Za-z]|[Tt]rk|TRK)?)(\d{1,3})$/.exec(text);
  return match === null ? undefined : { lead: match[1]!, number: Number(match[2]) };
}
