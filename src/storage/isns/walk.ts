/**
 * Everything about the nodes a source may see, in one query or, where its answer would be longer than the server can say (Open-iSNS: 8 KiB),
 * from node to node by Get Next (RFC 4171 §5.6.5.3) with a query for each.
 */
import { STATUS_INTERNAL_ERROR, STATUS_NO_SUCH_ENTRY } from '../../wire/isns/function.ts';
import { type Message, sectionsOf } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import type { IsnsClient, Request, RequestDone } from './client.ts';
import { type IsnsError, isnsError } from './errors.ts';
import { type IsnsObject, objectsOf } from './objects.ts';
import { getNext, query } from './requests.ts';

export type ObjectsDone = (objects: readonly IsnsObject[] | undefined, error: IsnsError | undefined) => void;

/** More nodes than this are not walked: each takes two questions. */
export const NODES_WALKED_MAX = 4096;

const nodeKey = (name: string | undefined) => [{ tag: tags.TAG_NODE_NAME, value: name }];

/** The objects in what was asked for; nothing found is none. */
const objectsIn = (response: Message): IsnsObject[] => objectsOf(sectionsOf(response.attributes).operating);

/** All nodes, with the attributes that are wanted of them and of what is related to them; none: all. `done` runs once. */
export function queryNodes(client: IsnsClient, source: string, wanted: readonly number[], done: ObjectsDone): void {
  client.request(query(source, nodeKey(undefined), wanted), (response, error) => {
    if (error === undefined) return done(objectsIn(response!), undefined);
    // RFC 4171 §5.6.5.2: nothing that matches is no error; Open-iSNS says "no such entry" then.
    if (error.status === STATUS_NO_SUCH_ENTRY) return done([], undefined);
    if (error.status !== STATUS_INTERNAL_ERROR) return done(undefined, error);
    walk(client, source, wanted, done);
  });
}

function walk(client: IsnsClient, source: string, wanted: readonly number[], done: ObjectsDone): void {
  const { clock, limits } = client;
  const end = clock.now() + limits.walkTimeoutNanos;
  const found: IsnsObject[] = [];
  const seen = new Set<string>();
  const request = (asked: Request, answered: RequestDone): void => {
    const left = end - clock.now();
    if (left <= 0) done(undefined, isnsError('timed-out', `the server has not told of its nodes in time: ${seen.size} so far`));
    else client.request(asked, answered, Math.min(left, limits.requestTimeoutNanos));
  };
  const step = (last: string | undefined): void =>
    request(getNext(source, nodeKey(last), [tags.TAG_NODE_NAME]), (response, error) => {
      if (error !== undefined) return error.status === STATUS_NO_SUCH_ENTRY ? done(found, undefined) : done(undefined, error);
      const name = response!.attributes.find((one) => one.tag === tags.TAG_NODE_NAME && one.value !== undefined)?.value as
        | string
        | undefined;
      // RFC 4171 §5.6.5.3: each exactly once; a server that goes in circles would have us ask for ever.
      if (name === undefined || seen.has(name))
        return done(undefined, isnsError('protocol', 'the server goes from node to node in circles'));
      if (seen.size === NODES_WALKED_MAX)
        return done(undefined, isnsError('protocol', `the server has more than ${NODES_WALKED_MAX} nodes`));
      seen.add(name);
      ask(name);
    });
  const ask = (name: string): void =>
    request(query(source, nodeKey(name), wanted), (response, error) => {
      // One that has gone in between is none.
      if (error !== undefined && error.status !== STATUS_NO_SUCH_ENTRY) return done(undefined, error);
      if (error === undefined) found.push(...objectsIn(response!));
      step(name);
    });
  step(undefined);
}
