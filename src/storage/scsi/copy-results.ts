/** What a copy manager tells about its copies by list identifier and I_T nexus (SPC-4 §5.17.4, RECEIVE COPY RESULTS): under way, or how they ended. */
import type { Sense } from '../../wire/scsi/sense.ts';
import type { UnitNexus } from './unit-nexus.ts';

/** Finished copies remembered; the oldest is forgotten first. */
const RESULTS_MAX = 256;

export interface CopyProgress {
  segmentsProcessed: number;
  writtenBytes: number;
  state: 'in progress' | 'completed' | 'failed';
  /** Why it failed; FAILED SEGMENT DETAILS gives it back once. */
  sense: Sense | undefined;
}

const resultKey = (link: UnitNexus, listId: number): string => `${listId}|${link.key}`;

export class CopyResults {
  readonly #results = new Map<string, CopyProgress>();
  #running = 0;

  /** Copies under way. */
  get running(): number {
    return this.#running;
  }

  find(link: UnitNexus, listId: number): CopyProgress | undefined {
    return this.#results.get(resultKey(link, listId));
  }

  /** A copy begins; `listId` undefined: nobody can ask for it (LIST ID USAGE 11b). What was held under the identifier is gone. */
  begin(link: UnitNexus, listId: number | undefined): CopyProgress {
    const progress: CopyProgress = { segmentsProcessed: 0, writtenBytes: 0, state: 'in progress', sense: undefined };
    this.#running += 1;
    if (listId === undefined) return progress;
    const key = resultKey(link, listId);
    this.#results.delete(key);
    if (this.#results.size >= RESULTS_MAX) this.#forgetOldest();
    this.#results.set(key, progress);
    return progress;
  }

  /** The copy ends; `failure` undefined: well. Its result is held only if asked for (LIST ID USAGE 00b). */
  end(link: UnitNexus, listId: number | undefined, progress: CopyProgress, failure: Sense | undefined, held: boolean): void {
    this.#running -= 1;
    progress.state = failure === undefined ? 'completed' : 'failed';
    progress.sense = failure;
    // After a nexus loss the identifier may already stand for another copy.
    if (!held && listId !== undefined && this.find(link, listId) === progress) this.#results.delete(resultKey(link, listId));
  }

  forget(link: UnitNexus, listId: number): void {
    this.#results.delete(resultKey(link, listId));
  }

  nexusLost(link: UnitNexus): void {
    for (const key of this.#results.keys()) if (key.slice(key.indexOf('|') + 1) === link.key) this.#results.delete(key);
  }

  reset(): void {
    this.#results.clear();
  }

  #forgetOldest(): void {
    for (const [key, progress] of this.#results) {
      if (progress.state === 'in progress') continue;
      this.#results.delete(key);
      return;
    }
  }
}
