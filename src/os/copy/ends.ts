/** What a copy runs between: files and logical units look the same to it. */

/** Tells an end from others, and from itself after somebody has put something else in its place. */
export interface EndIdentity {
  /** Where it is: a path, or portal, target and LUN. */
  readonly key: string;
  /** What is there: names, numbers and sizes that stay as long as it is the same thing. */
  readonly is: string;
}

export interface CopyEnd {
  readonly kind: 'file' | 'unit';
  /** For people: the path, or the URL without credentials. */
  readonly name: string;
  /** Data is read and written in whole units: bytes of a block; 1 for files. */
  readonly unitBytes: number;
  readonly sizeBytes: number;
  readonly identity: EndIdentity;
  /** Fills `into`, which is whole units long. */
  read(atBytes: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A run from where one asked up to `endBytes`: nothing but zeros there, or anything. */
export interface Extent {
  readonly endBytes: number;
  readonly zeros: boolean;
}

export interface CopySource extends CopyEnd {
  extentAt(atBytes: number): Promise<Extent>;
  /** Changes when the content does; undefined: that can't be told. */
  stamp(): Promise<string | undefined>;
}

export interface CopyDestination extends CopyEnd {
  /** Space is given back in pieces of so many bytes, at multiples of it. */
  readonly zeroUnitBytes: number;
  /** Ready to be written to: `fresh` ones hold nothing that matters, others the first part of this copy. */
  prepare(bytes: number, fresh: boolean): Promise<void>;
  write(atBytes: number, data: Uint8Array): Promise<void>;
  /** Reads as zeros then, and takes no space if that can be had. */
  zero(atBytes: number, bytes: number): Promise<void>;
  /** What was written before is durable when the promise resolves. */
  flush(): Promise<void>;
  /** Told when what was written and not flushed may be gone: the device has been reset or was without power. Gives back how to end that. */
  onLoss(listener: () => void): () => void;
}

/** Something that has to be changed before there can be a copy, in one sentence. */
export class CopyRefusal extends Error {
  /** `--force` goes on all the same. */
  readonly forcible: boolean;

  constructor(message: string, forcible: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CopyRefusal';
    this.forcible = forcible;
  }
}
