/** An operation asked from within the process, as either door asks it. */
import { queryValues, readInput } from './input.ts';
import { NotFound, type Served } from './operation.ts';
import { OPERATIONS } from './operations.ts';

/** Throws or rejects with a sentence. */
export async function askOperation(served: Served, method: 'GET' | 'POST', url: string, body: unknown): Promise<unknown> {
  const [path, query] = url.split('?', 2);
  const found = OPERATIONS.find((one) => one.method === method && one.path === path);
  if (found === undefined) throw new NotFound(`There is nothing at ${method} ${path}.`);
  const given = method === 'GET' ? queryValues(found, new URLSearchParams(query)) : (body ?? {});
  // As it comes out at the other end.
  return JSON.parse(JSON.stringify(await found.act(served, readInput(found, given)))) as unknown;
}
