import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { STORIES, storyOf } from './rules.ts';
import { sarifLog, uriOf } from './sarif.ts';

// What SARIF 2.1.0 wants of the objects that are written: the names of properties, and which of them must be there (OASIS, errata 01).
const OBJECTS: Readonly<Record<string, { readonly needs: readonly string[]; readonly may: readonly string[] }>> = {
  log: { needs: ['version', 'runs'], may: ['$schema'] },
  run: { needs: ['tool'], may: ['results', 'columnKind'] },
  tool: { needs: ['driver'], may: [] },
  toolComponent: { needs: ['name'], may: ['semanticVersion', 'rules'] },
  reportingDescriptor: {
    needs: ['id'],
    may: ['name', 'shortDescription', 'fullDescription', 'help', 'defaultConfiguration', 'properties'],
  },
  multiformatMessageString: { needs: ['text'], may: ['markdown'] },
  result: { needs: ['message'], may: ['ruleId', 'ruleIndex', 'level', 'locations', 'relatedLocations', 'partialFingerprints'] },
  message: { needs: ['text'], may: [] },
  location: { needs: [], may: ['id', 'physicalLocation', 'logicalLocations', 'message'] },
  physicalLocation: { needs: ['artifactLocation'], may: ['region'] },
  artifactLocation: { needs: ['uri'], may: [] },
  region: { needs: ['startLine'], may: ['startColumn', 'endLine', 'endColumn'] },
  logicalLocation: { needs: ['fullyQualifiedName'], may: [] },
};

function expectShape<T>(kind: string, value: T): T {
  const { needs, may } = OBJECTS[kind]!;
  const names = Object.keys(value as object);
  expect(names, kind).toEqual(expect.arrayContaining([...needs]));
  expect([...needs, ...may], kind).toEqual(expect.arrayContaining(names));
  return value;
}

interface Location {
  readonly physicalLocation: { readonly artifactLocation: unknown; readonly region: unknown };
  readonly logicalLocations?: readonly unknown[];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly Location[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}

interface Log {
  readonly version: string;
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: {
          readonly rules: readonly {
            readonly id: string;
            readonly shortDescription: unknown;
            readonly fullDescription: unknown;
            readonly help: unknown;
          }[];
        };
      };
      readonly results: readonly Result[];
    },
  ];
}

const logOf = (text: string): Log => JSON.parse(JSON.stringify(sarifLog(checkText(text, 'racks/my rack.yaml').problems, '0.1.0')));

const CARRIED_MTU = storyOf('SW-1058')!.examples.fail;

const fingerprints = (text: string): (string | undefined)[] =>
  logOf(text).runs[0].results.map((one) => one.partialFingerprints['samewireFinding/v1']);

describe('a SARIF log', () => {
  const log = logOf(CARRIED_MTU);
  const [run] = log.runs;

  it('has the objects of the standard and no others', () => {
    expectShape('log', log);
    expect(log.version).toBe('2.1.0');
    expectShape('run', run);
    for (const one of expectShape('toolComponent', expectShape('tool', run.tool).driver).rules) {
      expectShape('reportingDescriptor', one);
      for (const text of [one.shortDescription, one.fullDescription, one.help]) expectShape('multiformatMessageString', text);
    }
    for (const result of run.results) {
      expectShape('message', expectShape('result', result).message);
      expect(['error', 'warning']).toContain(result.level);
      for (const location of [...result.locations, ...(result.relatedLocations ?? [])]) {
        const { artifactLocation, region } = expectShape('physicalLocation', expectShape('location', location).physicalLocation);
        expectShape('artifactLocation', artifactLocation);
        expectShape('region', region);
        for (const logical of location.logicalLocations ?? []) expectShape('logicalLocation', logical);
      }
    }
  });

  it('has every rule once, and results that point at theirs', () => {
    const { rules } = run.tool.driver;
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    expect(rules).toHaveLength(STORIES.flatMap((family) => family.rules).length);
    for (const { ruleId, ruleIndex } of run.results) expect(rules[ruleIndex]!.id).toBe(ruleId);
  });

  it('says where, and what else is there', () => {
    const [result] = run.results;
    expect(result!.locations[0]).toEqual({
      physicalLocation: {
        artifactLocation: { uri: 'racks/my%20rack.yaml' },
        region: { startLine: 6, startColumn: 20, endLine: 6, endColumn: 24 },
      },
      logicalLocations: [{ fullyQualifiedName: 'hosts.esx1.nics.nic0.mtu' }],
    });
    expect(result!.relatedLocations).toMatchObject([
      { id: 0, physicalLocation: { region: { startLine: 9 } }, message: { text: '`tor1`' } },
    ]);
    expect(result!.message.text).toMatch(/^`esx1:nic0` sends packets of up to 9000 bytes.*Write `mtu: 1500`/);
  });

  it('gives a finding the same fingerprint on another line, and different ones to different findings', () => {
    const before = fingerprints(CARRIED_MTU);
    expect(before[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(fingerprints(`# moved\n\n${CARRIED_MTU}`)).toEqual(before);
    expect(fingerprints(CARRIED_MTU.replaceAll('esx1', 'esx2'))).not.toEqual(before);
    const twice = fingerprints('version: 1\nname: x\nname: x\nname: x\n');
    expect([twice.length, new Set(twice).size]).toEqual([2, 2]);
  });
});

it('writes names of files as references', () => {
  expect(['a.yaml', '<stdin>', 'a\\b c.yaml', '/etc/f#1.yaml', 'C:\\f.yaml', 'rack:1.yaml', 'r/\ud800.yaml'].map(uriOf)).toEqual([
    'a.yaml',
    '%3Cstdin%3E',
    'a/b%20c.yaml',
    'file:///etc/f%231.yaml',
    'file:///C:/f.yaml',
    './rack:1.yaml',
    'r/%EF%BF%BD.yaml',
  ]);
});
