/** Random but sound iSCSI adapters of hosts. */
import { type Around, maybe } from './host-parts.ts';
import { type Written, written } from './pick.ts';

export const chap = ({ pick }: Around, required?: boolean): Written => {
  const number = pick.between(1, 9);
  return written({
    user: `user${number}`,
    secret: { env: `DISK${number}_SECRET` },
    required: required === true && pick.maybe(0.3) ? true : undefined,
    mutual: pick.maybe(0.4) ? { user: `array${number}`, secret: { env: `ARRAY${number}_SECRET` } } : undefined,
  });
};

/** What any initiator can be told; timeouts in whole seconds. */
function generateSettings({ pick }: Around): Written {
  const maxBurst = pick.one([256, 512, 1024]);
  const digests = [['none'], ['crc32c'], ['none', 'crc32c'], ['crc32c', 'none']];
  const all: readonly (readonly [string, unknown])[] = [
    ['headerDigest', pick.one(digests)],
    ['dataDigest', pick.one([['none'], ['crc32c']])],
    ['immediateData', pick.maybe(0.5)],
    ['initialR2T', pick.maybe(0.5)],
    ['maxOutstandingR2T', pick.between(1, 8)],
    ['maxReceiveSegment', `${pick.one([64, 128, 256, 512])}KiB`],
    ['firstBurst', `${pick.one([64, 128, 256])}KiB`],
    ['maxBurst', `${maxBurst}KiB`],
    ['errorRecoveryLevel', 0],
    ['commands', pick.one([32, 64, 128, 256])],
    ['loginTimeout', `${pick.one([5, 15, 30])}s`],
    ['pingAfter', `${pick.one([5, 10, 15])}s`],
    ['pingTimeout', `${pick.one([5, 10])}s`],
  ];
  return Object.fromEntries(pick.some(all, 1, 4));
}

const authority = ({ pick }: Around): string => `iqn.${pick.between(2001, 2026)}-${pick.one(['01', '06', '12'])}.com.example`;

export function generateAdapter(about: Around, extra: Readonly<Record<string, unknown>>): Written {
  const { pick } = about;
  const transport = pick.maybe(0.3) ? pick.one(['tcp', 'iser']) : undefined;
  const servers = Array.from({ length: pick.between(0, 2) }, (_, index) =>
    written({
      server: `10.1.${index + 1}.${pick.between(1, 254)}${pick.maybe(0.7) ? ':3260' : ':3261'}`,
      transport: pick.maybe(0.2) ? pick.one(['tcp', 'iser']) : undefined,
      chap: maybe(about, 'chap', 0.3, () => chap(about, true)),
      settings: maybe(about, 'iscsiSettings', 0.3, () => generateSettings(about)),
    }),
  );
  const targets = about.has('staticTargets')
    ? Array.from({ length: pick.between(0, 3) }, (_, index) =>
        written({
          name: `${authority(about)}:disk${index + 1}`,
          address: `10.2.${index + 1}.${pick.between(1, 254)}:3260`,
          transport: pick.maybe(0.2) ? pick.one(['tcp', 'iser']) : undefined,
          chap: maybe(about, 'chap', 0.4, () => chap(about, true)),
          settings: maybe(about, 'iscsiSettings', 0.4, () => generateSettings(about)),
        }),
      )
    : [];
  return written({
    initiator: `${authority(about)}:host${pick.between(1, 999)}`,
    alias: pick.maybe(0.3) ? `host alias ${pick.between(1, 9)}` : undefined,
    transport,
    chap: maybe(about, 'chap', 0.3, () => chap(about, true)),
    settings: maybe(about, 'iscsiSettings', 0.4, () => generateSettings(about)),
    discovery: servers.length > 0 ? servers : undefined,
    targets: targets.length > 0 ? targets : undefined,
    ...extra,
  });
}
