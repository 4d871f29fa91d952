import { describe, expect, it } from 'vitest';
import { addressOf, configWords, type ConfigWords } from './testing/adapter-bench.ts';
import { KnownTargets } from './known-targets.ts';

const DISK = 'iqn.2026-01.net.example:disk';
const OTHER = 'iqn.2026-01.net.example:other';
const SERVER = '192.0.2.1:3260';
const SECOND_SERVER = '192.0.2.9:3260';

const known = (words: ConfigWords, targetsMax = 100): KnownTargets => {
  const targets = new KnownTargets(targetsMax);
  targets.configure(configWords(words));
  return targets;
};

const found = (name: string, ...portals: string[]) => ({ name, portals: portals.map((text) => ({ ...addressOf(text), groupTag: 1 })) });

const shown = (targets: KnownTargets): string[] =>
  targets.all().map(({ name, address, isStatic, servers, channel, target }) => {
    const kind = [isStatic ? 'static' : '', ...servers].filter((part) => part !== '').join(' ');
    return `C${channel}:T${target} ${name.split(':')[1]} ${address.host} ${kind}`;
  });

describe('the targets an adapter knows', () => {
  it('are those it was given and those that servers name, each with a number of its own', () => {
    const targets = known({ servers: [SERVER], targets: [['192.0.2.5:3260', OTHER]] });
    targets.handleFound(SERVER, [found(DISK, SERVER, '192.0.2.2:3260'), found(OTHER, '192.0.2.5:3260', '192.0.2.6:3260')]);
    expect(shown(targets)).toEqual([
      `C0:T0 other 192.0.2.5 static ${SERVER}`,
      `C1:T0 other 192.0.2.6 ${SERVER}`,
      `C0:T1 disk 192.0.2.1 ${SERVER}`,
      `C1:T1 disk 192.0.2.2 ${SERVER}`,
    ]);
  });

  it('stay as static ones when their server is removed, until they are removed too', () => {
    const targets = known({ servers: [SERVER] });
    targets.handleFound(SERVER, [found(DISK, SERVER)]);
    targets.configure(configWords({}));
    expect(shown(targets)).toEqual(['C0:T0 disk 192.0.2.1 static']);
    expect(targets.sweep(() => false)).toEqual([]);
    expect(targets.forget({ name: DISK, address: addressOf(SERVER) })).toBe(true);
    // In use or not: somebody wanted it gone.
    expect(targets.sweep(() => true)).toHaveLength(1);
    expect(shown(targets)).toEqual([]);
  });

  it('stay dynamic as long as another server names them', () => {
    const targets = known({ servers: [SERVER, SECOND_SERVER] });
    targets.handleFound(SERVER, [found(DISK, SERVER)]);
    targets.handleFound(SECOND_SERVER, [found(DISK, SERVER)]);
    targets.configure(configWords({ servers: [SECOND_SERVER] }));
    expect(shown(targets)).toEqual([`C0:T0 disk 192.0.2.1 ${SECOND_SERVER}`]);
    expect(targets.forget({ name: DISK, address: addressOf(SERVER) })).toBe(false);
  });

  it('are static no more when they are given no more, and gone unless a server names them', () => {
    const targets = known({
      servers: [SERVER],
      targets: [
        [SERVER, DISK],
        [SERVER, OTHER],
      ],
    });
    targets.handleFound(SERVER, [found(DISK, SERVER)]);
    targets.configure(configWords({ servers: [SERVER] }));
    expect(targets.sweep(() => true).map(({ name }) => name)).toEqual([OTHER]);
    expect(shown(targets)).toEqual([`C0:T0 disk 192.0.2.1 ${SERVER}`]);
  });

  it('are gone when their server names them no more, but not from under anybody', () => {
    const targets = known({ servers: [SERVER] });
    targets.handleFound(SERVER, [found(DISK, SERVER), found(OTHER, SERVER)]);
    targets.handleFound(SERVER, []);
    expect(targets.sweep(({ name }) => name === DISK).map(({ name }) => name)).toEqual([OTHER]);
    expect(shown(targets)).toEqual(['C0:T0 disk 192.0.2.1 ']);
    targets.handleFound(SERVER, [found(DISK, SERVER)]);
    expect(targets.sweep(() => false)).toEqual([]);
  });

  it('have a bound, and say what is beyond', () => {
    const targets = known({ servers: [SERVER] }, 2);
    expect(targets.handleFound(SERVER, [found(DISK, SERVER, '192.0.2.2:3260'), found(OTHER, SERVER)])).toBe(1);
    expect(shown(targets)).toHaveLength(2);
  });

  it('give a number that is free again to the next', () => {
    const targets = known({
      targets: [
        [SERVER, DISK],
        [SERVER, OTHER],
      ],
    });
    targets.configure(configWords({ targets: [[SERVER, OTHER]] }));
    targets.sweep(() => false);
    targets.configure(
      configWords({
        targets: [
          [SERVER, OTHER],
          ['192.0.2.3:3260', DISK],
        ],
      }),
    );
    expect(shown(targets)).toEqual(['C0:T0 disk 192.0.2.3 static', 'C0:T1 other 192.0.2.1 static']);
  });
});
