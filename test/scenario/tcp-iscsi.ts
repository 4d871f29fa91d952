/** An iSCSI initiator and target of ours over our TCP, between two hosts in virtual time over a bad link; a model says what must be read. */
import { type Clock, MICROSECOND, SECOND } from '../../src/base/clock.ts';
import type { EventSink, FabricEvent } from '../../src/base/event.ts';
import { below, seededRng } from '../../src/base/rng.ts';
import { storageArray } from '../../src/device/storage-array.ts';
import { ADDRESS_B, ADDRESS_B6, tcpPair } from '../../src/inet/tcp/testing/tcp-pair.ts';
import type { TcpStack } from '../../src/inet/tcp/stack.ts';
import type { LinkFaults } from '../../src/runtime/link-faults.ts';
import type { LinkSettings } from '../../src/runtime/link.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { defaultInitiatorLimits, type Dial, InitiatorSession, InitiatorTask } from '../../src/storage/iscsi/initiator/index.ts';
import { defaultLimits } from '../../src/storage/iscsi/limits.ts';
import { formatIp, parseAddress } from '../../src/wire/ip/address.ts';
import * as cdbs from '../../src/wire/scsi/cdb.ts';
import { BLOCK_BYTES, DiskModel, stamped } from './initiator-storm-disk.ts';

export const TARGET = 'iqn.2026-01.net.example:tcp';
export const DISK_BLOCKS = 4096;
const UNDER_WAY_MAX = 16;

/** Dials over a TCP of ours. */
export const dialOver =
  (stack: TcpStack, clock: Clock): Dial =>
  (portal, receiver, opened) => {
    const to = parseAddress(portal.host);
    const stream = to === undefined ? undefined : stack.connect(to, portal.port, { receiver, opened });
    if (stream === undefined) clock.after(0, () => receiver.handleClose('no way to host'));
    return { cancel: () => stream?.destroy() };
  };

export interface TcpIscsiReport {
  readonly violations: readonly string[];
  readonly succeeded: number;
  readonly failed: number;
  readonly bytes: number;
  readonly retransmitted: number;
  readonly virtualSeconds: number;
}

export interface TcpIscsiPlan {
  readonly seed: number;
  readonly commands: number;
  readonly faults: LinkFaults;
  readonly ipv6?: boolean;
  readonly link?: Partial<LinkSettings>;
}

/** An array behind a host's TCP. */
export function serveDisk(tcp: TcpStack, store: MemoryStore, seed: number, events: EventSink): void {
  const array = storageArray({
    name: 'array1',
    clock: tcp.clock,
    rng: seededRng(seed + 100),
    events,
    limits: defaultLimits,
    discoveryChap: undefined,
    portals: [{ groupTag: 1, announce: undefined }],
    groups: [],
    targets: [
      {
        name: TARGET,
        alias: undefined,
        portalGroups: [1],
        units: [
          {
            lun: 0,
            config: {
              identity: { vendor: 'EXAMPLE', product: 'TCP', revision: '0001', serial: 'tcp', naa: new Uint8Array(16).fill(0x60) },
              blockBytes: BLOCK_BYTES,
              physicalBlockExponent: 0,
              thin: true,
              readOnly: false,
              removable: false,
            },
            store,
            options: {},
          },
        ],
        grant: () => ({ chap: undefined }),
        movedTo: undefined,
      },
    ],
  });
  tcp.listen({
    port: 3260,
    onConnection(stream) {
      const { receiver, attach } = array.service.accept(array.service.portals[0]!);
      attach(stream);
      return receiver;
    },
  });
}

export function tcpIscsi({ seed, commands, faults, ipv6, link }: TcpIscsiPlan): TcpIscsiReport {
  const rng = seededRng(seed);
  const pair = tcpPair({ seed, link: { delayNanos: 50 * MICROSECOND, ...link } });
  const { clock } = pair;
  const store = new MemoryStore({ sizeBytes: DISK_BLOCKS * BLOCK_BYTES, thin: true });
  const model = new DiskModel(DISK_BLOCKS);
  const violations: string[] = [];
  const told: FabricEvent[] = [];
  const deferred: (() => void)[] = [];
  let begun = 0;
  let ended = 0;
  let succeeded = 0;
  let bytes = 0;
  let isOpen = false;
  let isClosed = false;
  serveDisk(pair.tcpB, store, seed, (event) => told.push(event));
  pair.link.setFaults(faults);
  const session = new InitiatorSession(
    {
      initiatorName: 'iqn.2026-01.net.example:host',
      initiatorAlias: undefined,
      targetName: TARGET,
      portals: [{ host: formatIp(ipv6 === true ? ADDRESS_B6 : ADDRESS_B), port: 3260 }],
      chap: undefined,
      chapRequired: false,
      isid: undefined,
    },
    { ...defaultInitiatorLimits, headerDigest: ['CRC32C'], dataDigest: ['CRC32C'] },
    {
      clock,
      rng: seededRng(seed + 200),
      events: (event) => told.push(event),
      allocate: (count) => new Uint8Array(count),
      defer: (action) => void deferred.push(action),
      dial: dialOver(pair.tcpA, clock),
    },
    {
      handleState(state) {
        if (state === 'closed') isClosed = true;
      },
      handleAttention() {},
      handleRoom() {},
    },
  );
  const hasRoom = (): boolean => isOpen && begun < commands && begun - ended < UNDER_WAY_MAX;
  const fill = (): void => {
    while (hasRoom() && begin());
  };
  const begin = (): boolean => {
    const blocks = 1 + below(rng, below(rng, 5) === 0 ? 500 : 30);
    const lba = below(rng, DISK_BLOCKS - blocks);
    const writes = below(rng, 2) === 0;
    if (!model.isFree(lba, blocks, writes)) return below(rng, 4) !== 0;
    begun += 1;
    const stamp = begun;
    model.use(lba, blocks, writes);
    const request = writes
      ? { lun: 0, cdb: cdbs.write(lba, blocks), dataOut: [stamped(stamp, lba, blocks)], attentionRetries: 10 }
      : { lun: 0, cdb: cdbs.read(lba, blocks), dataInBytes: blocks * BLOCK_BYTES, attentionRetries: 10 };
    const done = (task: InitiatorTask): void => {
      ended += 1;
      model.leave(lba, blocks, writes);
      if (task.error !== undefined || task.status !== 0) {
        if (writes) model.maybeWrite(lba, blocks, stamp);
      } else {
        succeeded += 1;
        bytes += blocks * BLOCK_BYTES;
        const wrong = writes ? void model.write(lba, blocks, stamp) : model.read(lba, task.data);
        if (wrong !== undefined) violations.push(`command ${stamp}: ${wrong}`);
      }
      deferred.push(fill);
    };
    session.scheduler.submit(new InitiatorTask(request, done));
    return true;
  };
  session.open((error) => {
    if (error !== undefined) violations.push(`the login failed: ${error.message}`);
    isOpen = error === undefined;
    deferred.push(fill);
  });
  const step = (): boolean => {
    for (let action = deferred.shift(); action !== undefined; action = deferred.shift()) action();
    return clock.step();
  };
  const limit = clock.now() + 3600 * SECOND;
  const goesOn = (): boolean => !isClosed && clock.now() < limit;
  const isWorking = (): boolean => goesOn() && ended < commands && violations.length === 0;
  while (isWorking() && step());
  const virtualSeconds = clock.now() / SECOND;
  if (ended !== commands) violations.push(`${ended} of ${commands} commands ended`);
  session.close(() => (isClosed = true));
  while (goesOn() && step());
  clock.run(clock.now() + 200 * SECOND);
  if (!isClosed) violations.push('the session did not close');
  for (const stack of [pair.tcpA, pair.tcpB]) if (stack.connections.length !== 0) violations.push('a connection is left');
  const retransmitted = pair.tcpA.counters.retransmittedSegments + pair.tcpB.counters.retransmittedSegments;
  return { violations, succeeded, failed: ended - succeeded, bytes, retransmitted, virtualSeconds };
}
