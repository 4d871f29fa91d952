import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check/check-fabric.ts';
import { loadFabric } from '../../fabric/load.ts';
import { declaredNode, declaredNodes } from '../core/declared.ts';
import type { Dialect } from '../core/dialect.ts';
import { keyText } from '../core/setting.ts';
import { DIALECTS } from '../dialects.ts';
import { recognise } from '../recognise.ts';
import { generateArray } from '../testing/generate-array.ts';
import { generateHost } from '../testing/generate-host.ts';
import { generateSwitch, type PortStyle } from '../testing/generate-switch.ts';
import type { Generated } from '../testing/generated.ts';
import { compare } from './compare.ts';
import { fabricText } from './fabric-text.ts';
import { gather } from './gather.ts';

const STYLES: Readonly<Record<string, PortStyle>> = { onyx: 'slot', nxos: 'ethernet', ios: 'gigabit', procurve: 'number' };
const SYSTEMS: Readonly<Record<string, 'linux' | 'windows' | 'esxi'>> = { powershell: 'windows', esxcli: 'esxi', chelsio: 'esxi' };

function generate(dialect: Dialect, seed: number): Generated {
  if (dialect.kinds.includes('switch')) return generateSwitch(seed, { style: STYLES[dialect.name] ?? 'slot' });
  if (dialect.name === 'chelsio') return generateHost(seed, 'esxi', { drivers: { cxl: { max_vfs: ['2,2', '0,3,,4,0'], rss_q: [1, 16] } } });
  if (dialect.kinds.includes('host')) return generateHost(seed, SYSTEMS[dialect.name] ?? 'linux');
  return generateArray(seed);
}

const rulesOf = (text: string): string[] => [...new Set(checkText(text, 'fabric.yaml').problems.map(({ rule }) => rule))];

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))('what `%s` renders', (name, dialect) => {
  it('is recognised, imported without a mistake, and the same again, 50 nodes', () => {
    let nodes = 0;
    for (let seed = 0; seed < 50; seed += 1) {
      const made = generate(dialect, seed);
      const text = dialect
        .emit(made.node)
        .commands.map((command) => command.text)
        .join('\n');
      // Of a line or two nobody can say what they are.
      if (text.split('\n').length < (name === 'chelsio' ? 2 : 3)) continue;
      const known = seed % 5 === 0 ? recognise(text, DIALECTS) : undefined;
      const about = `${made.replay}\n${text}`;
      if (known !== undefined) expect(typeof known === 'string' ? known : known.dialect.name, about).toBe(name);
      const gathered = gather([{ file: 'node.txt', text, node: made.node.name, port: undefined }], [dialect]);
      expect(gathered.mistakes, about).toEqual([]);
      const [source] = gathered.nodes[0]!.sources;
      expect(source!.reading.unknown, about).toEqual([]);
      const yaml = fabricText(gathered, 'imported');
      const { fabric, problems } = loadFabric(yaml, 'imported.yaml');
      expect(problems, `${about}\n${yaml}`).toEqual([]);
      // Rules find in it what they find in the declaration, and nothing else; of a host one output tells a part only.
      if (seed % 10 === 0 && !dialect.kinds.includes('host'))
        expect(
          rulesOf(yaml).filter((rule) => !rulesOf(made.yaml()).includes(rule)),
          `${about}\n${yaml}`,
        ).toEqual([]);
      const again = declaredNode(fabric!, made.node.name)!;
      const left = compare(again, source!).map(({ kind, key }) => `${kind} ${key}`);
      expect(left, `${about}\n${yaml}`).toEqual([]);
      nodes += 1;
    }
    expect(nodes).toBeGreaterThan(name === 'chelsio' ? 5 : 25);
  });
});

describe("the project's own examples", () => {
  const files = readdirSync('fabrics').filter((file) => file.endsWith('.yaml'));

  it.each(files)('%s: what is rendered of its nodes is what they are declared as', (file) => {
    const { fabric } = loadFabric(readFileSync(`fabrics/${file}`, 'utf8'), file);
    for (const node of declaredNodes(fabric!))
      for (const dialect of DIALECTS.filter(({ kinds }) => kinds.includes(node.kind))) {
        const os = fabric!.hosts.find(({ name }) => name === node.name)?.machine.os;
        if (os !== undefined && os !== (SYSTEMS[dialect.name] ?? 'linux')) continue;
        const { commands, unsaid } = dialect.emit(node);
        if (commands.length === 0) continue;
        const text = commands.map((command) => command.text).join('\n');
        const gathered = gather([{ file: 'x', text, node: node.name, port: undefined }], [dialect]);
        const about = `${node.name} as ${dialect.name}\n${text}`;
        expect(gathered.mistakes, about).toEqual([]);
        const [source] = gathered.nodes[0]!.sources;
        expect(source!.reading.unknown, about).toEqual([]);
        // What a product can't have is a difference that stays.
        const refused = new Set(unsaid.map(({ setting }) => keyText(setting.key)));
        const left = compare(node, source!).filter(({ key }) => !refused.has(key));
        expect(left, about).toEqual([]);
      }
  });
});
