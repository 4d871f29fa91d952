/** A port that can be two things has the speeds of the one that it is. */
import { describe, expect, it } from 'vitest';
import { loadFabric } from '../load.ts';
import { nicSpeeds } from './nic-speeds.ts';

function speeds(model: string, settings: string): readonly number[] | undefined {
  const text = `version: 1\nname: x\nhosts:\n  a:\n    adapters: { s: { model: ${model}, ports: [p] } }\n    nics: { p: { ${settings} } }\n`;
  const { machine } = loadFabric(text, 'x.yaml').fabric!.hosts[0]!;
  return nicSpeeds(machine, machine.nics[0]!)?.map((rate) => rate / 1e9);
}

describe('speeds of a port', () => {
  it.each([
    ['ConnectX-2', '', [10]],
    ['ConnectX-2', 'portType: infiniband', [10, 20, 40]],
    ['ConnectX-2', 'portType: auto', [10, 20, 40]],
    ['mellanox-connectx-en', 'portType: auto', [10]],
    ['mellanox-connectx-en', 'portType: infiniband', undefined],
    ['generic', '', undefined],
    ['generic', 'portType: auto', undefined],
    ['emulex-16gfc', '', undefined],
  ])('%s, %s', (model, settings, expected) => expect(speeds(model, settings)).toEqual(expected));
});
