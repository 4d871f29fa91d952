import { describe, expect, it } from 'vitest';
import { differences } from '../core/diff.ts';
import { keyText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { generateHost } from '../testing/generate-host.ts';
import { esxcli } from './index.ts';
import { commands } from './read-commands.ts';

describe('commands of esxcli', () => {
  it('say 40 hosts so that they can be read back', () => {
    expect(broken('esxcli', 40)).toBeUndefined();
  });

  it('refuse only what ESXi can not have', () => {
    const refused = new Map<string, number>();
    for (let seed = 1; seed <= 100; seed += 1)
      for (const { setting, why } of esxcli.emit(generateHost(seed, 'esxi').node).unsaid) {
        expect(why.length).toBeGreaterThan(10);
        if (esxcli.says(setting.key)) refused.set(setting.key.at(-1)!, 1);
      }
    // Values it does not take; everything else it has words for is said.
    expect([...refused.keys()].toSorted()).toEqual(['commands', 'immediateData', 'initialR2T', 'mtu', 'pingTimeoutNanos', 'transport']);
  });

  it('show a word that somebody changed, and keep a line that nobody knows', () => {
    const made = generateHost(7, 'esxi');
    const text = esxcli.emit(made.node).commands.map((command) => command.text);
    const at = text.findIndex((line) => line.includes('portgroup add'));
    expect(at).toBeGreaterThan(-1);
    const changed = text.map((line) => line.replace('--vswitch-name=vSwitch0', '--vswitch-name=vSwitch9'));
    const found = differences(made.node, commands.read(changed.join('\n'), { file: 'typed', port: undefined })).map(({ key }) => key);
    expect(found.some((key) => key.startsWith('virtualSwitches.vSwitch9'))).toBe(true);
    const more = commands.read([...text.slice(0, 1), 'esxcli network frobnicate --now', ...text.slice(1)].join('\n'), {
      file: 'typed',
      port: undefined,
    });
    expect(more.unknown).toEqual([{ line: 2, text: 'esxcli network frobnicate --now' }]);
    expect(more.settings.map(({ key }) => keyText(key)).length).toBeGreaterThan(3);
  });
});
