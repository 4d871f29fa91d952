/** Features of getting there: discovery, CHAP, digests, redirection, several units. */
import assert from 'node:assert/strict';
import { connectIscsi, discover, type IscsiOptions } from '../../../src/os/iscsi/index.ts';
import { randomBytes } from '../initiator-targets.ts';
import { type Feature, type FeatureBench, holds, SECRET, TARGET_SECRET, TARGET_USER, USER } from './feature.ts';

const MIB = 1024 * 1024;
const AUTHENTICATION_FAILURE = 0x0201;

const choice = (value: boolean): 'crc32c' | 'none' => (value ? 'crc32c' : 'none');

async function digests(bench: FeatureBench, header: boolean, data: boolean): Promise<void> {
  const target = await bench.start();
  const options: IscsiOptions = { headerDigest: choice(header), dataDigest: choice(data) };
  const session = await bench.session(target, options);
  assert.deepEqual([session.status.headerDigest, session.status.dataDigest], [header, data]);
  const unit = target.units[0]!;
  const disk = await session.device(unit.lun);
  // Odd lengths too: padding and digests of it are where mistakes are.
  await session.execute({ lun: unit.lun, cdb: Uint8Array.of(0x12, 0, 0, 0, 37, 0), dataInBytes: 37, attentionRetries: 8 });
  for (const [index, bytes] of [512, 8192, 262_656, 4 * MIB].entries()) {
    const content = randomBytes(bytes, 100 + index);
    await disk.write(64 + index, content);
    await disk.flush();
    await holds(disk, unit, 64 + index, content, `${bytes} bytes`);
  }
}

export const accessFeatures: readonly Feature[] = [
  {
    id: 'discovery',
    title: 'SendTargets discovery: all, and one by name',
    run: async (bench) => {
      const target = await bench.start();
      const all = await discover(target.portal, { environment: {} });
      assert(all.some(({ name, portals }) => name === target.name && portals.length > 0));
      const one = await discover(target.portal, { environment: {}, target: target.name });
      assert.deepEqual(
        one.map(({ name }) => name),
        [target.name],
      );
    },
  },
  {
    id: 'chap',
    title: 'CHAP, and refusals: no secret, a wrong one',
    run: async (bench) => {
      const target = await bench.start({ way: 'chap' });
      const disk = await bench.disk(target, { chap: { user: USER, secret: SECRET, required: true } });
      await holds(disk, target.units[0]!, 0, await disk.read(0, 8), 'logged in with CHAP');
      const url = `iscsi://${target.portal}/${target.name}/${disk.lun}`;
      const refused = { reason: 'login-refused', loginStatus: AUTHENTICATION_FAILURE };
      await assert.rejects(connectIscsi(url, { environment: {}, chap: { user: USER, secret: 'not the secret' } }), refused);
      // Some close the connection, or refuse with another status, where no CHAP is offered at all: but nobody lets it in.
      await assert.rejects(connectIscsi(url, { environment: {}, recoverySeconds: 0 }), { name: 'IscsiError' });
    },
  },
  {
    id: 'mutual-chap',
    title: 'mutual CHAP; a target that does not know its secret is left',
    run: async (bench) => {
      const target = await bench.start({ way: 'mutual' });
      const mutual = { user: TARGET_USER, secret: TARGET_SECRET };
      const session = await bench.session(target, { chap: { user: USER, secret: SECRET, mutual } });
      assert.equal(session.status.authentication, 'mutual-chap');
      const disk = await session.device(target.units[0]!.lun);
      await holds(disk, target.units[0]!, 0, await disk.read(0, 8), 'logged in with mutual CHAP');
      const wrong = { user: TARGET_USER, secret: 'another secret' };
      const url = `iscsi://${target.portal}/${target.name}/${disk.lun}`;
      await assert.rejects(connectIscsi(url, { environment: {}, chap: { user: USER, secret: SECRET, mutual: wrong } }), {
        reason: 'chap-response',
      });
    },
  },
  { id: 'header-digest', title: 'header digest', run: (bench) => digests(bench, true, false) },
  { id: 'data-digest', title: 'data digest', run: (bench) => digests(bench, false, true) },
  { id: 'both-digests', title: 'header and data digest', run: (bench) => digests(bench, true, true) },
  {
    id: 'redirection',
    title: 'login redirection followed',
    run: async (bench) => {
      const target = await bench.start();
      const redirecting = await bench.start({ redirectTo: target.portal });
      assert.notEqual(redirecting.portal, target.portal);
      // From another address than the one that it is sent to: tgt keeps those who ask from there.
      const session = await bench.session(redirecting, { localAddress: '127.0.0.9' });
      assert.equal(session.status.portal, target.portal);
      assert(bench.saw('initiator-redirected'));
      const disk = await session.device(target.units[0]!.lun);
      await holds(disk, target.units[0]!, 0, await disk.read(0, 8), 'at the other portal');
    },
  },
  {
    id: 'units',
    title: 'several logical units over one session',
    run: async (bench) => {
      const target = await bench.start({ units: 3 });
      const session = await bench.session(target);
      const luns = await session.luns();
      for (const { lun } of target.units) assert(luns.includes(lun), `LUN ${lun} of ${luns.join()}`);
      const disks = await Promise.all(target.units.map(({ lun }) => session.device(lun)));
      const contents = disks.map((_, index) => randomBytes(MIB, 200 + index));
      await Promise.all(disks.map((disk, index) => disk.write(77, contents[index]!)));
      await Promise.all(disks.map((disk) => disk.flush()));
      for (const [index, disk] of disks.entries()) await holds(disk, target.units[index]!, 77, contents[index]!, `unit ${index}`);
    },
  },
];
