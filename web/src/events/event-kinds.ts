/** What kinds of events mean: asked for once, when the first event is opened. */
import { useEffect, useState } from 'react';
import { live } from '../live/index.ts';

export interface EventKindInfo {
  readonly id: number;
  readonly name: string;
  readonly story?: { readonly means: string; readonly remedy?: string };
}

let kinds: Promise<ReadonlyMap<number, EventKindInfo>> | undefined;

function askKinds(): Promise<ReadonlyMap<number, EventKindInfo>> {
  kinds ??= live.api.get<{ readonly kinds: readonly EventKindInfo[] }>('/api/event-kinds').then(
    (answer) => new Map(answer.kinds.map((kind) => [kind.id, kind])),
    (error: unknown) => {
      // The next one asks again.
      kinds = undefined;
      throw error;
    },
  );
  return kinds;
}

/** Undefined: it is not known, or not yet. */
export function useEventKind(id: number): EventKindInfo | undefined {
  const [known, setKnown] = useState<ReadonlyMap<number, EventKindInfo> | undefined>();
  useEffect(() => {
    let isWanted = true;
    askKinds().then(
      (found) => isWanted && setKnown(found),
      () => {},
    );
    return () => void (isWanted = false);
  }, []);
  return known?.get(id);
}
