/** A guest has a vector for each processor, and those beside. */
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { Finding, Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { type GivenFunction, givenFunctionsOf, guestPlace, passThroughName } from '../../slots.ts';

const example = (vectors: number): string => guestExample(`memoryReserved: true\nprocessors: 8\nvectors: ${vectors}`);

export const vectorCount: Rule = {
  id: 'SW-1174',
  name: 'vector-count',
  severity: 'warning',
  title: 'A guest has fewer interrupt vectors than its processors need',
  meaning:
    'The driver of the function takes a vector for each processor of the guest and two more. Fewer leave processors without a queue of their own.',
  remedy: 'Write `vectors` as the number of processors and two more, 31 at the most.',
  ignored: 'Processors of the guest share queues, and one of them is busy while the others wait; some drivers do not start at all.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example(8), pass: example(10) },
  check: (fabric) => givenFunctionsOf(fabric).flatMap(vectorFindings),
};

function vectorFindings(one: GivenFunction): Finding[] {
  const { vm, model, machine, given } = one;
  const { vectorsMax = Infinity, vectorsBeyondProcessors } = model?.virtualFunctions ?? {};
  if (machine.os !== 'esxi' || vm.processors === undefined || vectorsBeyondProcessors === undefined) return [];
  const needed = vm.processors + vectorsBeyondProcessors;
  const wanted = Math.min(needed, vectorsMax);
  const processors = [...vm.at, 'processors'];
  const onDevice = `\`${passThroughName(one)}.maxMSIXvectors = "${wanted}"\` in the file of the guest.`;
  if (vm.vectors !== undefined) {
    if (vm.vectors.value >= wanted) return [];
    return [
      {
        at: vm.vectors.at,
        message: `\`${guestPlace(one)}\` has ${vm.vectors.value} vectors for ${vm.processors} processors; \`${model!.key}\` wants ${wanted}.`,
        remedy: `Write \`vectors: ${wanted}\`. On ESXi: ${onDevice}`,
        related: [
          { at: processors, message: 'its processors' },
          { at: given.at, message: 'the function' },
        ],
      },
    ];
  }
  // Who writes the most that there is knows that it is less than was wanted.
  if (needed <= vectorsMax) return [];
  return [
    {
      at: processors,
      message: `\`${guestPlace(one)}\` has ${vm.processors} processors, which want ${needed} vectors, and a function of \`${model!.key}\` may be given ${vectorsMax}.`,
      remedy: `Write \`vectors: ${vectorsMax}\`, or fewer processors. On ESXi: ${onDevice}`,
      related: [{ at: given.at, message: 'the function' }],
      restsOn: [[...vm.at, 'vectors']],
    },
  ];
}
