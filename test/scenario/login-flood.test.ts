/** A thousand connections that never log in: the limit and the login timeout shed them, and whoever has a session notices nothing (in memory). */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/base/clock.ts';
import { seededRng } from '../../src/base/rng.ts';
import { MemoryStore } from '../../src/storage/block/memory.ts';
import { defaultLimits } from '../../src/storage/iscsi/limits.ts';
import { cdb10 } from '../../src/storage/scsi/testing/block-cdbs.ts';
import { Harness, type Session, TARGET } from '../fuzz/harness.ts';
import type { MemoryWire } from '../fuzz/memory-wire.ts';
import { loginRequest } from '../fuzz/pdu-source.ts';
import { assemble } from '../fuzz/raw-initiator.ts';

const FLOOD = 1000;
const { loginsPending, loginTimeoutNanos } = defaultLimits;

const array = (): Harness => new Harness({ targets: { [TARGET]: [{ store: new MemoryStore({ sizeBytes: 1024 * 1024, thin: false }) }] } });

function goodSession(harness: Harness): Session {
  const session = harness.login({ name: 'iqn.2026-01.net.example:good' });
  session.run({ cdb: new Uint8Array(16) });
  return session;
}

function works({ run }: Session, mark: number): void {
  const data = new Uint8Array(4096).fill(mark);
  expect(run({ cdb: cdb10(0x2a, 0, 8), dataOut: data, immediateBytes: 4096 }).status).toBe(0);
  expect(run({ cdb: cdb10(0x28, 0, 8), dataInBytes: 4096 }).dataIn).toEqual(data);
}

/** How a connection may fail to log in. */
const floods: Readonly<Record<string, (wire: MemoryWire) => void>> = {
  'say nothing': () => {},
  'send half a header': (wire) => wire.send(new Uint8Array(20).fill(0x43)),
  'begin a login and leave it there': (wire) => {
    const text = new TextEncoder().encode(`InitiatorName=iqn.2026-01.net.example:flood\0TargetName=${TARGET}\0`);
    const { header, data } = loginRequest(seededRng(1), text);
    header[1] = 0x04; // operational stage, no transit
    wire.send(assemble(header, data, false));
  },
  'announce a login text and send half of it': (wire) => {
    const { header, data } = loginRequest(seededRng(1), new Uint8Array(8000));
    wire.send(assemble(header, data, false).subarray(0, 4000));
  },
};

describe('connections that never log in', () => {
  it.each(Object.entries(floods))('and %s are shed', (_, behave) => {
    const harness = array();
    const good = goodSession(harness);
    const wires: MemoryWire[] = [];
    for (let index = 0; index < FLOOD; index += 1) {
      const wire = harness.connect();
      behave(wire);
      wires.push(wire);
      harness.pump();
      if (index % 100 === 0) works(good, index / 100);
    }
    // The limit holds at every moment; those that waited longest went.
    expect(wires.filter(({ closed }) => !closed).length).toBe(loginsPending);
    expect(wires.slice(-loginsPending).every(({ closed }) => !closed)).toBe(true);
    expect(harness.service.counters).toMatchObject({ connectionsShed: FLOOD - loginsPending, loginsTimedOut: 0 });
    works(good, 77);
    // Somebody honest still gets in, in the place of one of them.
    const late = harness.login({ name: 'iqn.2026-01.net.example:late' });
    late.run({ cdb: new Uint8Array(16) });
    works(late, 78);
    // And time takes the rest.
    harness.elapse(loginTimeoutNanos + SECOND);
    expect(wires.every(({ closed }) => closed)).toBe(true);
    const { connectionsShed, loginsTimedOut } = harness.service.counters;
    expect(connectionsShed + loginsTimedOut).toBe(FLOOD);
    works(good, 79);
    works(late, 80);
    expect(harness.leftovers()).toEqual({ reservedBytes: 0, sessions: 2, commands: 0, tasks: 0 });
  });

  it('are given the whole time when they are few', () => {
    const harness = array();
    const wire = harness.connect();
    harness.elapse(loginTimeoutNanos - 1);
    expect(wire.closed).toBe(false);
    harness.elapse(2);
    expect(wire.closed).toBe(true);
    expect(harness.events.map(({ name }) => name)).toContain('login-timed-out');
  });

  it('do not count once they are gone or logged in', () => {
    const harness = array();
    for (let index = 0; index < 2 * loginsPending; index += 1) {
      harness.connect().finish();
      harness.pump();
    }
    const sessions = Array.from({ length: loginsPending + 20 }, (_, index) =>
      harness.login({ name: `iqn.2026-01.net.example:host${index}` }),
    );
    expect(harness.service.counters.connectionsShed).toBe(0);
    expect(sessions.every(({ wire }) => !wire.closed)).toBe(true);
  });
});

describe('logins that are refused over and over', () => {
  it('leave nothing behind', () => {
    const harness = array();
    const good = goodSession(harness);
    for (let index = 0; index < FLOOD; index += 1) {
      expect(() => harness.login({ name: `iqn.2026-01.net.example:host${index}`, target: 'iqn.2026-01.net.samewire:absent' })).toThrow(
        /refused/,
      );
    }
    harness.pump();
    expect(harness.wires.size).toBe(1);
    expect(harness.service.counters).toMatchObject({ loginsRefused: FLOOD, connectionsShed: 0 });
    works(good, 3);
  });
});
