/** Where an initiator on this machine gets in: what is published, and arrays that use the network of this machine. */
import type { Topology } from '../../../src/server/page.ts';

/** What the description of such an array begins with. */
const LISTENS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]):\d{1,5}(?=,|$)/;

export function entrances({ nodes, links }: Topology): string[] {
  const wired = new Set(links.filter(({ kind }) => kind === 'link').flatMap(({ ends }) => ends.map(({ node }) => node)));
  return nodes.flatMap(({ id, kind, description }) => {
    if (kind === 'published') return [id.replace(/^published /, '')];
    const listens = kind === 'array' && !wired.has(id) ? LISTENS.exec(description)?.[0] : undefined;
    // From here, "every address" is reached on loopback.
    return listens === undefined ? [] : [listens.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:')];
  });
}
