/** Answers that are remembered as long as what they are about lives. */

/** The same answer for the same subject, found once. What it gives is shared by all who ask: nobody may change it. */
export function memoized<Subject extends object, Answer>(find: (subject: Subject) => Answer): (subject: Subject) => Answer {
  const known = new WeakMap<Subject, { readonly answer: Answer }>();
  return (subject) => {
    const before = known.get(subject);
    if (before !== undefined) return before.answer;
    const answer = find(subject);
    known.set(subject, { answer });
    return answer;
  };
}
