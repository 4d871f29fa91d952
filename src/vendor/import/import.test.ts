import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadFabric } from '../../fabric/load.ts';
import { declaredNodes } from '../core/declared.ts';
import { keyText } from '../core/setting.ts';
import { DIALECTS } from '../dialects.ts';
import { lostInImport } from '../testing/lost-in-import.ts';
import { compare } from './compare.ts';
import { gather } from './gather.ts';

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))('what `%s` renders', (_, dialect) => {
  it('is recognised, imported without a mistake, and the same again, 10 nodes', () => {
    expect(lostInImport(dialect, 10)).toBeUndefined();
  });
});

describe("the project's own examples", () => {
  const files = readdirSync('fabrics').filter((file) => file.endsWith('.yaml'));

  it.each(files)('%s: what is rendered of its nodes is what they are declared as', (file) => {
    const { fabric } = loadFabric(readFileSync(`fabrics/${file}`, 'utf8'), file);
    for (const node of declaredNodes(fabric!))
      for (const dialect of DIALECTS.filter(({ kinds }) => kinds.includes(node.kind))) {
        const os = fabric!.hosts.find(({ name }) => name === node.name)?.machine.os;
        if (os !== undefined && os !== (dialect.system ?? 'linux')) continue;
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
