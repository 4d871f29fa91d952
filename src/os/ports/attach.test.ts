import { expect, it } from 'vitest';
import { address } from '../../wire/ip/address.ts';
import { attachHints } from './attach.ts';

it('says what to type at the other end', () => {
  expect(attachHints({ kind: 'qemu', address: { path: './vm,1.sock' } }, { id: 'nic0', mac: 0x0200_0000_0a01 })).toEqual([
    '-netdev stream,id=nic0,server=off,addr.type=unix,addr.path=./vm,,1.sock -device virtio-net-pci,netdev=nic0,mac=02:00:00:00:0a:01',
  ]);
  expect(attachHints({ kind: 'qemu', address: { host: '127.0.0.1', port: 5555 } })).toEqual([
    '-netdev stream,id=net0,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=5555 -device virtio-net-pci,netdev=net0',
  ]);
  expect(attachHints({ kind: 'qemu-listening', address: { path: './vm1.sock' } })[0]).toContain(
    '-netdev stream,id=net0,server=on,addr.type=unix,addr.path=./vm1.sock ',
  );
  const datagrams = { kind: 'qemu-datagrams', local: { path: 'ours' }, remote: { address: address('192.0.2.9'), port: 7 } } as const;
  expect(attachHints(datagrams)[0]).toContain(
    'dgram,id=net0,local.type=inet,local.host=192.0.2.9,local.port=7,remote.type=unix,remote.path=ours ',
  );
  expect(attachHints({ kind: 'tap', name: 'sw0' })).toEqual(['ip link set dev sw0 up', 'ip address add <address>/<bits> dev sw0']);
  expect(attachHints({ kind: 'interface', name: 'veth0' })[0]).toBe('ip link set dev veth0 addrgenmode none');
  expect(attachHints({ kind: 'tunnel', remote: address('192.0.2.7'), network: 42, local: address('192.0.2.1') })[0]).toBe(
    'ip link add vxlan42 mtu 1450 type vxlan id 42 remote 192.0.2.1 dstport 4789',
  );
});
