import { describe, expect, it } from 'vitest';
import { WritePace } from './write-pace.ts';

class Scene {
  time = 0;
  waits = 0;
  asked = 0;
  readonly pace: WritePace;

  constructor(counts: boolean) {
    const waits = (): number => {
      this.asked += 1;
      return this.waits;
    };
    this.pace = new WritePace(() => this.time, counts ? waits : undefined);
  }

  /** Whether the write went at once; if so it took so long, and waited so often. */
  write(milliseconds = 0, waits = 0): boolean {
    if (!this.pace.begin()) return false;
    this.time += milliseconds;
    this.waits += waits;
    this.pace.ended();
    return true;
  }

  /** After how many milliseconds a write goes at once again. */
  pause(): number {
    const from = this.time;
    while (!this.pace.begin()) this.time += 1;
    this.pace.ended();
    return this.time - from;
  }
}

describe('WritePace by time alone', () => {
  it('pauses after a long write, and for longer when it happens again', () => {
    const scene = new Scene(false);
    expect(scene.write(9)).toBe(true);
    expect(scene.write(50)).toBe(true);
    expect(scene.write()).toBe(false);
    expect(scene.pause()).toBe(100);
    const pauses = Array.from({ length: 8 }, () => {
      scene.write(20);
      return scene.pause();
    });
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    scene.time += 10_001;
    scene.write(20);
    expect(scene.pause()).toBe(100);
  });
});

describe('WritePace with the kernel’s count', () => {
  it('asks for it only after a long write', () => {
    const scene = new Scene(true);
    for (let count = 0; count < 10; count += 1) scene.write(1);
    expect(scene.asked).toBe(0);
    scene.write(50, 1);
    expect(scene.asked).toBe(0);
    scene.write(1);
    expect(scene.asked).toBe(1);
    scene.time += 1000;
    scene.write(1);
    expect(scene.asked).toBe(1);
  });

  it('minds no long writes that waited for nothing but the processor', () => {
    const scene = new Scene(true);
    for (let count = 0; count < 100; count += 1) expect(scene.write(50)).toBe(true);
  });

  it('pauses at the second one that waited', () => {
    const scene = new Scene(true);
    expect(scene.write(50, 1)).toBe(true);
    expect(scene.write(50, 1)).toBe(true);
    expect(scene.pause()).toBe(100);
    // From then on at the first.
    expect(scene.write(50, 1)).toBe(true);
    expect(scene.pause()).toBe(200);
  });
});
