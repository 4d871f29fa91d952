/** A fabric that is full of secrets, some declared as they should be and some not, and all the forms in which they could come out again. */

/** By where they are planted. Those of logins are told by both sides, each from a source of its own. */
export const SECRETS = {
  login: 'planted-login-Xq7v"Lw2Zt\\R',
  loginMutual: 'planted mutual Pk4mNs8HyB~ü',
  discovery: 'planted+disc/Ta9rWb3ViQ==',
  discoveryMutual: 'planted%disc&mutual;Jd6cGf1UoE',
  wrong: 'planted-wrong-Mh5xCe0KsA',
  wrongMutual: 'planted-wrong-mutual-Vb2nQe',
  static: 'planted-static-Rz8kWp5LdT',
  pageToken: 'planted.token_Nf3sYg7JbX',
  comment: 'planted-comment-Ho6tUi1MvC',
  alias: 'planted-alias-4Gq9Ed2SxKp0',
  address: 'planted-url-Yw3jBl8TzF',
} as const;

export const ENVIRONMENT = {
  SUPPORT_TEST_LOGIN: SECRETS.login,
  SUPPORT_TEST_HOST_MUTUAL: SECRETS.loginMutual,
  SUPPORT_TEST_DISCOVERY: SECRETS.discovery,
  SUPPORT_TEST_HOST_DISCOVERY_MUTUAL: SECRETS.discoveryMutual,
  SUPPORT_TEST_WRONG: SECRETS.wrong,
  SUPPORT_TEST_STATIC: SECRETS.static,
  SAMEWIRE_PAGE_TOKEN: SECRETS.pageToken,
};

export const SECRET_FILES = {
  'host-login.secret': SECRETS.login,
  'mutual.secret': SECRETS.loginMutual,
  'host-discovery.secret': SECRETS.discovery,
  'discovery-mutual.secret': SECRETS.discoveryMutual,
  'wrong-mutual.secret': SECRETS.wrongMutual,
};

export const TARGET = 'iqn.2026-01.net.samewire:planted';

export const FABRIC = `# The old password: ${SECRETS.comment}
version: 1
name: planted
switches:
  tor1: { ports: { 1-3: { vlan: 10 } } }
hosts:
  right:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    iscsi:
      vmhba64:
        initiator: iqn.2026-01.net.samewire:right
        chap: { user: nobody, secret: { env: SUPPORT_TEST_STATIC }, mutual: { user: two, secret: { file: wrong-mutual.secret } } }
        discovery:
          - server: array1/left
            chap: &finder
              user: finder
              secret: { file: host-discovery.secret }   # it was ${SECRETS.comment}
              mutual: { user: found, secret: { env: SUPPORT_TEST_HOST_DISCOVERY_MUTUAL } }
        targets:
          - name: ${TARGET}
            chap:
              user: one
              secret:
                file: host-login.secret
              mutual: { user: two, secret: { env: SUPPORT_TEST_HOST_MUTUAL } }
  wrong:
    nics: { nic0: { addresses: [192.0.2.12/24] } }
    iscsi:
      vmhba64:
        initiator: iqn.2026-01.net.samewire:wrong
        alias: "http://admin:${SECRETS.address}@192.0.2.1/ the passphrase is ${SECRETS.alias}"
        chap: { user: one, secret: { env: SUPPORT_TEST_WRONG } }
        discovery: [{ server: array1/left, chap: *finder }]
        targets: [{ name: ${TARGET}, chap: { user: one, secret: { env: SUPPORT_TEST_WRONG } } }]
arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24] } }
    portals: [{ name: left, listen: "192.0.2.20:3260" }]
    discovery:
      chap:
        user: finder
        secret: { env: SUPPORT_TEST_DISCOVERY }
        mutual: { user: found, secret: { file: discovery-mutual.secret } }
    targets:
      ${TARGET}:
        luns: [{ store: memory, size: 1MiB }]
        access:
          - initiator: any
            chap:
              user: one
              secret: { env: SUPPORT_TEST_LOGIN }
              mutual: { user: two, secret: { file: mutual.secret } }
links:
  - [right:nic0, tor1:1]
  - [wrong:nic0, tor1:2]
  - [array1:eth0, tor1:3]
`;

/** As it is, as programs quote it, as addresses, listings, headers and dumps show it. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const pairs = bytes.toString('hex').match(/../g)!;
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    `0x${bytes.toString('hex')}`,
    pairs.join(':'),
    pairs.join(' '),
    bytes.toString('base64').replaceAll('=', ''),
    bytes.toString('base64url'),
    // Behind one byte, and behind two.
    ...['u', 'u:'].map((before) => insideBase64(before, secret)),
    encodeURIComponent(secret),
    new URLSearchParams({ q: secret }).toString().slice(2),
    [...bytes].join(','),
    [...bytes].join(', '),
  ];
}

/** The letters of a longer text's Base64 that are the secret's alone (RFC 4648 §4). */
function insideBase64(before: string, secret: string): string {
  const [from, to] = [before.length, before.length + Buffer.byteLength(secret)].map((bytes) => (bytes * 8) / 6);
  return Buffer.from(`${before}${secret} and more`).toString('base64').slice(Math.ceil(from!), Math.floor(to!));
}

/** Which secrets stand in these bytes, and in which form. */
export function found(content: Uint8Array, secrets: Readonly<Record<string, string>> = SECRETS): string[] {
  const text = Buffer.from(content);
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).flatMap((form, index) => (text.includes(form) ? [`${name} in form ${index}`] : [])),
  );
}
