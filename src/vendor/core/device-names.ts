/** Adapter ports whose declaration says what the operating system calls them (`device`): outputs have that name. */
import type { DeclaredNode } from './dialect.ts';
import type { Setting } from './setting.ts';

/** Values that are names of ports. */
const REFERENCES: readonly string[] = ['nics', 'uplinks', 'active', 'standby', 'unused', 'uplink', 'nic'];

/** A declared setting in the words of the device. */
export function deviceWords(declared: DeclaredNode): (setting: Setting) => Setting {
  const devices = new Map<string, string>();
  for (const { key, value } of declared.settings)
    if (key.length === 3 && key[0] === 'nics' && key[2] === 'device' && typeof value === 'string') devices.set(key[1]!, value);
  if (devices.size === 0) return (setting) => setting;
  const named = <Step>(step: Step): Step | string => (typeof step === 'string' ? (devices.get(step) ?? step) : step);
  return (setting) => {
    const { key, value } = setting;
    const isReference = REFERENCES.includes(key.at(-1)!);
    return {
      ...setting,
      key: key[0] === 'nics' ? [key[0], ...key.slice(1, 2).map(named), ...key.slice(2)] : key,
      value: !isReference ? value : Array.isArray(value) ? (value as readonly (string | number)[]).map(named) : named(value as string),
    };
  };
}
