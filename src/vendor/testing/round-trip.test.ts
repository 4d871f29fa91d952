import { describe, expect, it } from 'vitest';
import type { Dialect, Reading } from '../core/dialect.ts';
import { splitLines } from '../core/lines.ts';
import { generateSwitch } from './generate-switch.ts';
import { roundTrip } from './round-trip.ts';

/** Says descriptions of ports, a line each. */
const toy: Dialect = {
  name: 'toy',
  product: 'none',
  source: 'none',
  kinds: ['switch'],
  says: (key) => key[0] === 'ports' && key[2] === 'description',
  emit: (node) => ({
    commands: node.settings
      .filter(({ key }) => toy.says(key))
      .map(({ key, value, from }) => ({ text: `${key[1]}=${String(value)}`, from: from.kind === 'declared' ? from.at : undefined })),
    verification: [],
    files: [],
    unsaid: [],
  }),
  outputs: [],
};

const read = (text: string): Reading => {
  const parts = splitLines(text).lines.filter((line) => line.text !== '');
  return {
    node: undefined,
    kind: 'switch',
    settings: parts
      .filter((line) => line.text.includes('='))
      .map(({ text: line, number }) => ({
        key: ['ports', line.split('=')[0]!, 'description'],
        value: line.split('=')[1]!,
        from: { kind: 'output', file: 'toy', line: number },
      })),
    unknown: parts.filter((line) => !line.text.includes('=')).map(({ number, text: line }) => ({ line: number, text: line })),
    errors: [],
    covers: (key) => toy.says(key),
    defaultOf: () => undefined,
  };
};

const output = { name: 'toy', recognise: () => 1, read };
const made = generateSwitch(4, { style: 'slot' });

describe('round trip', () => {
  it('is silent where all comes back', () => {
    expect(roundTrip(toy, output, made)).toBeUndefined();
  });

  it('names what is lost, what differs and what nobody said, and how to make it again', () => {
    const first = toy.emit(made.node).commands[0]!.text;
    const [port, value] = first.split('=');
    const changed = (text: string) => roundTrip(toy, output, made, { text: () => text });
    expect(changed('')).toContain(`missing: ports.${port}.description = ${value}`);
    expect(changed(`${port}=other`)).toContain(`line 1: ports.${port}.description = ${value} was read as other`);
    expect(changed('9/9=spare')).toContain('line 1: ports.9/9.description = spare, which nobody declared');
    expect(changed('what is this')).toContain('line 1 is unknown: what is this');
    expect(changed('')).toContain('generateSwitch(4, {"style":"slot"})');
  });

  it('takes no excuse of an output that covers nothing', () => {
    const blind = { ...output, read: (text: string): Reading => ({ ...read(text), covers: () => false }) };
    expect(roundTrip(toy, blind, made, { text: () => '' })).toContain('neither read nor covered');
    expect(roundTrip(toy, blind, made, { text: () => '', only: () => false })).toBeUndefined();
  });
});
