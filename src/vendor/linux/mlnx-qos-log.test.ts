import { describe, expect, it } from 'vitest';
import { keyText, valueText } from '../core/setting.ts';
import { mlnxQos } from './mlnx-qos.ts';

const read = (text: string, port?: string) => mlnxQos.read(text, { file: 'qos.txt', port });
const told = (text: string, port?: string): string[] =>
  read(text, port).settings.map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);

/** As a test of a public tool for RoCE has it, of a version that prints little. */
const OUTPUT =
  'DCBX mode: OS controlled\nPriority trust state: dscp\nPFC configuration:\n\tpriority    0   1   2   3   4   5   6   7\n\tenabled     0   0   0   1   0   0   0   0   \n\tbuffer      0   0   0   1   0   0   0   0   \n';

describe('mlnx_qos in the log of a terminal', () => {
  it('is of the port that the command asks about', () => {
    const log = `root@lin1:~# mlnx_qos -i ens1f0\n${OUTPUT}root@lin1:~# mlnx_qos -i ens1f1\n${OUTPUT.replace('0   0   0   1   0', '0   0   0   0   1')}`;
    expect(read(log).errors).toEqual([]);
    expect(told(log)).toEqual(
      expect.arrayContaining(['nics.ens1f0.dcb.pfc = [3]', 'nics.ens1f1.dcb.pfc = [4]', 'nics.ens1f1.dcb.trust = dscp']),
    );
    expect(read(log).covers(['nics', 'ens1f1', 'dcb', 'classes', '0', 'strict'])).toBe(true);
  });

  it('needs a port where nothing says it', () => {
    expect(read(OUTPUT).errors).toMatchObject([{ line: 1, message: expect.stringContaining('--port') }]);
    expect(told(OUTPUT, 'p1')).toContain('nics.p1.dcb.pfc = [3]');
    expect(read('\n').errors).toHaveLength(1);
  });
});
