import { array, assert, boolean, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../base/byte-stream.ts';
import { concat } from '../../base/bytes.ts';
import { seededRng } from '../../base/rng.ts';
import { putHeader } from '../../wire/iscsi/basic-header.ts';
import { PduWriter } from './pdu-writer.ts';
import { cutPdus, type DigestUse, NO_DIGESTS } from './testing/pdu-bytes.ts';

/** A stream that sends when it is told to, and reads the views only then: who changed them meanwhile is found out. */
class LateStream implements ByteStream {
  readonly remote = '192.0.2.7:1';
  readonly local = '192.0.2.1:3260';
  readonly queuedBytes = 0;
  readonly writes: { readonly views: readonly Uint8Array[]; readonly sent: (() => void) | undefined }[] = [];
  readonly #out: Uint8Array[] = [];
  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    this.writes.push({ views, sent });
  }
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
  send(): void {
    for (const { views, sent } of this.writes.splice(0)) {
      this.#out.push(concat([...views, new Uint8Array(0)]).slice());
      sent?.();
    }
  }
  get bytes(): Uint8Array {
    return concat([...this.#out, new Uint8Array(0)]);
  }
}

function writing(digests: DigestUse = NO_DIGESTS) {
  const stream = new LateStream();
  const writer = new PduWriter(stream);
  writer.headerDigest = digests.header;
  writer.dataDigest = digests.data;
  let written = 0;
  const put = (data: Uint8Array | readonly Uint8Array[], link = false): void => {
    const views = data instanceof Uint8Array ? [data] : data;
    const length = views.reduce((sum, view) => sum + view.length, 0);
    const at = writer.begin(link ? 0 : length);
    written += 1;
    putHeader(writer.buffer, at, 0x25, 0x80, length, written);
    writer.sealHeader(at);
    if (link) writer.linkData(views, length);
    else if (length !== 0) writer.copyData(views, length);
  };
  return { stream, writer, put };
}

const some = (length: number, seed = length): Uint8Array => seededRng(seed).fill(new Uint8Array(length));

describe('what is written can be read', () => {
  const pdu = record({
    lengths: array(constantFrom(1, 3, 4, 100, 513, 4096, 20_001), { maxLength: 4 }),
    link: boolean(),
    flush: boolean(),
    send: boolean(),
  });
  it('whatever is copied, linked, batched and sent late', () => {
    assert(
      property(array(pdu, { maxLength: 30 }), record({ header: boolean(), data: boolean() }), (list, digests) => {
        const { stream, writer, put } = writing(digests);
        const datas = list.map(({ lengths }, index) => lengths.map((length, part) => some(length, index * 10 + part)));
        list.forEach(({ link, flush, send }, index) => {
          const views = datas[index]!;
          put(views, link && views.length !== 0);
          if (flush) writer.flush();
          if (send) stream.send();
        });
        writer.flush();
        stream.send();
        const { pdus, rest } = cutPdus(stream.bytes, digests);
        expect(rest).toHaveLength(0);
        expect(pdus.map(({ header }) => header[19])).toEqual(list.map((_, index) => (index + 1) & 0xff));
        pdus.forEach(({ data }, index) => expect(Buffer.compare(data, concat([...datas[index]!, new Uint8Array(0)]))).toBe(0));
        expect(writer.pendingBytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe('data', () => {
  it('is padded with zeros also where an older batch left other bytes behind', () => {
    const { stream, writer, put } = writing();
    for (let round = 0; round < 3; round += 1) {
      put(new Uint8Array(2000).fill(0xff));
      writer.flush();
      stream.send();
    }
    put(Uint8Array.of(1));
    put(Uint8Array.of(2, 3, 4), true);
    writer.flush();
    stream.send();
    expect(
      cutPdus(stream.bytes)
        .pdus.slice(3)
        .map((pdu) => [...pdu.data]),
    ).toEqual([[1], [2, 3, 4]]);
  });

  it('copied may be longer than what is said: the rest is left', () => {
    const { stream, writer } = writing();
    for (const views of [[some(100)], [some(60), some(60)]]) {
      const at = writer.begin(80);
      putHeader(writer.buffer, at, 0x25, 0x80, 80, 1);
      writer.sealHeader(at);
      writer.copyData(views, 80);
    }
    writer.flush();
    stream.send();
    expect(cutPdus(stream.bytes).pdus.map((pdu) => [...pdu.data])).toEqual([
      [...some(100).subarray(0, 80)],
      [...some(60), ...some(60).subarray(0, 20)],
    ]);
  });

  it('linked is not copied', () => {
    const { stream, writer, put } = writing();
    const data = some(16_384);
    put(data, true);
    writer.flush();
    expect(stream.writes[0]!.views).toContain(data);
  });

  it('beyond a batch gets a buffer of its own', () => {
    const { stream, writer, put } = writing({ header: true, data: true });
    put(some(100_001));
    put(some(5));
    writer.flush();
    stream.send();
    expect(cutPdus(stream.bytes, { header: true, data: true }).pdus.map((pdu) => pdu.data.length)).toEqual([100_001, 5]);
  });
});

describe('batches', () => {
  it('are one write each, and none where there is nothing to send', () => {
    const { stream, writer, put } = writing();
    writer.flush();
    expect(stream.writes).toHaveLength(0);
    put(some(10));
    put(some(20_000), true);
    put(some(10));
    writer.flush();
    writer.flush();
    expect(stream.writes).toHaveLength(1);
  });

  it('are counted until they have left', () => {
    const { stream, writer, put } = writing();
    const counts: number[] = [];
    writer.onSent = () => counts.push(writer.pendingBytes);
    put(some(100));
    writer.flush();
    expect(writer.pendingBytes).toBe(148);
    put(some(20_000), true);
    expect(writer.pendingBytes).toBeGreaterThanOrEqual(20_148);
    writer.flush();
    expect(writer.pendingBytes).toBe(148 + 20_048);
    stream.send();
    expect(counts).toEqual([20_048, 0]);
  });

  it('say when they have left, each with what belongs to it', () => {
    const { stream, writer, put } = writing();
    const log: string[] = [];
    put(some(1));
    writer.whenSent(() => log.push('first'));
    writer.flush();
    put(some(1));
    writer.whenSent(() => log.push('second'));
    expect(log).toEqual([]);
    stream.send();
    expect(log).toEqual(['first']);
    writer.flush();
    stream.send();
    expect(log).toEqual(['first', 'second']);
  });

  it('in flight are not written over, however many there are', () => {
    const { stream, writer, put } = writing({ header: true, data: false });
    const datas = Array.from({ length: 400 }, (_, index) => some(1 + (index % 3000), index));
    datas.forEach((data, index) => {
      put(data);
      if (index % 3 === 0) writer.flush();
      if (index % 50 === 49) stream.send();
    });
    writer.flush();
    stream.send();
    const { pdus } = cutPdus(stream.bytes, { header: true, data: false });
    expect(pdus.map(({ data }, index) => Buffer.compare(data, datas[index]!))).toEqual(datas.map(() => 0));
  });
});
