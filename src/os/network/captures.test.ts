import { describe, expect, it } from 'vitest';
import { TestPort } from '../../runtime/testing/test-port.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { captures } from './captures.ts';
import { PortSplice } from './port-splice.ts';

const PLACE = { node: 'tor1', port: '9' };

describe('captures of a port that the world is plugged into', () => {
  const clock = new VirtualClock();
  const inner = new TestPort('9', clock);
  const splice = new PortSplice(inner);
  const sent: Uint8Array[] = [];
  splice.wire = { rateBitsPerSecond: 10e9, carrier: true, transmit: (frame) => void sent.push(frame) };
  const capture = captures(
    clock,
    () => undefined,
    ({ port }) => (port === PLACE.port ? splice : undefined),
  );

  it('have what goes out and what comes in, and change nothing of it', () => {
    const blocks: Uint8Array[] = [];
    const running = capture(PLACE, (bytes) => blocks.push(bytes) > 0)!;
    expect(running.names).toEqual(['tor1:9', 'tor1:9 world']);
    const [out, into] = [new Uint8Array(60).fill(1), new Uint8Array(60).fill(2)];
    inner.wire!.transmit(out);
    splice.handleFrame(into);
    expect(sent).toEqual([out]);
    expect(inner.arrivals.map(({ frame }) => frame)).toEqual([into]);
    // A section, two interfaces, two packets; the interface of a packet is the first thing in it.
    expect(blocks.slice(3).map((block) => [block[0], block[8], block[28]])).toEqual([
      [6, 0, 1],
      [6, 1, 2],
    ]);
    running.stop();
    splice.handleFrame(into);
    expect(blocks).toHaveLength(5);
  });

  it('count what there was no room for', () => {
    let room = true;
    const running = capture(PLACE, () => room)!;
    room = false;
    splice.handleFrame(new Uint8Array(60));
    splice.handleFrame(new Uint8Array(60));
    expect(running.omitted).toBe(2);
    running.stop();
  });

  it('are not to be had where nothing is plugged in', () => {
    expect(capture({ node: 'tor1', port: '10' }, () => true)).toBeUndefined();
  });
});
