/** `samewire capture` as its users run it, with Wireshark's dissector as the judge: a real iSCSI session through a published portal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from './peers.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch, writeImage } from './scratch.ts';
import { CLI, startTarget, type TargetProcess } from './target-process.ts';

const MEBIBYTE = 1024 * 1024;
const TARGET = 'iqn.2026-01.net.samewire:rack';

/** The rack of the examples, on any free port of this machine. */
const rack = (): string =>
  readFileSync('fabrics/rack.yaml', 'utf8').replace('127.0.0.1:3260', '127.0.0.1:0').replace('    state: .samewire/rack\n', '');

const samewire = (...args: readonly string[]): Promise<PeerRun> => runPeer(process.execPath, [CLI, ...args]);

describeWithPeers(['tshark', 'qemuImg', 'qemuIscsi'], 'a capture of a fabric that is up', () => {
  const scratch = makeScratch();
  const file = scratch.write('rack.yaml', rack());
  let fabric: TargetProcess;
  beforeAll(async () => {
    fabric = await startTarget(['up', file]);
  });
  afterAll(async () => {
    await fabric.stop();
    scratch.remove();
  });

  const tshark = async (capture: string, ...args: readonly string[]): Promise<string> => {
    const run = await runPeer('tshark', ['-r', scratch.path(capture), ...args]);
    expect(run.code).toBe(0);
    return run.stdout.trim();
  };

  const connectionsOf = async (host: string): Promise<number> => {
    const { stdout } = await samewire('network', 'show', file, host, '--json');
    return (JSON.parse(stdout) as { machines: { connections: unknown[] }[] }).machines[0]!.connections.length;
  };

  it('holds a whole session, and nothing that Wireshark can not read', async () => {
    writeImage(scratch.path('image'), 8 * MEBIBYTE, 1);
    const capture = spawn(process.execPath, [CLI, 'capture', file, 'esx2:nic0', '-w', scratch.path('session.pcapng')], {
      stdio: ['ignore', 'inherit', 'pipe'],
    });
    let said = '';
    capture.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    while (!said.includes('capturing')) await once(capture.stderr, 'data');
    const url = `iscsi://${fabric.ready.network!.published[0]!.listen}/${TARGET}/0`;
    const copied = await runPeer('qemu-img', ['convert', '-n', '-f', 'raw', '-O', 'raw', scratch.path('image'), url]);
    expect([copied.code, copied.stderr]).toEqual([0, '']);
    // The host's own two sessions stay; those through the published portal come to their end in their own time.
    while ((await connectionsOf('esx2')) > 2);
    capture.kill('SIGINT');
    const [code] = (await once(capture, 'close')) as [number];
    expect(code).toBe(0);
    const frames = Number(/(\d+) frames captured at esx2:nic0/.exec(said)![1]);
    expect(said).not.toContain('left out');

    const names = (await tshark('session.pcapng', '-T', 'fields', '-e', 'frame.interface_name')).split('\n');
    expect(names).toHaveLength(frames);
    expect([...new Set(names)].toSorted()).toEqual(['esx2:nic0', 'tor1:2']);
    // What the data of SCSI says is looked at elsewhere (tshark.test.ts); here it is what carries it: checksums, and that nothing is missing.
    const strict = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    const wrong = 'tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" || tcp.analysis.lost_segment || tcp.analysis.retransmission';
    expect(await tshark('session.pcapng', ...strict, '-Y', `${wrong} || (_ws.malformed && !scsi)`)).toBe('');
    const begun = await tshark('session.pcapng', '-Y', 'tcp.flags.syn == 1 && tcp.dstport == 3260');
    const ended = await tshark('session.pcapng', '-Y', 'tcp.flags.fin == 1');
    expect(begun).not.toBe('');
    expect(ended.split('\n')).toHaveLength(2 * begun.split('\n').length);
  }, 60_000);

  it('goes into a pipe, and tells of drops by comments', async () => {
    expect((await samewire('network', 'fault', file, 'esx1:nic1', '--loss', '100%')).stdout).toContain('has loss 100%, each way.');
    const capturing = runPeer('sh', [
      '-c',
      '"$0" "$1" capture "$2" esx1:nic1 --count 2 > "$3"',
      process.execPath,
      CLI,
      file,
      scratch.path('lost.pcapng'),
    ]);
    const ping = await samewire('network', 'ping', file, 'esx1', '192.0.2.148', '-c', '1');
    expect(ping.code).toBe(1); // and switches speak every other second
    expect((await capturing).stderr).toContain('2 frames captured at esx1:nic1');
    expect(await tshark('lost.pcapng', '-T', 'fields', '-e', 'frame.comment')).toBe(
      Array.from({ length: 2 }, () => 'dropped: lost on the link').join('\n'),
    );
    expect((await samewire('network', 'fault', file, 'esx1:nic1', '--none')).stdout).toContain('has no faults.');
  }, 60_000);
});
