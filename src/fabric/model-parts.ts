/** Parts of the model that arrays and hosts have in common. Secrets are sources here, never values. */
import type { Path } from './problem.ts';
import type { ChapAlgorithm } from './schema/access.ts';

export interface Placed {
  readonly at: Path;
}

/** Where a secret comes from; who brings the fabric up reads it. */
export type SecretSource = { readonly kind: 'env'; readonly name: string } | { readonly kind: 'file'; readonly path: string };

export interface ChapIdentity extends Placed {
  readonly user: string;
  readonly secret: SecretSource;
}

export interface Chap extends ChapIdentity {
  readonly mutual: ChapIdentity | undefined;
  readonly algorithms: readonly ChapAlgorithm[];
}

export type DigestChoice = 'none' | 'crc32c';
