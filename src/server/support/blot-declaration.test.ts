import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blotDeclaration } from './blot-declaration.ts';
import { hideTold, isSecretName } from './secret-words.ts';

const nothing = (): boolean => false;

describe('a declaration without secrets', () => {
  it('has the lines it had, whatever is in it', () => {
    const pieces = [
      'secret',
      ': ',
      '\n',
      '  ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '#',
      '|',
      '>-',
      '&a ',
      '*a',
      '!t ',
      '%X',
      '---',
      'chap',
      'env',
      'word',
      '\t',
      '\r\n',
      '? ',
      '\\',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 60 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, (written) => blotDeclaration(written, nothing).text.split('\n').length === written.split('\n').length),
      { numRuns: 200 },
    );
  });

  it('never shows what stands behind a word like secret', () => {
    const key = fc.constantFrom('secret', 'password', 'PASSWORD', 'api_key', 'chapSecret', 'token', 'mutual-passwd');
    const value = fc.string({ unit: fc.constantFrom(...'abcXYZ0189/+=-_.~'), minLength: 8, maxLength: 40 }).map((text) => `q7${text}`);
    const style = fc.constantFrom(
      (k: string, v: string) => `${k}: ${v}\n`,
      (k: string, v: string) => `a:\n  - ${k}: "${v}"\n`,
      (k: string, v: string) => `a: { b: 1, ${k}: '${v}', c: 2 }\n`,
      (k: string, v: string) => `${k}: |\n  ${v}\n  ${v}\n`,
      (k: string, v: string) => `a: [ { ${k}: ${v}`,
      (k: string, v: string) => `"${k}": [${v}, { x: ${v} }]\n`,
      (k: string, v: string) => `name: my ${k}=${v}\n`,
      (k: string, v: string) => `name: a # ${k} ${v}\n`,
      (k: string, v: string) => `name: http://u:${v}@host/ ${k}\n`,
    );
    fc.assert(
      fc.property(key, value, style, (k, v, write) => {
        const text = write(k, v);
        fc.pre(text.includes(v));
        return !blotDeclaration(text, nothing).text.includes(v);
      }),
      { numRuns: 200 },
    );
  });

  it('knows names of secrets from others', () => {
    for (const name of ['secret', 'CHAP-Secret', 'node.session.auth.password', 'api_key', 'pass', 'PSK', 'page_token'])
      expect(isSecretName(name), name).toBe(true);
    for (const name of ['user', 'passes', 'keys', 'cookiesSent', 'bypass', 'pins', 'monkey', 'initiatorTaskTag'])
      expect(isSecretName(name), name).toBe(false);
  });

  it('leaves sentences about secrets as they are', () => {
    for (const sentence of [
      'The CHAP user or secret is wrong.',
      "A secret doesn't belong into this file.",
      'Put it into an environment variable or a file and write `secret: { env: NAME }` or `secret: { file: PATH }`.',
      'The environment variable DISK_SECRET, which holds a CHAP secret, is not set. Set it with: export DISK_SECRET=...',
      'The CHAP secret in the file a.secret has 3 bytes; it needs at least 12.',
    ])
      expect(hideTold(sentence).text.replace(/DISK_SECRET=.*/, ''), sentence).toBe(sentence.replace(/DISK_SECRET=.*/, ''));
  });
});
