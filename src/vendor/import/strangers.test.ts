import { describe, expect, it } from 'vitest';
import { loadFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { DIALECTS } from '../dialects.ts';
import { compare } from './compare.ts';
import { fabricText } from './fabric-text.ts';
import { gather } from './gather.ts';

/** As "Demartek RoCE Deployment Guide" prints it. */
const LISTED = '10.0.8.252:3260,1 iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c\n';
const gathered = (text: string, port?: string) => gather([{ file: 'initiator.discovery.txt', text, node: 'lin1', port }], DIALECTS);

function differencesTo(host: string, text: string): string[] {
  const { fabric, problems } = loadFabric(
    `version: 1
name: example
hosts:
  lin1: { os: linux, iscsi: ${host} }
arrays:
  array1:
    nics: { p1: { addresses: [10.0.8.252/24] } }
    portals: ["10.0.8.252:3260"]
    targets: { "iqn.2003-01.org.linux-iscsi.dmrk-srvr-d.x8664:sn.cdf664e56d8c": { luns: [{ store: memory, size: 1MiB }] } }
`,
    'fabric.yaml',
  );
  if (fabric === undefined) throw new Error(JSON.stringify(problems));
  const [source] = gathered(text).nodes[0]!.sources;
  return compare(declaredNode(fabric, 'lin1')!, source!).map(({ kind, key }) => `${kind} ${key}`);
}

const adapter = (rest: string): string => `{ iser: { initiator: "iqn.1994-05.com.redhat:lin1", transport: iser, ${rest} } }`;

describe('targets that a server named', () => {
  it('are imported where nothing else says that the host has them', () => {
    const text = fabricText(gathered(LISTED), 'x');
    expect(text).toContain('iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c');
    expect(text).toContain('10.0.8.252:3260');
  });

  it('are compared with those of the only adapter of the host, and told where nobody in the fabric has them', () => {
    const key = 'iscsi.iser.targets."iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c"';
    expect(differencesTo(adapter('discovery: [array1]'), LISTED)).toEqual([`undeclared ${key}.present`]);
    const own = 'targets: [{ name: "iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c", address: "10.0.8.252:3260" }]';
    expect(differencesTo(adapter(own), LISTED)).toEqual([]);
    expect(differencesTo(adapter(own), LISTED.replace('252:3260', '253:3260'))).toEqual([`differs ${key}.address`]);
    expect(differencesTo(adapter('discovery: [array1]'), LISTED.replace('dmrtek', 'dmrk'))).toEqual([]);
    // Whom a server outside of the fabric names is nobody's business.
    expect(differencesTo(adapter('discovery: ["10.0.9.9:3260"]'), LISTED)).toEqual([]);
  });

  it('have a name of their own where two adapters may be meant', () => {
    const two = '{ a: { initiator: "iqn.1994-05.com.redhat:a" }, b: { initiator: "iqn.1994-05.com.redhat:b" } }';
    expect(differencesTo(two, 'InitiatorName=iqn.1994-05.com.redhat:b\n')).toEqual([]);
    expect(differencesTo(two, 'InitiatorName=iqn.1994-05.com.redhat:c\n')).toEqual(['undeclared iscsi.default.initiator']);
    expect(differencesTo(adapter('discovery: [array1]'), 'InitiatorName=iqn.1994-05.com.redhat:c\n')).toEqual([
      'differs iscsi.iser.initiator',
    ]);
  });

  it('of which the file says nothing are counted', () => {
    const [node] = gathered('10.0.8.252:3260 via sendtargets\n10.0.8.252:3260,1 iqn.2003-01.org.example:t\n').nodes;
    expect(node!.leftOut.map(({ key }) => key.at(-1))).toEqual(expect.arrayContaining(['present', 'address']));
  });
});
