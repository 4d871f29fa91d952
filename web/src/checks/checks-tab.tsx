/** What the rules found in the fabric file, and what of it is only checked. */
import { useEffect, useState } from 'react';
import type { Problem } from '../../../src/server/page.ts';
import { sentenceOf } from '../actions/action-button.tsx';
import { live, useConnection, useTopology } from '../live/index.ts';
import { some } from '../ui/format.ts';
import { ToneWords } from '../ui/tone.tsx';

type Found = { readonly problems: readonly Problem[] } | { readonly error: string } | undefined;

export const ChecksTab = (): React.JSX.Element => {
  const found = useProblems();
  const onlyChecked = useTopology()?.onlyChecked ?? [];
  return (
    <div className="tab-pane">
      <div className="scroll" role="region" aria-label="Checks" tabIndex={0}>
        {found === undefined && <p className="empty">Asking…</p>}
        {found !== undefined && 'error' in found && <p className="empty">{found.error}</p>}
        {found !== undefined && 'problems' in found && <Problems problems={found.problems} />}
        {onlyChecked.length > 0 && (
          <p className="note">
            Declared and checked, but not run: {onlyChecked.join(', ')}. What is shown here of the running fabric goes without.
          </p>
        )}
      </div>
    </div>
  );
};

const Problems = ({ problems }: { readonly problems: readonly Problem[] }): React.JSX.Element =>
  problems.length === 0 ? (
    <div className="empty">
      <p>
        <ToneWords tone="good">Nothing wrong: every rule is content with the fabric file.</ToneWords>
      </p>
    </div>
  ) : (
    <>
      <p className="checks-count">{some(problems.length, 'finding')}. A fabric with errors is not brought up; these are warnings.</p>
      <ul className="problems">
        {problems.map((problem) => (
          <li key={`${problem.rule} ${problem.where} ${problem.line} ${problem.column}`}>
            <p className="problem-head">
              <ToneWords tone={problem.severity === 'error' ? 'bad' : 'warn'}>{problem.severity}</ToneWords>
              <code>{problem.rule}</code>
              <span className="muted">
                {problem.file}:{problem.line}:{problem.column}
              </span>
              <code className="problem-where">{problem.where}</code>
            </p>
            <p>{problem.message}</p>
            <p className="muted">{problem.remedy}</p>
            {(problem.related ?? []).length > 0 && (
              <ul className="plain muted">
                {problem.related!.map(({ message, line }) => (
                  <li key={`${line} ${message}`}>
                    line {line}: {message}
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </>
  );

/** Of the file as it was read: asked for again with each connection, since the fabric may have been started again. */
function useProblems(): Found {
  const [found, setFound] = useState<Found>();
  const { phase } = useConnection();
  useEffect(() => {
    if (phase !== 'open') return undefined;
    let isWanted = true;
    live.api.get<{ readonly problems: readonly Problem[] }>('/api/checks').then(
      (answer) => isWanted && setFound(answer),
      (error: unknown) => isWanted && setFound({ error: sentenceOf(error) }),
    );
    return () => void (isWanted = false);
  }, [phase]);
  return found;
}
