/** Where reservations that persist through power loss are kept (SPC-5 §5.14.5); handed in, because only `os/` knows disks. */
export interface ReservationKeeper {
  /** What was saved last; undefined if nothing ever was. May throw, with a reason for people, if that can't be told. */
  load(): Uint8Array | string | undefined;
  /** Replaces what was saved before, all or nothing; `done` runs once, without an error only when it is durable. */
  save(state: string, done: (error: string | undefined) => void): void;
}
