import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { seededRng } from '../base/rng.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { address, formatIp } from '../wire/ip/address.ts';
import * as wire from '../wire/ip/dhcp.ts';
import * as golden from '../wire/ip/testing/golden.ts';
import { DhcpClient, type Lease } from './dhcp-client.ts';
import { DhcpServer, type DhcpServerSettings } from './dhcp-server.ts';

const SERVER: DhcpServerSettings = {
  server: address('192.0.2.1'),
  bits: 24,
  first: address('192.0.2.100'),
  last: address('192.0.2.102'),
  leaseSeconds: 600,
  reservations: [{ mac: 0x0200_0000_0009, address: address('192.0.2.9') }],
  options: new Map([[wire.OPTION_ROUTER, address('192.0.2.254')]]),
};

interface TestClient {
  readonly client: DhcpClient;
  readonly leases: (Lease | undefined)[];
  readonly sent: string[];
}

const NAMES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE', 'INFORM'];

function bench(): { clock: VirtualClock; server: DhcpServer; network: { up: boolean }; join(mac: number): TestClient } {
  const clock = new VirtualClock();
  const server = new DhcpServer(SERVER, clock);
  const network = { up: true };
  const join = (mac: number): TestClient => {
    const leases: (Lease | undefined)[] = [];
    const sent: string[] = [];
    const client = new DhcpClient(
      { mac, hostName: 'esx1', vendorClass: undefined },
      {
        send(message, to) {
          const type = NAMES[wire.messageType(wire.decodeDhcp(message, 0, message.length))];
          sent.push(`${Math.round(clock.now() / SECOND)}: ${type}${to === undefined ? '' : ` to ${formatIp(to)}`}`);
          if (!network.up) return;
          const answer = server.handleMessage(message);
          if (answer !== undefined) clock.after(1000, () => client.handleMessage(answer.message));
        },
        handleLease: (lease) => leases.push(lease),
      },
      clock,
      seededRng(mac),
    );
    return { client, leases, sent };
  };
  return { clock, server, network, join };
}

const has = ({ client }: TestClient): string | undefined => (client.lease === undefined ? undefined : formatIp(client.lease.address));

describe('DHCP', () => {
  it('gives a lease with everything that belongs to it, and renews it half-way', () => {
    const { clock, server, join } = bench();
    const one = join(0x0200_0000_0001);
    one.client.start();
    clock.run(SECOND);
    expect(one.client.lease).toMatchObject({ bits: 24, seconds: 600, router: address('192.0.2.254'), server: address('192.0.2.1') });
    expect([has(one), one.sent]).toEqual(['192.0.2.100', ['0: DISCOVER', '0: REQUEST']]);
    clock.run(1000 * SECOND);
    expect(one.sent.slice(2)).toEqual(['300: REQUEST to 192.0.2.1', '600: REQUEST to 192.0.2.1', '900: REQUEST to 192.0.2.1']);
    expect([one.leases.length, server.leases()]).toEqual([
      1,
      [{ address: '192.0.2.100', mac: '02:00:00:00:00:01', endsAt: expect.any(Number) as number }],
    ]);
    one.client.stop();
    expect([one.leases.at(-1), server.leases()]).toEqual([undefined, []]);
  });

  it('asks less and less often while nobody answers', () => {
    const { clock, network, join } = bench();
    network.up = false;
    const one = join(0x0200_0000_0001);
    one.client.start();
    clock.run(200 * SECOND);
    const gaps = one.sent.map((line) => Number.parseInt(line, 10)).map((at, index, all) => at - (all[index - 1] ?? 0));
    expect(gaps.slice(1).map((gap, index) => Math.abs(gap - Math.min(64, 4 * 2 ** index)) <= 2)).toEqual(gaps.slice(1).map(() => true));
    network.up = true;
    clock.run(300 * SECOND);
    expect(has(one)).toBe('192.0.2.100');
  });

  it('asks everybody when its server is silent, and gives the address up at the end of the lease', () => {
    const { clock, network, join } = bench();
    const one = join(0x0200_0000_0001);
    one.client.start();
    clock.run(SECOND);
    network.up = false;
    clock.run(599 * SECOND);
    expect(one.sent.slice(2).map((line) => line.replace(/^\d+: /, ''))).toEqual([
      'REQUEST to 192.0.2.1',
      'REQUEST to 192.0.2.1',
      'REQUEST to 192.0.2.1',
      'REQUEST',
      'REQUEST',
    ]);
    expect(has(one)).toBe('192.0.2.100');
    clock.run(610 * SECOND);
    expect([has(one), one.leases.length, one.client.state]).toEqual([undefined, 2, 'selecting']);
  });

  it('keeps addresses apart, honours reservations, and says nothing when none is left', () => {
    const { clock, server, join } = bench();
    const clients = [1, 2, 3, 4, 9].map((last) => join(0x0200_0000_0000 + last));
    for (const { client } of clients) client.start();
    clock.run(10 * SECOND);
    expect(clients.map(has)).toEqual(['192.0.2.100', '192.0.2.101', '192.0.2.102', undefined, '192.0.2.9']);
    expect(server.counters.exhausted).toBeGreaterThan(0);
    clients[1]!.client.stop();
    clock.run(100 * SECOND);
    expect(has(clients[3]!)).toBe('192.0.2.101');
  });

  it('gives a client that comes back the address that it gave back, unless another has it now', () => {
    const { clock, server, join } = bench();
    const [one, two, three] = [1, 2, 3].map((last) => join(0x0200_0000_0000 + last)) as [TestClient, TestClient, TestClient];
    const again = ({ client }: TestClient): void => {
      client.start();
      clock.run(clock.now() + 10 * SECOND);
    };
    again(one);
    one.client.stop();
    expect(server.leases()).toEqual([]);
    again(one);
    expect(has(one)).toBe('192.0.2.100');
    one.client.stop();
    for (const other of [two, three, join(0x0200_0000_0004)]) again(other);
    again(one);
    expect([has(one), server.counters.exhausted > 0]).toEqual([undefined, true]);
    two.client.stop();
    again(one);
    expect(has(one)).toBe('192.0.2.101');
  });

  it('refuses an address that another has, and the client begins anew', () => {
    const { clock, server, join } = bench();
    const one = join(0x0200_0000_0001);
    one.client.start();
    clock.run(SECOND);
    const stolen = wire.decodeDhcp(golden.dhcpRequest.frame, 42, golden.dhcpRequest.frame.length);
    const request = wire.encodeDhcp({
      ...stolen,
      options: new Map([
        [wire.OPTION_MESSAGE_TYPE, Uint8Array.of(wire.DHCP_REQUEST)],
        [wire.OPTION_REQUESTED_ADDRESS, address('192.0.2.100')],
      ]),
    });
    const answer = server.handleMessage(request)!;
    expect(wire.messageType(wire.decodeDhcp(answer.message, 0, answer.message.length))).toBe(wire.DHCP_REFUSE);
    // Somebody else's words change nothing for us.
    one.client.handleMessage(answer.message);
    one.client.handleMessage(Uint8Array.of(1, 2, 3));
    expect([has(one), one.client.ignored]).toEqual(['192.0.2.100', 2]);
  });

  it("answers udhcpc's own request for an address of the pool", () => {
    const { server } = bench();
    const frame = golden.dhcpRequest.frame.slice(42);
    const asked = wire.decodeDhcp(frame, 0, frame.length);
    const again = wire.encodeDhcp({
      ...asked,
      options: new Map(
        [...asked.options, [wire.OPTION_REQUESTED_ADDRESS, address('192.0.2.101')]].filter(([code]) => code !== wire.OPTION_SERVER) as [
          number,
          Uint8Array,
        ][],
      ),
    });
    const answer = server.handleMessage(again)!;
    const told = wire.decodeDhcp(answer.message, 0, answer.message.length);
    expect([wire.messageType(told), formatIp(told.yourAddress), told.transaction]).toEqual([
      wire.DHCP_ACKNOWLEDGE,
      '192.0.2.101',
      asked.transaction,
    ]);
    expect([server.handleMessage(Uint8Array.of(1)), server.counters.malformed]).toEqual([undefined, 1]);
  });
});
