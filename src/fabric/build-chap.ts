/** CHAP as declared (RFC 7143 §12.1), of targets and of initiators alike. */
import type { Chap, ChapIdentity, SecretSource } from './model-parts.ts';
import type { Path } from './problem.ts';
import type { ChapDeclaration, SecretDeclaration } from './schema/access.ts';

export function buildChap(declared: ChapDeclaration, at: Path): Chap {
  const mutual = declared.mutual === undefined ? undefined : buildIdentity(declared.mutual, [...at, 'mutual']);
  return { ...buildIdentity(declared, at), mutual, algorithms: [...new Set(declared.algorithms)] };
}

function buildIdentity(declared: { readonly user: string; readonly secret: SecretDeclaration }, at: Path): ChapIdentity {
  return { at, user: declared.user, secret: buildSecret(declared.secret) };
}

const buildSecret = (declared: SecretDeclaration): SecretSource =>
  declared.env === undefined ? { kind: 'file', path: declared.file! } : { kind: 'env', name: declared.env };
