/**
 * Persistent reservations over several paths (SPC-4 §5.13): each path is an I_T nexus of its own. A key that is registered by one path is
 * registered by all, and by those that come later before they are used. A reservation is held by the path that made it, so RELEASE goes by
 * that one. Only types for registrants let the other paths write as well; REGISTER AND MOVE is passed on as it is.
 */
import { concat } from '../../base/bytes.ts';
import { PERSISTENT_RESERVE_OUT, persistentReserveOut } from '../../wire/scsi/cdb.ts';
import { registrationFailed } from './events.ts';
import type { Path, PathServices } from './path.ts';
import type { PathAnswer, UnitCommand } from './path-link.ts';
import { describeAnswer, isGood, sendBy } from './questions.ts';

const REGISTER = 0;
const RESERVE = 1;
const RELEASE = 2;
const CLEAR = 3;
const PREEMPT = 4;
const PREEMPT_AND_ABORT = 5;
const REGISTER_AND_IGNORE = 6;
const LIST_BYTES = 24;
/** SPC-4 §6.16.3: the flags that hold for every path alike. */
const APTPL = 0x01;

export class Registrations<Answer extends PathAnswer> {
  readonly #services: PathServices;
  readonly #paths: () => readonly Path<Answer>[];
  /** The parameter list that registers the key by a path, whatever was registered before; undefined: nothing is. */
  #list: Uint8Array | undefined;
  #holder: Path<Answer> | undefined;

  constructor(services: PathServices, paths: () => readonly Path<Answer>[]) {
    this.#services = services;
    this.#paths = paths;
  }

  /** The path that a command has to go by. */
  holderFor({ cdb }: UnitCommand): Path<Answer> | undefined {
    if (this.#holder === undefined || cdb[0] !== PERSISTENT_RESERVE_OUT || (cdb[1]! & 0x1f) !== RELEASE) return undefined;
    return this.#holder.state === 'up' ? this.#holder : undefined;
  }

  /** A PERSISTENT RESERVE OUT was carried out by `path`; `then` runs when the other paths have followed. */
  handleDone({ cdb, dataOut }: UnitCommand, path: Path<Answer>, then: () => void): void {
    const action = cdb[1]! & 0x1f;
    if (action === RESERVE || action === PREEMPT || action === PREEMPT_AND_ABORT) this.#holder = path;
    if (action === RELEASE || action === CLEAR) this.#holder = undefined;
    if (action === CLEAR) this.#list = undefined;
    if (action !== REGISTER && action !== REGISTER_AND_IGNORE) return then();
    const given = concat([...(dataOut ?? [])]);
    if (given.length < LIST_BYTES) return then();
    const list = new Uint8Array(LIST_BYTES);
    list.set(given.subarray(8, 16), 8);
    list[20] = given[20]! & APTPL;
    const isKey = list.subarray(8, 16).some((byte) => byte !== 0);
    this.#list = isKey ? list : undefined;
    if (!isKey) this.#holder = undefined;
    this.#registerAll(list, path, then);
  }

  #registerAll(list: Uint8Array, except: Path<Answer>, then: () => void): void {
    const others = this.#paths().filter((path) => path !== except && path.state === 'up');
    let left = others.length;
    if (left === 0) return then();
    for (const path of others) {
      this.#register(path, list, (failure) => {
        // It is inspected, and gets its key then or is not used.
        if (failure !== undefined) path.suspect(failure);
        left -= 1;
        if (left === 0) then();
      });
    }
  }

  /** Before a path is used. */
  prepare(path: Path<Answer>, then: (failure: string | undefined) => void): void {
    if (this.#list === undefined) return then(undefined);
    this.#register(path, this.#list, then);
  }

  #register(path: Path<Answer>, list: Uint8Array, then: (failure: string | undefined) => void): void {
    const { events, source, limits } = this.#services;
    const cdb = persistentReserveOut(REGISTER_AND_IGNORE, 0, list.length);
    sendBy(path.link, { cdb, dataOut: [list], timeoutNanos: limits.checkTimeoutNanos }, (answer) => {
      if (answer !== undefined && isGood(answer)) return then(undefined);
      const reason = describeAnswer(answer);
      registrationFailed(events, source, { path: path.link.name, reason });
      then(`its reservation key could not be registered: ${reason}`);
    });
  }
}
