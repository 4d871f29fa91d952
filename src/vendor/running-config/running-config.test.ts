import { describe, expect, it } from 'vitest';
import { picker } from '../testing/pick.ts';
import { generateSwitch } from '../testing/generate-switch.ts';
import { ios } from '../ios/index.ts';
import { nxos } from '../nxos/index.ts';
import { onyx } from '../onyx/index.ts';
import { commandLines, quoted, unquoted } from './command-lines.ts';
import { byNumbers, maskText, numbersOfInterfaces } from './interface-names.ts';
import { allVlans, changedVlans, cutList, isAll, noVlans, textOfVlans, vlanSet } from './vlan-set.ts';

const after = (words: string, before = '10,20-29') => {
  const vlans = changedVlans(vlanSet(before)!, words.split(' '));
  return vlans === undefined ? undefined : textOfVlans(vlans);
};

const texts = (text: string) => commandLines(text, ['!', '##']).lines.map((line) => line.text);

describe('command lines', () => {
  it('lose prompts, pagers and comments, and keep what only looks like them', () => {
    expect(
      texts(
        [
          'switch (config) # vlan 2',
          'tor1 [mlag: master] > enable',
          'sw1(config-if)# shutdown',
          '#dcb priority-flow-control enable force',
          ' --More--  mtu 9216',
          '! comment',
          'description # 5 > 3',
          '  description a # b',
          'interface ethernet 1/1 description "x # y"',
        ].join('\n'),
      ),
    ).toEqual([
      'vlan 2',
      'enable',
      'shutdown',
      'dcb priority-flow-control enable force',
      'mtu 9216',
      'description # 5 > 3',
      'description a # b',
      'interface ethernet 1/1 description "x # y"',
    ]);
  });

  it('are words, of which one can hold blanks', () => {
    const [line] = commandLines('   interface  ethernet 1/1 description "a \\"b\\" c"  ', []).lines;
    expect(line?.words).toEqual(['interface', 'ethernet', '1/1', 'description', 'a "b" c']);
    expect(line?.rest(3)).toBe('description "a \\"b\\" c"');
    expect(line?.rest(9)).toBe('');
    expect(commandLines('name "open', []).lines[0]?.words).toEqual(['name', '"open']);
    for (const text of ['', 'a', 'a "b" \\ c', '"']) expect(unquoted(quoted(text))).toBe(text);
  });
});

describe('VLANs', () => {
  it('are added to, taken from and replaced', () => {
    expect(after('add 30,40')).toBe('10,20-30,40');
    expect(after('remove 22-25')).toBe('10,20-21,26-29');
    expect(after('except 2-4094')).toBe('1');
    expect(after('5')).toBe('5');
    expect(after('none')).toBe('none');
    expect(after('all')).toBe('1-4094');
    for (const wrong of ['add', '4095', 'some', 'add x', 'all 3']) expect(after(wrong)).toBeUndefined();
  });

  it('are all of them with the one that has no tags', () => {
    expect(isAll('1-99,101-4094', 100)).toBe(true);
    expect(isAll('1-99,101-4094', undefined)).toBe(false);
    expect(textOfVlans(allVlans(), 1)).toBe('2-4094');
    expect(textOfVlans(noVlans())).toBe('none');
  });

  it('are cut into lists of lines', () => {
    expect(cutList('1,22,333,4444', 6)).toEqual(['1,22', '333', '4444']);
  });
});

describe('interfaces', () => {
  it('are numbers and ranges of numbers', () => {
    expect(numbersOfInterfaces('1/1-1/3,1/7')).toEqual(['1/1', '1/2', '1/3', '1/7']);
    expect(numbersOfInterfaces('1/0/1-3')).toEqual(['1/0/1', '1/0/2', '1/0/3']);
    expect(numbersOfInterfaces('7')).toEqual(['7']);
    for (const wrong of ['', '1/', '1/5-1/2', '1/1-2/4', '1-9999', 'x']) expect(numbersOfInterfaces(wrong)).toBeUndefined();
    expect(['1/10', '1/9', '2/1', '1/2'].toSorted(byNumbers)).toEqual(['1/2', '1/9', '1/10', '2/1']);
    expect([maskText('255.255.254.0'), maskText('/24'), maskText('255.0.255.0'), maskText(undefined)]).toEqual(['/23', '/24', '?', '']);
  });
});

const shown = (text: string) =>
  nxos.outputs[0]!.read(`vlan 2\n${text}\n`, { file: 'tor1', port: undefined }).unknown.map((one) => one.text);

describe('unknown lines', () => {
  it('are shown without the secrets in them', () => {
    expect(shown('username admin password 5 $5$NB$RQp role network-admin')).toEqual(['username admin password <hidden>']);
    expect(shown('snmp-server user admin auth md5 3328A961 priv 5216')).toEqual(['snmp-server user admin auth md5 <hidden>']);
    expect(shown('ip name-server 192.0.2.53')).toEqual(['ip name-server 192.0.2.53']);
  });
});

describe('what is no configuration', () => {
  it.each([onyx, nxos, ios])('is read without an exception, and each line of it is accounted for ($name)', (dialect) => {
    const style = dialect === ios ? 'gigabit' : 'slot';
    for (let seed = 1; seed <= 25; seed += 1) {
      const pick = picker(seed);
      const lines = dialect.emit(generateSwitch(seed, { style }).node).commands.map((one) => one.text);
      const words = lines.flatMap((line) => line.split(' '));
      const broken = lines.map((line) => {
        const own = line.split(' ');
        if (pick.maybe(0.3)) own.splice(pick.between(0, own.length - 1), 1);
        if (pick.maybe(0.3))
          own.splice(pick.between(0, own.length), 0, pick.one([...words.slice(0, 50), '', '-', '99999999999', '"', '\\', 'no']));
        return own.join(' ');
      });
      const text = pick.shuffled(broken).join('\n');
      for (const output of dialect.outputs) {
        const reading = output.read(text, { file: 'broken', port: undefined });
        expect(output.recognise(text)).toBeLessThanOrEqual(1);
        for (const { line } of [...reading.unknown, ...reading.errors]) expect(line).toBeGreaterThan(0);
        for (const { key } of reading.settings) reading.defaultOf(key);
      }
    }
  });

  it.each([
    [onyx, 'interface ethernet 1/1-1/1000 mtu 9216 force\n'],
    [nxos, 'interface Ethernet1/1-1000\n  mtu 9216\n'],
    [ios, 'vlan 1-4094\n'],
  ])('ends where lines multiply beyond all devices (case %#)', (dialect, lines) => {
    const reading = dialect.outputs[0]!.read(lines.repeat(600), { file: 'many', port: undefined });
    expect(reading.settings.length).toBeLessThanOrEqual(200_000);
    expect(reading.errors.some(({ message }) => message.includes('multiply'))).toBe(true);
  });
});
