import { describe, expect, it } from 'vitest';
import { hex } from '../../base/bytes.ts';
import { ARP_REPLY, ARP_REQUEST, decodeArp, encodeArp } from '../ethernet/arp.ts';
import { decodeEthernet, ETHERNET_HEADER_BYTES, popTag, pushTag, tagControlOf, TYPE_ARP, TYPE_IPV4 } from '../ethernet/frame.ts';
import { CHASSIS_MAC, decodeLldp, describeIdentifier, encodeLldp, PORT_MAC } from '../ethernet/lldp.ts';
import { BROADCAST_MAC, NEAREST_BRIDGE_MAC, parseMac } from '../ethernet/mac.ts';
import { address, formatIp, multicastMac, solicitedNode } from './address.ts';
import { pseudoHeaderSum } from './checksum.ts';
import * as dhcp from './dhcp.ts';
import { describeFrame } from './describe.ts';
import { decodeIcmp, encodeIcmp, echoRest, ICMP_ECHO_REQUEST } from './icmp.ts';
import { CHANGE_TO_EXCLUDE } from './group-record.ts';
import { decodeIgmp, encodeIgmpV3Report } from './igmp.ts';
import { decodeIpv4, encodeIpv4, IPV4_HEADER_BYTES, IPV4_SOURCE_AT, PROTOCOL_ICMPV6, PROTOCOL_TCP } from './ipv4.ts';
import { decodeIpv6, encodeIpv6, IPV6_HEADER_BYTES, IPV6_SOURCE_AT } from './ipv6.ts';
import { decodeNeighbor, neighborAdvertisementBody, neighborRest, neighborSolicitationBody } from './neighbor.ts';
import { ACK, decodeTcp, PSH, putTcp, putTcpOptions, sealTcp, SYN, TCP_HEADER_BYTES, tcpOptionBytes } from './tcp.ts';
import * as golden from './testing/golden.ts';
import { decodeUdp, encodeUdp } from './udp.ts';

const A = parseMac('02:00:00:00:0a:01')!;
const B = parseMac('02:00:00:00:0b:02')!;
const PAYLOAD = ETHERNET_HEADER_BYTES;

/** What our encoder makes of the parts stands in `frame` byte for byte. */
const same = (made: Uint8Array, frame: Uint8Array, at: number, end = at + made.length): void =>
  expect(hex(made)).toBe(hex(frame.subarray(at, end)));

describe('frames that others made', () => {
  it.each(Object.entries(golden))('%s reads as tcpdump reads it', (_name, { frame, tcpdump }) => {
    // Of fragments behind the first, tcpdump says no more than their protocol; we say where they belong.
    const ours = describeFrame(frame).replace(/, fragment at 2960$/, '');
    expect(ours).toBe(tcpdump);
  });

  it('ARP', () => {
    const request = decodeEthernet(golden.arpRequest.frame);
    expect(request).toMatchObject({ destination: BROADCAST_MAC, source: A, type: TYPE_ARP, payloadAt: PAYLOAD });
    const arp = decodeArp(golden.arpRequest.frame, PAYLOAD);
    expect(arp).toMatchObject({ operation: ARP_REQUEST, senderMac: A, targetMac: 0 });
    for (const { frame } of [golden.arpRequest, golden.arpReply]) {
      const out = new Uint8Array(28);
      encodeArp(decodeArp(frame, PAYLOAD), out, 0);
      same(out, frame, PAYLOAD);
    }
    expect(decodeArp(golden.arpReply.frame, PAYLOAD)).toMatchObject({ operation: ARP_REPLY, senderMac: B, targetMac: A });
  });

  it('TCP over IPv4, options and all', () => {
    for (const { frame } of [golden.synchronize, golden.synchronizeAnswer, golden.tcpData, golden.tcpFinish, golden.tcpReset]) {
      const packet = decodeIpv4(frame, PAYLOAD);
      const out = new Uint8Array(frame.length - PAYLOAD);
      encodeIpv4({ ...packet, fragment: packet.dontFragment ? 0x4000 : 0 }, packet.payloadEnd - packet.payloadAt, out, 0);
      const pseudo = pseudoHeaderSum(frame, PAYLOAD + IPV4_SOURCE_AT, 4, PROTOCOL_TCP, packet.payloadEnd - packet.payloadAt);
      const segment = decodeTcp(frame, packet.payloadAt, packet.payloadEnd, pseudo);
      const header = TCP_HEADER_BYTES + tcpOptionBytes(segment.options);
      const at = IPV4_HEADER_BYTES;
      putTcp(
        out,
        at,
        segment.sourcePort,
        segment.destinationPort,
        segment.sequence,
        segment.acknowledgment,
        header,
        segment.flags,
        segment.window,
      );
      putTcpOptions(segment.options, out, at + TCP_HEADER_BYTES);
      out.set(frame.subarray(segment.payloadAt, segment.payloadEnd), at + header);
      sealTcp(out, at, out.length, pseudo);
      same(out, frame, PAYLOAD);
    }
    const syn = decodeIpv4(golden.synchronize.frame, PAYLOAD);
    const pseudo = pseudoHeaderSum(golden.synchronize.frame, PAYLOAD + IPV4_SOURCE_AT, 4, PROTOCOL_TCP, 40);
    expect(decodeTcp(golden.synchronize.frame, syn.payloadAt, syn.payloadEnd, pseudo)).toMatchObject({
      sourcePort: 50154,
      destinationPort: 7000,
      flags: SYN,
      window: 64240,
      options: { segmentBytesMax: 1460, windowScale: 10, sackPermitted: true, hasTimestamps: true, timestamp: 1962097588, sackBlocks: 0 },
    });
    const data = decodeIpv4(golden.tcpData.frame, PAYLOAD);
    const dataSum = pseudoHeaderSum(golden.tcpData.frame, PAYLOAD + IPV4_SOURCE_AT, 4, PROTOCOL_TCP, data.payloadEnd - data.payloadAt);
    const segment = decodeTcp(golden.tcpData.frame, data.payloadAt, data.payloadEnd, dataSum);
    expect(segment.flags).toBe(PSH | ACK);
    expect(new TextDecoder().decode(golden.tcpData.frame.subarray(segment.payloadAt, segment.payloadEnd))).toBe('hello over the wire');
  });

  it('IPv6 and neighbour discovery', () => {
    for (const [{ frame }, kind] of [
      [golden.neighborSolicitation, 'solicitation'],
      [golden.neighborAdvertisement, 'advertisement'],
    ] as const) {
      const packet = decodeIpv6(frame, PAYLOAD);
      const out = new Uint8Array(frame.length - PAYLOAD);
      const pseudo = pseudoHeaderSum(frame, PAYLOAD + IPV6_SOURCE_AT, 16, PROTOCOL_ICMPV6, 32);
      const message = decodeIcmp(frame, packet.payloadAt, packet.payloadEnd, pseudo);
      const neighbor = decodeNeighbor(frame, message.rest, message.bodyAt, message.bodyEnd);
      expect(formatIp(neighbor.target)).toBe('2001:db8::2');
      const body =
        kind === 'solicitation'
          ? neighborSolicitationBody(neighbor.target, neighbor.options.sourceMac)
          : neighborAdvertisementBody(neighbor.target, neighbor.options.targetMac!);
      encodeIpv6({ ...packet, nextHeader: PROTOCOL_ICMPV6 }, 32, out, 0);
      encodeIcmp(message.type, 0, neighborRest(neighbor), body, out, IPV6_HEADER_BYTES, pseudo);
      same(out, frame, PAYLOAD);
    }
    expect(decodeEthernet(golden.neighborSolicitation.frame).destination).toBe(multicastMac(solicitedNode(address('2001:db8::2'))));
    expect(decodeIpv6(golden.listenerReport.frame, PAYLOAD)).toMatchObject({
      protocol: PROTOCOL_ICMPV6,
      hopLimit: 1,
      payloadAt: PAYLOAD + 48,
    });
    expect(decodeIpv6(golden.lastFragment6.frame, PAYLOAD).fragment).toMatchObject({
      identification: 0x67871e20,
      offset: 2896,
      more: false,
    });
  });

  it('ICMP, options of IPv4, fragments', () => {
    const { frame } = golden.echoRequest;
    const packet = decodeIpv4(frame, PAYLOAD);
    const echo = decodeIcmp(frame, packet.payloadAt, packet.payloadEnd);
    const out = new Uint8Array(64);
    encodeIcmp(ICMP_ECHO_REQUEST, 0, echoRest(19211, 1), frame.subarray(echo.bodyAt, echo.bodyEnd), out, 0);
    same(out, frame, packet.payloadAt);
    const route = decodeIpv4(golden.recordRoute.frame, PAYLOAD);
    // A filler, then Record Route (RFC 791 §3.1).
    expect([route.options.length, route.options[0], route.options[1], route.payloadAt]).toEqual([40, 1, 7, PAYLOAD + 60]);
    const again = new Uint8Array(60);
    encodeIpv4({ ...route, fragment: 0x4000 }, 64, again, 0);
    same(again, golden.recordRoute.frame, PAYLOAD);
    expect(decodeIpv4(golden.lastFragment.frame, PAYLOAD)).toMatchObject({
      identification: 0xb0e5,
      fragmentOffset: 2960,
      moreFragments: false,
    });
  });

  it('IGMP', () => {
    const { frame } = golden.groupJoin;
    const packet = decodeIpv4(frame, PAYLOAD);
    const report = decodeIgmp(frame, packet.payloadAt, packet.payloadEnd);
    expect(report).toEqual({
      type: 'report',
      version: 3,
      records: [{ type: CHANGE_TO_EXCLUDE, group: address('239.1.2.3'), sources: [] }],
    });
    same(encodeIgmpV3Report(report.type === 'report' && report.version === 3 ? report.records : []), frame, packet.payloadAt);
  });

  it('DHCP', () => {
    for (const { frame } of [golden.dhcpOffer, golden.dhcpRequest, golden.dhcpAcknowledge]) {
      const packet = decodeIpv4(frame, PAYLOAD);
      const pseudo = pseudoHeaderSum(frame, PAYLOAD + IPV4_SOURCE_AT, 4, 17, packet.payloadEnd - packet.payloadAt);
      const datagram = decodeUdp(frame, packet.payloadAt, packet.payloadEnd, pseudo);
      const message = dhcp.decodeDhcp(frame, datagram.payloadAt, datagram.payloadEnd);
      same(dhcp.encodeDhcp(message), frame, datagram.payloadAt);
      const out = new Uint8Array(packet.payloadEnd - packet.payloadAt);
      out.set(frame.subarray(datagram.payloadAt, datagram.payloadEnd), 8);
      encodeUdp(datagram.sourcePort, datagram.destinationPort, datagram.payloadEnd - datagram.payloadAt, out, 0, pseudo);
      same(out, frame, packet.payloadAt);
    }
    const offer = dhcp.decodeDhcp(golden.dhcpOffer.frame, PAYLOAD + 28, golden.dhcpOffer.frame.length);
    expect([dhcp.messageType(offer), offer.request, offer.clientMac, formatIp(offer.yourAddress)]).toEqual([
      dhcp.DHCP_OFFER,
      false,
      B,
      '192.0.2.136',
    ]);
    expect(dhcp.optionNumber(offer, dhcp.OPTION_LEASE_SECONDS)).toBe(600);
    expect(formatIp(dhcp.optionAddress(offer, dhcp.OPTION_ROUTER)!)).toBe('192.0.2.1');
  });

  it('LLDP', () => {
    const { frame } = golden.lldp;
    const told = decodeLldp(frame, PAYLOAD);
    expect(told).toMatchObject({
      secondsToLive: 120,
      systemName: 'vm',
      systemDescription: 'A test host',
      capabilities: { supported: 0x9c, enabled: 0x80 },
    });
    expect([describeIdentifier(told.chassis, CHASSIS_MAC), describeIdentifier(told.port, PORT_MAC)]).toEqual([
      '02:00:00:00:0b:02',
      '02:00:00:00:0b:02',
    ]);
    expect(told.managementAddresses.map((one) => formatIp(one))).toContain('192.0.2.2');
    expect(decodeEthernet(frame).destination).toBe(NEAREST_BRIDGE_MAC);
    // Another sender's interface numbers aside, what we write means the same again.
    const { managementAddresses: _, ...rest } = told;
    expect(decodeLldp(encodeLldp(told), 0)).toMatchObject(rest);
  });
});

describe('tags', () => {
  it('are pushed and popped, also two of them', () => {
    const inner = pushTag(golden.echoRequest.frame, tagControlOf(100, 3));
    const outer = pushTag(inner, tagControlOf(200, 5, true), 0x88a8);
    expect(decodeEthernet(outer)).toMatchObject({
      type: TYPE_IPV4,
      payloadAt: 22,
      tags: [
        { type: 0x88a8, vlan: 200, priority: 5, dropEligible: true },
        { type: 0x8100, vlan: 100, priority: 3, dropEligible: false },
      ],
    });
    expect(describeFrame(inner)).toBe(`vlan 100, p 3, ${golden.echoRequest.tcpdump}`);
    expect(hex(popTag(popTag(outer)))).toBe(hex(golden.echoRequest.frame));
  });
});
