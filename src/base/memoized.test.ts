import { expect, it } from 'vitest';
import { memoized } from './memoized.ts';

it('finds an answer once for each subject, undefined too', () => {
  const asked: string[] = [];
  const find = memoized(({ name }: { readonly name: string }): string | undefined => {
    asked.push(name);
    return name === 'none' ? undefined : name.toUpperCase();
  });
  const [one, other, none] = [{ name: 'a' }, { name: 'a' }, { name: 'none' }];
  expect([one, other, one, none, none].map(find)).toEqual(['A', 'A', 'A', undefined, undefined]);
  expect(asked).toEqual(['a', 'a', 'none']);
});

it('asks again after a failure', () => {
  let times = 0;
  const find = memoized(() => {
    times += 1;
    if (times === 1) throw new Error('not yet');
    return times;
  });
  const subject = {};
  expect(() => find(subject)).toThrow('not yet');
  expect([find(subject), find(subject)]).toEqual([2, 2]);
});
