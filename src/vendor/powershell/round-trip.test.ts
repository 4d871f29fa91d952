import { describe, expect, it } from 'vitest';
import { differences } from '../core/diff.ts';
import { keyText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { generateHost } from '../testing/generate-host.ts';
import { powershell } from './index.ts';
import { script } from './read-script.ts';

describe('cmdlets', () => {
  it('say 40 hosts so that they can be read back', () => {
    expect(broken('powershell', 40)).toBeUndefined();
  });

  it('refuse only what Windows can not have', () => {
    const refused = new Set<string>();
    for (let seed = 1; seed <= 100; seed += 1)
      for (const { setting, why } of powershell.emit(generateHost(seed, 'windows').node).unsaid) {
        expect(why.length).toBeGreaterThan(10);
        if (powershell.says(setting.key)) refused.add(setting.key.at(-1)!);
      }
    // Several VLANs of one adapter, iSER, both ways of digests, names of classes and of targets that Windows has no place for.
    expect([...refused].toSorted()).toEqual([
      'addresses',
      'autoconfigure',
      'dhcp',
      'dscp',
      'headerDigest',
      'mtu',
      'name',
      'present',
      'secret',
      'transport',
      'user',
    ]);
  });

  it('show a word that somebody changed, and keep a line that nobody knows', () => {
    const made = generateHost(3, 'windows');
    const text = powershell.emit(made.node).commands.map((command) => command.text);
    expect(text.some((line) => line.includes('*JumboPacket'))).toBe(true);
    const changed = text.map((line) => line.replace(/(JumboPacket" -RegistryValue) \d+/, '$1 4088'));
    const found = differences(made.node, script.read(changed.join('\n'), { file: 'typed', port: undefined }));
    expect(found.some(({ kind, key }) => kind === 'differs' && key.endsWith('.mtu'))).toBe(true);
    const more = script.read(['Set-NetFrobnication -Now', ...text].join('\n'), { file: 'typed', port: undefined });
    expect(more.unknown).toEqual([{ line: 1, text: 'Set-NetFrobnication -Now' }]);
    expect(more.settings.map(({ key }) => keyText(key)).length).toBeGreaterThan(3);
  });
});
