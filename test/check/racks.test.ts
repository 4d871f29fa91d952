/** A whole data centre: nothing is wrong with it, and looking at four times as many hosts takes no rule much more than four times the work. */
import { describe, expect, it } from 'vitest';
import { rackFabric } from '../../bench/check/rack-fabric.ts';
import { checkText } from '../../src/check/check-fabric.ts';
import { RULES } from '../../src/check/rules.ts';
import type { Fabric } from '../../src/fabric/model.ts';

const SMALL = 42;
const TIMES = 4;
/** Between what is linear, 4, and what is quadratic, 16. */
const GROWTH_MAX = 8;

function soundFabric(hosts: number): Fabric {
  const { fabric, problems } = checkText(rackFabric(hosts).text, 'racks.yaml');
  expect(problems).toEqual([]);
  return fabric!;
}

/** The same fabric, and how often something of it was read: no clock is as fair. */
function counted(fabric: Fabric): { readonly fabric: Fabric; readonly reads: () => number } {
  let reads = 0;
  const shown = new WeakMap<object, object>();
  const show = (value: unknown): unknown => {
    // Bytes and maps have methods that want to be called on themselves.
    const isPlain =
      typeof value === 'object' && value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
    if (!isPlain) return value;
    const known = shown.get(value);
    if (known !== undefined) return known;
    const proxy = new Proxy(value, {
      get(target, key) {
        reads += 1;
        return show(Reflect.get(target, key));
      },
    });
    shown.set(value, proxy);
    return proxy;
  };
  return { fabric: show(fabric) as Fabric, reads: () => reads };
}

/** What each rule reads; a look-up that several share is paid by the first. */
function readsOf(fabric: Fabric): number[] {
  const { fabric: seen, reads } = counted(fabric);
  return RULES.map((rule) => {
    const before = reads();
    rule.check(seen);
    return reads() - before;
  });
}

describe('racks of hosts', () => {
  const [small, large] = [soundFabric(SMALL), soundFabric(TIMES * SMALL)];

  it('are read as often as they are large', () => {
    const [few, many] = [readsOf(small), readsOf(large)];
    const grown = RULES.map(({ id, name }, index) => ({
      rule: `${id} ${name}`,
      times: many[index]! / Math.max(few[index]!, 1),
      few: few[index]!,
    }));
    expect(grown.filter(({ times, few: reads }) => reads > 100 && times > GROWTH_MAX)).toEqual([]);
    // A rule that reads nothing does not look, or looks at what others have found.
    expect(few.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(1000);
  });
});
