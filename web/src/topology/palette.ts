/** The colours of the canvas, from the style sheet: they follow the theme. */
import { useEffect, useState } from 'react';
import type { Palette } from './paint-links.ts';

function read(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    levels: [of('--load-0'), of('--load-1'), of('--load-2'), of('--load-3'), of('--load-4')],
    cut: of('--bad'),
    warn: of('--warn'),
    focus: of('--focus'),
    surface: of('--surface'),
    ink: of('--ink'),
  };
}

export function usePalette(): Palette {
  const [palette, setPalette] = useState(read);
  useEffect(() => {
    const renew = (): void => setPalette(read());
    const media = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(renew);
    media.addEventListener('change', renew);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
    // Style sheets may have come after the first look at them.
    renew();
    return () => {
      media.removeEventListener('change', renew);
      observer.disconnect();
    };
  }, []);
  return palette;
}
