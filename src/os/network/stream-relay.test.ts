import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../base/byte-stream.ts';
import { streamRelay } from './stream-relay.ts';

/** A stream whose writes leave when the test says so. */
class HandStream implements ByteStream {
  readonly remote = 'a:1';
  readonly local = 'b:2';
  queuedBytes = 0;
  readonly written: number[] = [];
  readonly waiting: (() => void)[] = [];
  state = 'open';
  isPaused = false;

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    for (const view of views) this.written.push(...view);
    if (sent !== undefined) this.waiting.push(sent);
  }

  /** Everything has left. */
  flush(): void {
    for (const sent of this.waiting.splice(0)) sent();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  destroy(): void {
    this.state = 'destroyed';
  }
}

function bench() {
  let ended = 0;
  const relay = streamRelay(() => (ended += 1));
  const [left, right] = [new HandStream(), new HandStream()];
  const arrive = (side: 0 | 1, bytes: readonly number[]): void => {
    const receiver = relay.receivers[side];
    for (let at = 0; at < bytes.length; ) {
      const place = receiver.nextBuffer();
      const part = bytes.slice(at, at + place.length);
      place.set(part);
      receiver.handleBytes(part.length);
      at += part.length;
    }
  };
  return { relay, left, right, arrive, ended: () => ended };
}

describe('streamRelay', () => {
  it('hands on both ways, what came before the other side was there first', () => {
    const { relay, left, right, arrive } = bench();
    relay.attach(0, left);
    arrive(0, [1, 2, 3]);
    arrive(0, [4]);
    relay.attach(1, right);
    arrive(0, [5]);
    arrive(1, [9, 8]);
    expect([right.written, left.written]).toEqual([
      [1, 2, 3, 4, 5],
      [9, 8],
    ]);
  });

  it('keeps every byte in its order, also across buffers that are still on their way', () => {
    const { relay, left, right, arrive } = bench();
    relay.attach(0, left);
    relay.attach(1, right);
    const bytes = Array.from({ length: 200_000 }, (_, index) => (index * 7) & 0xff);
    arrive(0, bytes);
    expect(right.written).toEqual(bytes);
  });

  it('does not read one side while the other takes nothing', () => {
    const { relay, left, right, arrive } = bench();
    relay.attach(0, left);
    relay.attach(1, right);
    const piece = Array.from({ length: 64 * 1024 }, () => 1);
    for (let pieces = 0; pieces < 16; pieces += 1) arrive(0, piece);
    expect(left.isPaused).toBe(false);
    arrive(0, [1]);
    expect(left.isPaused).toBe(true);
    right.flush();
    expect(left.isPaused).toBe(false);
  });

  it('ends the other side when one ends, and is over when both are', () => {
    const { relay, left, right, ended } = bench();
    relay.attach(0, left);
    relay.attach(1, right);
    relay.receivers[0].handleClose(undefined);
    expect([right.state, ended()]).toEqual(['ended', 0]);
    relay.receivers[1].handleClose(undefined);
    expect(ended()).toBe(1);
  });

  it('ends a side that comes late', () => {
    const { relay, right } = bench();
    relay.receivers[0].handleClose('reset');
    relay.attach(1, right);
    expect(right.state).toBe('ended');
  });

  it('closes both', () => {
    const { relay, left, right } = bench();
    relay.attach(0, left);
    relay.attach(1, right);
    relay.close();
    expect([left.state, right.state]).toEqual(['destroyed', 'destroyed']);
  });
});
