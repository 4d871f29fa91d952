import { describe, expect, it } from 'vitest';
import { CANNOT_RUN, describeCounts, parseRun, parseTestList, withoutFamily } from './libiscsi-suite.ts';

const text = (...lines: string[]): string => lines.join('\n');

/** What stands around the tests in every run. */
const run = (...tests: string[]): string =>
  text(
    '    Send PRIN/READ_KEYS',
    '',
    '     CUnit - A unit testing framework for C - Version 2.1-3',
    '',
    '',
    ...tests,
    '',
    'Run Summary:    Type  Total',
  );

const verdictOf = (output: string): string =>
  parseRun('ALL', output)
    .results.map((result) => `${result.name} ${result.verdict}`)
    .join(', ');

const unmapSingle = (blocks: number): string =>
  run(
    'Suite: GetLBAStatus',
    '  Test: UnmapSingle ...',
    `    We have ${blocks} logical blocks per physical block`,
    '    Test GETLBASTATUS for a single range of 1-255 blocks at offset 0',
    'FAILED',
    '    1. test_get_lba_status_unmap_single.c:135  - CU_FAIL("[FAILED] GETLBASTATUS command: " "lba offset in first descriptor does not " "match request.")',
  );

describe('what iscsi-test-cu printed', () => {
  it('is a pass where nothing was left out', () => {
    const output = run('Suite: Read10', '  Test: Simple ...', '    Test READ10', '    [OK] READ10 returned SUCCESS', 'passed');
    expect(parseRun('SCSI', output).results).toEqual([{ name: 'SCSI.Read10.Simple', verdict: 'passed', reason: '', excuse: 'none' }]);
  });

  it('is a skip where the test stopped at a skip, said once or twice, at once or after some commands', () => {
    const output = run(
      'Suite: PreventAllow',
      '  Test: Simple ...    [SKIPPED] Logical unit is not removable. Skipping test.',
      'passed',
      '  Test: Eject ...',
      '    Send PREVENTALLOW',
      '    [SKIPPED] PREVENTALLOW is not implemented.',
      '    [SKIPPED] PREVENTALLOW is not implemented.',
      'passed    Send PRIN/READ_KEYS',
    );
    expect(parseRun('ALL', output).results).toEqual([
      {
        name: 'ALL.PreventAllow.Simple',
        verdict: 'skipped',
        reason: 'Logical unit is not removable. Skipping test.',
        excuse: 'none',
      },
      { name: 'ALL.PreventAllow.Eject', verdict: 'skipped', reason: 'PREVENTALLOW is not implemented.', excuse: 'none' },
    ]);
  });

  it('is a partial pass where the test went on after a skip', () => {
    const output = run(
      'Suite: WriteAtomic16',
      '  Test: VPD ...',
      '    [SKIPPED] No alignment restrictions',
      '    Check handling on granularity',
      'passed',
    );
    expect(parseRun('ALL', output).results).toEqual([
      { name: 'ALL.WriteAtomic16.VPD', verdict: 'partial', reason: 'No alignment restrictions', excuse: 'none' },
    ]);
  });

  it('is a skip where the test said nothing at all', () => {
    expect(verdictOf(run('Suite: iSCSITMF', '  Test: LUNResetSimpleAsync ...passed'))).toBe('ALL.iSCSITMF.LUNResetSimpleAsync skipped');
  });

  it('is a skip where a test known to return early in silence lacks the lines of its rest', () => {
    const early = run('Suite: ModeSense6', '  Test: Control-SWP ...', '    Set SWP to enable write protect', 'passed');
    expect(verdictOf(early)).toBe('ALL.ModeSense6.Control-SWP skipped');
    const whole = run(
      'Suite: ModeSense6',
      '  Test: Control-SWP ...',
      '    Set SWP',
      '    Read the CONTROL page back from the device',
      'passed',
    );
    expect(verdictOf(whole)).toBe('ALL.ModeSense6.Control-SWP passed');
  });

  it('is a failure with the assertions that failed, whatever was skipped as well', () => {
    const output = run(
      'Suite: Read10',
      '  Test: Simple ...',
      '    [SKIPPED] something',
      '    [FAILED] READ10 returned BUSY',
      'FAILED',
      '    1. test_read10_simple.c:42  - CU_ASSERT_EQUAL(_r,0)',
      '    2. test_read10_simple.c:42  - CU_ASSERT_EQUAL(_r,0)',
      '    3. test_read10_simple.c:43  - CU_ASSERT_EQUAL(_r,0)    Send PRIN/READ_KEYS',
      '  Test: BeyondEol ...',
      '    Test READ10',
      'passed',
    );
    expect(parseRun('ALL', output).results).toEqual([
      {
        name: 'ALL.Read10.Simple',
        verdict: 'failed',
        reason:
          'test_read10_simple.c:42 - CU_ASSERT_EQUAL(_r,0) (2 times); test_read10_simple.c:43 - CU_ASSERT_EQUAL(_r,0); [FAILED] READ10 returned BUSY',
        excuse: 'none',
      },
      { name: 'ALL.Read10.BeyondEol', verdict: 'passed', reason: '', excuse: 'none' },
    ]);
  });

  it('tells a write that a write-protected logical unit refused', () => {
    const output = run(
      'Suite: Write10',
      '  Test: Simple ...',
      '    [FAILED] WRITE10 command: failed with sense: SENSE KEY:DATA PROTECTION(7) ASCQ:WRITE_PROTECTED(0x2700)',
      'FAILED',
      '    1. test_write10_simple.c:44  - CU_ASSERT_EQUAL(_r,0)',
    );
    expect(parseRun('ALL', output).results[0]).toMatchObject({ verdict: 'failed', excuse: 'refused' });
  });

  it('tells the mistake of the suite about physical blocks from a failure', () => {
    expect(parseRun('ALL', unmapSingle(8)).results[0]).toMatchObject({ verdict: 'failed', excuse: 'mistaken' });
    expect(parseRun('ALL', unmapSingle(1)).results[0]).toMatchObject({ verdict: 'failed', excuse: 'none' });
  });

  it('names the test under way where the output breaks off', () => {
    const output = text(
      'Suite: Reserve6',
      '  Test: Simple ...',
      '    Send RESERVE6',
      'passed',
      '  Test: Logout ...',
      '    Send RESERVE6',
      '    Wait',
    );
    const parsed = parseRun('ALL', output);
    expect(parsed.results.map((result) => result.name)).toEqual(['ALL.Reserve6.Simple']);
    expect(parsed.unfinished).toEqual({ name: 'ALL.Reserve6.Logout', log: ['Send RESERVE6', 'Wait'] });
    expect(parsed.summary).toBeUndefined();
  });

  it('comes with the count of CUnit itself', () => {
    const output = text(
      'Suite: Read10',
      '  Test: Simple ...',
      '    Test READ10',
      'passed',
      'Run Summary:    Type  Total    Ran Passed Failed Inactive',
      '              suites     51     51    n/a      0        0',
      '               tests    230    229    222      7        0',
    );
    expect(parseRun('ALL', output).summary).toEqual({ ran: 229, failed: 7 });
  });
});

describe('names of tests', () => {
  it('are the lines with three parts of the list', () => {
    expect(parseTestList('ALL\nALL.Read10\nALL.Read10.Simple\nALL.ModeSense6.Control-D_SENSE\n\n')).toEqual([
      'ALL.Read10.Simple',
      'ALL.ModeSense6.Control-D_SENSE',
    ]);
  });

  it('are the same in each family', () => {
    expect(withoutFamily('iSCSI.iSCSITMF.LUNResetSimpleAsync')).toBe('iSCSITMF.LUNResetSimpleAsync');
    expect(CANNOT_RUN.has(withoutFamily('ALL.iSCSITMF.LUNResetSimpleAsync'))).toBe(true);
  });

  it('are counted by verdict', () => {
    expect(describeCounts([{ name: 'a', verdict: 'failed', reason: '', excuse: 'none' }])).toBe('1 failed, 0 skipped, 0 partial, 0 passed');
  });
});
