/** The labels that are drawn: of a small fabric all; of a large one those in view when one is near, and those of what is selected or in focus. */
import { useStore, ViewportPortal } from '@xyflow/react';
import { memo } from 'react';
import { isFarAt } from './detail.ts';
import { LinkLabel } from './link-label.tsx';
import { useOfMap } from './map-store.ts';
import type { Layout } from './use-layout.ts';

const ALL_MAX = 160;
const IN_VIEW_MAX = 90;

export const LinkLabels = memo(({ layout }: { readonly layout: Layout }): React.JSX.Element => {
  const isFar = useStore((state) => isFarAt(state.transform[2]));
  const isSmall = layout.graph.joints.length <= ALL_MAX;
  // A text, so that it is the same as long as the same links are in view.
  const inView = useStore((state) => (isSmall || isFar ? '' : labelsInView(layout, state.transform, state.width, state.height)));
  const kept = useOfMap(({ active, selected }) => [active, selected].map((one) => (one?.kind === 'link' ? one.index : '')).join(' '));
  const indexes = new Set<number>();
  if (isSmall && !isFar) for (const { index } of layout.graph.joints) indexes.add(index);
  else for (const index of `${inView} ${kept}`.split(' ')) if (index !== '') indexes.add(Number(index));
  return (
    <ViewportPortal>
      {[...indexes].map((index) => {
        const [run, at] = [layout.wiring.runs[index], layout.labelAt(index)];
        return run === undefined || at === undefined ? null : (
          <LinkLabel key={index} index={index} link={run.joint.link} run={run} at={at} />
        );
      })}
    </ViewportPortal>
  );
});

/** None when there are too many: they would hide what they are of. */
function labelsInView(layout: Layout, [x, y, zoom]: readonly [number, number, number], width: number, height: number): string {
  const found: number[] = [];
  for (const { index } of layout.graph.joints) {
    const at = layout.labelAt(index);
    if (at === undefined) continue;
    const [left, top] = [at.x * zoom + x, at.y * zoom + y];
    if (left < 0 || top < 0 || left > width || top > height) continue;
    found.push(index);
    if (found.length > IN_VIEW_MAX) return '';
  }
  return found.join(' ');
}
