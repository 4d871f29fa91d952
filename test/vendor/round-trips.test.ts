/** What a dialect makes of a node, read back, is the node: 500 nodes of each, or SAMEWIRE_RUNS. A failure says the call that makes its node again. */
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../src/vendor/dialects.ts';
import { broken, gateNames } from '../../src/vendor/testing/gates.ts';

const NODES = Number(process.env['SAMEWIRE_RUNS'] ?? 500);

describe('round trips', () => {
  it.each(gateNames)(`bring back ${NODES} nodes: %s`, (name) => {
    expect(broken(name, NODES)).toBeUndefined();
  });

  it('are there for every dialect', () => {
    expect(DIALECTS.filter(({ name }) => !gateNames.some((gate) => gate === name))).toEqual([]);
  });
});
