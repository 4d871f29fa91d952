// Time of work that nobody else's work came into: runs `work` and gives back its nanoseconds, or undefined if the scheduler took the processor away meanwhile.
export function undisturbed(work) {
  const taken = process.resourceUsage().involuntaryContextSwitches;
  const before = process.hrtime.bigint();
  work();
  const nanos = Number(process.hrtime.bigint() - before);
  return process.resourceUsage().involuntaryContextSwitches === taken ? nanos : undefined;
}
