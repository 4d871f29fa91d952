/** How secrets show themselves in texts: by the name of what holds them, and by what stands around them. */

/** What stands in a text instead of a secret. */
export const HIDDEN = '[hidden]';

/** Longer texts are no names. */
const NAME_MAX = 256;

const WORDS =
  /secret|passw|passphrase|passcode|pwd|credential|token|apikey|privatekey|presharedkey|sharedkey|authkey|encryptionkey|^key$|^pass$|^psk$|^pin$|community|^authorization$|^(?:set)?cookie$/;

/** `mutual_password`, `CHAP-Secret`, `apiKey`. */
export const isSecretName = (name: string): boolean =>
  name.length <= NAME_MAX && WORDS.test(name.replace(/[^A-Za-z0-9]/g, '').toLowerCase());

const HOLDERS =
  '(?:secrets?|passw(?:or)?ds?|passwd|passphrase|passcode|pwd|credentials?|token|api[ _-]?key|private[ _-]?key|(?:pre-)?shared[ _-]?key|community)[A-Za-z0-9_]{0,16}';

/** What follows such words is hidden, up to the end of what could be it. Each pattern has what stays before it in its first group. */
const TELLING: readonly RegExp[] = [
  // scheme://user:password@host, and user%password as libiscsi writes it; what should be encoded in it may not be.
  /(\b[A-Za-z][A-Za-z0-9+.-]{0,15}:\/\/)([^\s"'<>]{1,512})(?=@)/g,
  // The page's token, in its address and in what is sent with a request.
  /([#?&;](?:[A-Za-z_-]{0,32}(?:token|password|passwd|secret|key|auth))=)([^&\s"'<>]{1,512})/gi,
  /(\b(?:bearer|basic|digest)\s+)([A-Za-z0-9+/_.~=-]{8,512})/gi,
  /(\btoken\.)([A-Za-z0-9+/_~=-]{8,512})/g,
  // Keys of a login (RFC 7143 §12.1.3): an answer to a challenge can be tried against passwords.
  /(\bCHAP_[RC]\s{0,4}[=:]\s{0,4})([^\s,;"'\0]{1,2048})/g,
  // `password: ...`, `secret = "..."`. A source of a secret is none: `secret: { env: NAME }`.
  new RegExp(`(${HOLDERS}["']?\\s{0,4}[:=]+\\s{0,4})("[^"]{1,512}"?|'[^']{1,512}'?|(?!\\{)[^\\s,;"'{}[\\]]{1,512})`, 'gi'),
  // `the passphrase is ...`: a word of a sentence (`the secret is wrong`) has neither digits nor quotes.
  new RegExp(
    `(${HOLDERS}\\s{1,4}(?:is|was|are)?\\s{0,4})("[^"]{1,512}"?|'[^']{1,512}'?|(?=[^\\s,;"']{0,64}[0-9])[^\\s,;"'{}[\\]]{6,512})`,
    'gi',
  ),
];

export interface Hidden {
  readonly text: string;
  /** What stood there. */
  readonly values: readonly string[];
}

/** A text without what its own words say is secret. */
export function hideTold(text: string, instead = HIDDEN): Hidden {
  const values: string[] = [];
  let result = text;
  for (const pattern of TELLING)
    result = result.replace(pattern, (all, before: string, value: string) => {
      const bare = value.replace(/^["']|["']$/g, '');
      if (bare === '' || bare === HIDDEN || isBlotted(bare)) return all;
      values.push(bare, ...partsOf(bare));
      return `${before}${instead}`;
    });
  return { text: result, values };
}

/** `user:password` and `user%password`: the password alone is one too. */
const partsOf = (value: string): string[] => {
  const at = value.search(/[:%](?![0-9A-Fa-f]{2})/);
  const inner = at === -1 ? [] : [value.slice(at + 1)];
  return [value, ...inner].flatMap((one) => (one.includes('%') ? [decoded(one)] : [])).concat(inner);
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** In a fabric file, where something of the same kind has to stand: YAML that reads as before, and says nothing. */
export const BLOT = 'xxxxxxxx';

export const isBlotted = (text: string): boolean => text === BLOT;
