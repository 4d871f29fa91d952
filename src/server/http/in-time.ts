/** Operations that wait for something, such as logins through links that are cut, have a limit, so that everybody gets an answer. */

/** It goes on, and nobody waits for it any more. */
export class TooLate extends Error {}

export async function inTime<Value>(work: Value | Promise<Value>, milliseconds: number): Promise<Value> {
  if (!(work instanceof Promise)) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const sentence = `This was begun and goes on: it has not come to an end within ${milliseconds / 1000} s. State and events say what becomes of it.`;
    timer = setTimeout(() => reject(new TooLate(sentence)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
