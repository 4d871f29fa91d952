import { describe, expect, it } from 'vitest';
import type { IsnsObject } from '../../os/isns/index.ts';
import { UserError } from '../context.ts';
import { testContext } from '../testing/test-context.ts';
import { domain } from './domain.ts';
import { portalArgument } from './options.ts';
import { objectsText } from './query.ts';
import { deregister, register } from './register.ts';

const context = testContext();
const tcp = (port: number) => ({ port, transport: 'tcp' }) as const;

describe('samewire isns', () => {
  it('shows objects as the server gave them, a line each', () => {
    const objects: IsnsObject[] = [
      { kind: 'entity', identifier: 'rack7', protocol: 2, periodSeconds: 600, seenSeconds: 1, index: 1 },
      { kind: 'node', name: 'iqn.a', type: 5, alias: 'one\u001b[2J', authentication: 'CHAP', notifications: undefined, index: 2 },
      {
        kind: 'portal',
        address: '2001:db8::1',
        port: { port: 3260, transport: 'udp' },
        name: 'front',
        inquiryIntervalSeconds: undefined,
        inquiryPort: undefined,
        notificationPort: undefined,
        index: 3,
      },
      { kind: 'group', node: 'iqn.a', address: '192.0.2.1', port: tcp(3260), tag: 3, index: 4 },
      { kind: 'group', node: 'iqn.a', address: '192.0.2.2', port: tcp(3260), tag: undefined, index: 5 },
      { kind: 'domain', id: 7, name: 'lab', members: ['iqn.a', 'iqn.b'], features: 0 },
      { kind: 'domain set', id: 8, name: undefined, status: 1, domains: [7] },
    ];
    expect(objectsText(objects, context)).toBe(
      [
        'rack7  iSCSI, registered for 600 s',
        '  node    iqn.a  target control "one\ufffd[2J" CHAP',
        '  portal  [2001:db8::1]:3260/udp  front',
        '  group   iqn.a group 3 at 192.0.2.1:3260',
        '  group   iqn.a not reached at 192.0.2.2:3260',
        'domain 7  lab  iqn.a iqn.b',
        'domain set 8    domains 7',
        '1 node, 1 portal.\n',
      ].join('\n'),
    );
    expect(objectsText([], context)).toMatch(/^Nothing: /);
  });

  it('says what is missing before it asks anybody', () => {
    expect(() => register('192.0.2.5', {}, context)).toThrow(UserError);
    expect(() => register('192.0.2.5', { target: ['iqn.a'], portal: ['a b'] }, context)).toThrow('a b is no portal');
    expect(() => deregister('192.0.2.5', {}, context)).toThrow('nothing to deregister');
    expect(() => domain('192.0.2.5', { remove: true }, context)).toThrow('--id');
    expect(portalArgument('[2001:db8::1]')).toEqual({ address: '2001:db8::1', port: 3260 });
  });

  it('tells what is wrong with the server in a sentence', async () => {
    await expect(deregister('a b', { node: ['iqn.a'] }, context)).rejects.toThrow(/^This is no iSNS server: a b; the form is /);
    await expect(deregister('127.0.0.1:1', { node: ['iqn.a'], timeout: 0.05 }, context)).rejects.toThrow(
      /Is the server running, and are host and port right\?$/,
    );
  });
});
