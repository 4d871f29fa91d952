import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../base/bytes.ts';
import { seededRng } from '../../../base/rng.ts';
import * as cdbs from '../../../wire/scsi/cdb.ts';
import { decodeCapacity16 } from '../../../wire/scsi/capacity-data.ts';
import { decodeSense } from '../../../wire/scsi/sense.ts';
import { SessionBench } from './testing/bench.ts';

const random = (bytes: number, seed = 1): Uint8Array => seededRng(seed).fill(new Uint8Array(bytes));

describe('a session', () => {
  it('logs in, writes, reads back, logs out', () => {
    const bench = new SessionBench().opened();
    const data = random(4096);
    const written = bench.command({ lun: 0, cdb: cdbs.write(8, 8), dataOut: [data] });
    expect([written.status, written.error]).toEqual([0, undefined]);
    const read = bench.command({ lun: 0, cdb: cdbs.read(8, 8), dataInBytes: 4096 });
    expect(read.status).toBe(0);
    expect(Buffer.compare(read.data, data)).toBe(0);
    bench.close();
    expect(bench.states).toEqual(['logged-in', 'closing', 'closed']);
    expect(bench.target.service.sessions()).toEqual([]);
    expect(bench.news()).toEqual(['initiator-logged-in', 'initiator-logged-out']);
  });
});
void [fromHex, decodeCapacity16, decodeSense];
