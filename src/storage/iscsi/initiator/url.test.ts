import { describe, expect, it } from 'vitest';
import { parsePortal, portalText } from './portal-address.ts';
import { iscsiUrlText, parseIscsiUrl } from './url.ts';

const NAME = 'iqn.2026-01.net.example:disk';

describe('an iSCSI URL', () => {
  it.each([
    [
      `iscsi://192.0.2.1/${NAME}/0`,
      { portal: { host: '192.0.2.1', port: 3260 }, target: NAME, lun: 0, user: undefined, secret: undefined },
    ],
    [`iscsi://host.example:3261/${NAME}/12`, { portal: { host: 'host.example', port: 3261 }, lun: 12 }],
    [`iscsi://[2001:db8::1]:3261/${NAME}/1`, { portal: { host: '2001:db8::1', port: 3261 }, lun: 1 }],
    [`iscsi://[fe80::1%eth0]/${NAME}/1`, { portal: { host: 'fe80::1%eth0', port: 3260 } }],
    [`iscsi://alice@host/${NAME}/0`, { user: 'alice', secret: undefined }],
    [`iscsi://alice%p%40ss@rd@host/${NAME}/0`, { user: 'alice', secret: 'p%40ss@rd', portal: { host: 'host', port: 3260 } }],
    [`ISCSI://host/${NAME}/0`, { target: NAME }],
    ['iscsi://host', { target: undefined, lun: undefined }],
    ['iscsi://host/', { target: undefined }],
    [`iscsi://host/${NAME}`, { target: NAME, lun: undefined }],
    [`iscsi://host/eui.02004567A425678D/0`, { target: 'eui.02004567A425678D' }],
  ])('%s', (text, meaning) => expect(parseIscsiUrl(text)).toMatchObject(meaning));

  it('has options', () => {
    const url = parseIscsiUrl(`iscsi://host/${NAME}/0?header_digest=crc32c&target_user=disk`);
    expect('options' in url ? [...url.options] : url).toEqual([
      ['header_digest', 'crc32c'],
      ['target_user', 'disk'],
    ]);
  });

  it.each([
    'http://host/x',
    'iscsi://',
    'iscsi:///x',
    `iscsi://host:0/${NAME}/0`,
    `iscsi://host:99999/${NAME}/0`,
    `iscsi://ho st/${NAME}/0`,
    `iscsi://host/disk/0`,
    `iscsi://host/${NAME}/-1`,
    `iscsi://host/${NAME}/16384`,
    `iscsi://host/${NAME}/0/0`,
    `iscsi://host/${NAME}/0?colour=blue`,
    `iscsi://host,1/${NAME}/0`,
  ])('is not %s', (text) => expect(parseIscsiUrl(text)).toHaveProperty('wrong'));

  it('says nothing of a secret that stands in it', () => {
    expect(JSON.stringify(parseIscsiUrl('iscsi://alice%hunter2hunter2@/nothing'))).not.toContain('hunter2');
  });

  it('is written for people', () => expect(iscsiUrlText({ host: '::1', port: 3260 }, NAME, 3)).toBe(`iscsi://[::1]:3260/${NAME}/3`));
});

describe('a portal', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1:3260', undefined],
    ['192.0.2.1:1,65535', '192.0.2.1:1', 65535],
    ['[::1]', '[::1]:3260', undefined],
    ['[::ffff:192.0.2.1]:3260,1', '[::ffff:192.0.2.1]:3260', 1],
    ['a', 'a:3260', undefined],
    ['a-b.example.', 'a-b.example.:3260', undefined],
  ])('%s', (text, shown, tag) => {
    const portal = parsePortal(text)!;
    expect([portalText(portal), portal.groupTag]).toEqual([shown, tag]);
  });

  it.each(['', ':3260', '::1', '[]', '[::1', 'a b', '-a', 'a:', 'a:0', 'a:65536', 'a,65536', 'a:1:2', 'ä.example', `${'a'.repeat(300)}`])(
    'is not %s',
    (text) => expect(parsePortal(text)).toBeUndefined(),
  );
});
