/** A fabric of 500 nodes and 2,000 links as a declaration: hosts with four legs each, leaves, spines, and an array behind a leaf. */

export const LARGE = { hosts: 435, leaves: 52, spines: 12, nodes: 500, links: 2000 } as const;

const NICS = 4;

/** YAML text. Everything is on one network, which spanning tree keeps free of loops. */
export function largeFabric(): string {
  const { hosts, leaves, spines, links: linksMax } = LARGE;
  const portsOf = new Map<string, number>();
  const port = (node: string): string => {
    const number = (portsOf.get(node) ?? 0) + 1;
    portsOf.set(node, number);
    return `${node}:${number}`;
  };
  const leaf = (index: number): string => `leaf${index % leaves}`;
  const links: string[] = [];
  for (let host = 0; host < hosts; host += 1)
    for (let nic = 0; nic < NICS; nic += 1) links.push(`[host${host}:nic${nic}, ${port(leaf(host * NICS + nic))}]`);
  links.push(`[array1:eth0, ${port(leaf(0))}]`);
  // Each leaf to spines in turn, until there are as many links as there are to be.
  for (let one = 0; links.length < linksMax; one += 1)
    links.push(`[${port(leaf(one))}, ${port(`spine${(one + Math.floor(one / leaves)) % spines}`)}]`);
  return [
    'version: 1',
    'name: large',
    'switches:',
    ...[...portsOf].map(
      ([name, ports]) =>
        `  ${name}: { speed: 25G, spanningTree: { priority: ${name.startsWith('spine') ? 4096 : 32768} }, ports: { 1-${ports}: {} } }`,
    ),
    'hosts:',
    ...Array.from({ length: hosts }, (_, host) =>
      [
        `  host${host}:`,
        '    nics:',
        ...Array.from({ length: NICS }, (_, nic) => `      nic${nic}: { addresses: [${nic === 0 ? `${addressOf(host)}.1/8` : ''}] }`),
      ].join('\n'),
    ),
    'arrays:',
    '  array1:',
    '    nics: { eth0: { addresses: [10.255.0.1/8] } }',
    '    portals: ["10.255.0.1:3260"]',
    '    targets: { "iqn.2026-01.net.samewire:large": { luns: [{ store: memory, size: 64MiB }] } }',
    'links:',
    ...links.map((link) => `  - ${link}`),
    '',
  ].join('\n');
}

const addressOf = (index: number): string => `10.${index >> 8}.${index & 255}`;
