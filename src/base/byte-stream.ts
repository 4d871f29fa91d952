/**
 * What iSCSI and iWARP need from TCP. A Node socket is one implementation (`os/`), our own TCP will be the other.
 *
 * The receiver says where the next bytes shall land, so that a kernel can put them there without a copy in between:
 * a stream asks `nextBuffer()` before every arrival and reports each with `handleBytes`. A short arrival is normal.
 */
export interface ByteStreamReceiver {
  /** Where the next bytes may land; never empty. Asked again after every `handleBytes`; must not be kept past it. */
  nextBuffer(): Uint8Array;
  /** `count` bytes (at least one) now stand at the start of the buffer last given. */
  handleBytes(count: number): void;
  /** The stream is over, in both directions; said once. `reason` is undefined after an orderly end. */
  handleClose(reason: string | undefined): void;
}

export interface ByteStream {
  /** The other end, for people: `192.0.2.7:51234`. */
  readonly remote: string;
  /** Our end, in the form an initiator could connect to: `192.0.2.1:3260` or `[2001:db8::1]:3260`. */
  readonly local: string;
  /** Bytes taken by `write` that have not left yet. */
  readonly queuedBytes: number;
  /** Sends the views in order, as one batch. They must not change until `sent` runs (also when the stream dies). */
  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void;
  /** Stops and resumes arrivals; bytes already under way may still arrive once. */
  pause(): void;
  resume(): void;
  /** Closes after everything written has left. */
  end(): void;
  /** Closes at once, dropping what is queued. */
  destroy(): void;
}
