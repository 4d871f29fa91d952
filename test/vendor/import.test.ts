/** What is rendered is imported again, 50 nodes of every dialect, or SAMEWIRE_RUNS. A failure says the call that makes its node again. */
import { expect, it } from 'vitest';
import { DIALECTS } from '../../src/vendor/dialects.ts';
import { lostInImport } from '../../src/vendor/testing/lost-in-import.ts';

const NODES = Number(process.env['SAMEWIRE_RUNS'] ?? 50);

it.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  `what \`%s\` renders is imported again, ${NODES} nodes`,
  (_, dialect) => {
    expect(lostInImport(dialect, NODES)).toBeUndefined();
  },
);
