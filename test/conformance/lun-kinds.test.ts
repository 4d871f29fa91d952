import { describe, expect, it } from 'vitest';
import { conformanceTable } from './conformance-table.ts';
import type { Excuse, TestResult, Verdict } from './libiscsi-suite.ts';
import { failures, isReadOnly, neverPassed } from './lun-kinds.ts';

const result = (name: string, verdict: Verdict, reason = '', excuse: Excuse = 'none'): TestResult => ({ name, verdict, reason, excuse });

describe('failures', () => {
  it('are told with their reasons', () => {
    const results = [
      result('ALL.Read10.Simple', 'failed', 'why'),
      result('ALL.Read10.Async', 'skipped'),
      result('ALL.Read6.Simple', 'passed'),
    ];
    expect(failures(results, false)).toEqual(['ALL.Read10.Simple: why']);
  });

  it('leave out what no target can pass', () => {
    expect(failures([result('iSCSI.iSCSITMF.LUNResetSimpleAsync', 'failed', 'why')], false)).toEqual([]);
  });

  it('leave out what the suite is mistaken about', () => {
    expect(failures([result('ALL.GetLBAStatus.UnmapSingle', 'failed', 'why', 'mistaken')], false)).toEqual([]);
  });

  it('leave out refused writes where the logical unit is write-protected, and only there', () => {
    const results = [result('ALL.Write10.Simple', 'failed', 'why', 'refused'), result('ALL.Read10.Simple', 'failed', 'why')];
    expect(failures(results, true)).toEqual(['ALL.Read10.Simple: why']);
    expect(failures(results, false).length).toBe(2);
  });
});

describe('a logical unit', () => {
  it('is read-only where the suite tested just that', () => {
    expect(isReadOnly([result('SCSI.ReadOnly.ReadOnlySBC', 'passed')])).toBe(true);
    expect(isReadOnly([result('SCSI.ReadOnly.ReadOnlySBC', 'failed')])).toBe(true);
    expect(isReadOnly([result('SCSI.ReadOnly.ReadOnlySBC', 'skipped')])).toBe(false);
    expect(isReadOnly([])).toBe(false);
  });
});

describe('a test that passed in full on none', () => {
  it('is named with what it said everywhere; neither a skip nor a part is enough', () => {
    const byUnit = new Map([
      ['thick', [result('ALL.A.B', 'passed'), result('ALL.A.C', 'skipped', 'thick'), result('ALL.A.D', 'partial', 'half')]],
      ['thin', [result('ALL.A.B', 'failed'), result('ALL.A.C', 'failed', 'wrong')]],
    ]);
    expect(neverPassed(['ALL.A.B', 'ALL.A.C', 'ALL.A.D', 'ALL.iSCSITMF.LUNResetSimpleAsync'], byUnit)).toEqual([
      'ALL.A.C: thick: skipped thick / thin: failed wrong',
      'ALL.A.D: thick: partial half / thin: not run',
    ]);
  });
});

describe('the table', () => {
  const tests = ['ALL.A.B', 'ALL.ReadOnly.ReadOnlySBC', 'LINUX.A.B'];
  const page = conformanceTable(
    tests,
    [
      {
        target: 'samewire',
        kind: 'thick',
        results: [result('ALL.A.B', 'passed'), result('ALL.ReadOnly.ReadOnlySBC', 'skipped'), result('LINUX.A.B', 'passed')],
      },
      {
        target: 'samewire',
        kind: 'read-only',
        results: [result('ALL.A.B', 'failed', 'refused', 'refused'), result('ALL.ReadOnly.ReadOnlySBC', 'passed')],
      },
      { target: 'tgt', kind: 'thick', results: [result('ALL.A.B', 'failed', 'why'), result('LINUX.A.B', 'partial', 'half')] },
    ],
    ['tgt 1'],
  );

  it('has a row a test and a column a logical unit', () => {
    expect(page).toContain('| Test | samewire thick | samewire read-only | tgt thick |');
    expect(page).toContain('| A.B | pass | refused | **FAIL** |');
    expect(page).toContain('| ReadOnly.ReadOnlySBC | skip | pass |  |');
  });

  it('counts what passed somewhere, by target', () => {
    expect(page).toContain('- samewire: 2 of the 2 tests of ALL, and 3 of all 3 entries');
    expect(page).toContain('- tgt: 0 of the 2 tests of ALL, and 0 of all 3 entries');
  });

  it('lists failures, and families that differ from ALL', () => {
    expect(page).toContain('- tgt, thick: ALL.A.B: why');
    expect(page).not.toContain('ALL.A.B: refused');
    expect(page).toContain('- tgt, thick: LINUX.A.B part, in ALL **FAIL**');
  });
});
