/** Keeps the store as the fabric is: asks for the whole at every beginning, and takes updates from there. */
import type { FabricState, LoggedEvent, Topology } from '../../../src/server/page.ts';
import { type Api, ApiError, makeApi } from './api.ts';
import { EVENTS_MAX } from './event-list.ts';
import { FabricStore } from './fabric-store.ts';
import { type Connection, FeedClient } from './feed-client.ts';
import { dropToken, keepToken, takeToken } from './token.ts';

export interface Live {
  readonly store: FabricStore;
  readonly api: Api;
  readonly connection: Connection;
  /** The token that was shown is not the one of this run. */
  readonly wasRefused: boolean;
  start(): void;
  /** Connects again with it; undefined: with none. */
  setToken(token: string | undefined): void;
  watch(node: string | undefined): void;
}

function makeLive(): Live {
  const store = new FabricStore();
  let token: string | undefined;
  let wasRefused = false;
  let connection: Connection = { phase: 'connecting' };
  /** Of the hello: answers to questions of an earlier one are of no use. */
  let round = 0;
  const api = makeApi(() => token);
  const feed = new FeedClient(
    {
      handleConnection(now) {
        connection = now;
        store.topics.tell(['connection']);
      },
      handleHello({ mayAct }) {
        // Each start of a fabric has another: questions with the old one would not be answered, and without one they are.
        if (mayAct) wasRefused = false;
        else if (token !== undefined) forget();
        void begin();
      },
      handleUpdate: (update) => store.apply(update),
      handleFailure() {
        api.get('/api/fabric').catch((error: unknown) => {
          if (!(error instanceof ApiError) || error.status !== 401 || connection.phase === 'open') return;
          if (token !== undefined) forget();
          feed.refuse();
        });
      },
    },
    () => token,
  );

  function forget(): void {
    token = undefined;
    wasRefused = true;
    dropToken(sessionStorage);
  }

  async function begin(): Promise<void> {
    const mine = (round += 1);
    store.hold();
    try {
      const [topology, state] = await Promise.all([api.get<Topology>('/api/topology'), api.get<FabricState>('/api/state')]);
      if (mine !== round) return;
      // A fabric that has not been up for as long as before has been started again.
      if (state.upMilliseconds < (store.latest?.upMilliseconds ?? 0)) store.clearEvents();
      store.setTopology(topology);
      store.setState(state);
    } catch {
      if (mine !== round) return;
      store.release();
    }
    const log = await api.get<{ readonly events: readonly LoggedEvent[] }>('/api/events', { limit: EVENTS_MAX }).catch(() => undefined);
    if (mine === round && log !== undefined) store.fillEvents(log.events);
  }

  return {
    store,
    api,
    get connection() {
      return connection;
    },
    get wasRefused() {
      return wasRefused;
    },
    start() {
      token = takeToken({ storage: sessionStorage, location, history });
      feed.connect();
    },
    setToken(given) {
      token = given;
      wasRefused = false;
      if (given === undefined) dropToken(sessionStorage);
      else keepToken(sessionStorage, given);
      feed.connect();
    },
    watch(node) {
      store.watch(node);
      feed.watch(node);
    },
  };
}

export const live: Live = makeLive();
