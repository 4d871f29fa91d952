/** Paints all links on one canvas: thousands of SVG paths would freeze the page whenever their loads change. Lines of one look are painted with one stroke. */
import type { Bundle } from './bundles.ts';
import { LEVELS, type Level, type Look, PLAIN, worst } from './looks.ts';
import { type Box, overlaps } from './plane.ts';
import { pointAlong, type Run } from './run.ts';

export interface Palette {
  readonly levels: readonly [string, string, string, string, string];
  readonly cut: string;
  readonly warn: string;
  readonly focus: string;
  readonly surface: string;
  readonly ink: string;
}

export interface Scene {
  readonly runs: readonly (Run | undefined)[];
  readonly bundles: readonly Bundle[];
  readonly looks: readonly Look[];
  /** Of services and attachments: dotted. */
  readonly isVirtual: readonly boolean[];
  /** Links of what is selected or pointed at; the others step back. Undefined: nothing is. */
  readonly emphasised: ReadonlySet<number> | undefined;
  readonly selected: number | undefined;
  readonly pointed: number | undefined;
  /** One line for parallel links, marks on the lines as there are no labels. */
  readonly isFar: boolean;
  /** Hundreds of nodes: thinner lines, and fewer marks. */
  readonly isDense: boolean;
}

export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

interface Line {
  readonly run: Run;
  readonly look: Look;
  readonly links: readonly number[];
  readonly isVirtual: boolean;
}

const BACK_ALPHA = 0.2;
/** By level: of thousands of links those with a load are seen through those without. */
const MESH_ALPHA = [0.55, 0.6, 0.8, 1, 1] as const;

export function paintLinks(context: CanvasRenderingContext2D, scene: Scene, view: View, palette: Palette): void {
  const { zoom, pixelRatio } = view;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, view.width * pixelRatio, view.height * pixelRatio);
  context.setTransform(zoom * pixelRatio, 0, 0, zoom * pixelRatio, view.x * pixelRatio, view.y * pixelRatio);
  context.lineJoin = 'round';
  const seen: Box = { x: -view.x / zoom, y: -view.y / zoom, width: view.width / zoom, height: view.height / zoom };
  const isSeen = ({ bounds }: Run): boolean => overlaps({ ...bounds, width: bounds.width + 1, height: bounds.height + 1 }, seen);
  const lines = scene.isFar
    ? scene.bundles.flatMap(({ links }) => linesOf(scene, isSeen, links))
    : scene.runs.flatMap((_, index) => linesOf(scene, isSeen, [index]));
  const isFront = ({ links }: Line): boolean => scene.emphasised !== undefined && links.some((link) => scene.emphasised!.has(link));
  const [back, front] = [lines.filter((line) => !isFront(line)), lines.filter(isFront)];
  // Thinner from afar, but never a hair that nobody sees.
  const scale = (Math.max(0.45, Math.min(1, 0.35 + zoom * 0.7)) * (scene.isDense ? 0.6 : 1)) / zoom;
  const isMesh = scene.isDense && scene.isFar;
  strokes(context, back, palette, scale, (level) => (scene.emphasised !== undefined ? BACK_ALPHA : isMesh ? MESH_ALPHA[level] : 1));
  halo(context, scene, palette, scale);
  const marked = [scene.pointed, scene.selected].flatMap((index) => (index === undefined ? [] : linesOf(scene, isSeen, [index])));
  strokes(context, [...front, ...marked], palette, scale, () => 1);
  for (const line of scene.emphasised === undefined ? back : front) marks(context, line, scene, palette, view);
}

/** One line for these links, as they are; none if it is not in view. */
function linesOf(scene: Scene, isSeen: (run: Run) => boolean, links: readonly number[]): Line[] {
  const run = scene.runs[links[0]!];
  if (run === undefined || !isSeen(run)) return [];
  const looks = links.map((link) => scene.looks[link] ?? PLAIN);
  return [{ run, links, look: looks.length === 1 ? looks[0]! : worst(looks), isVirtual: scene.isVirtual[links[0]!] === true }];
}

function strokes(
  context: CanvasRenderingContext2D,
  lines: readonly Line[],
  palette: Palette,
  scale: number,
  alpha: (level: Level) => number,
): void {
  const layers = new Map<string, { lines: Line[]; level: Level; colour: string; width: number; dash: readonly number[] }>();
  for (const line of lines) {
    const { look, isVirtual } = line;
    const width = LEVELS[look.level]!.width + (line.links.length > 1 ? 1 : 0);
    const layer = look.isCut
      ? { level: 4 as const, colour: palette.cut, width: 2, dash: [6, 5] }
      : { level: look.level, colour: palette.levels[look.level], width, dash: isVirtual ? [2, 4] : [] };
    const key = `${look.isCut ? 9 : look.level} ${layer.width} ${isVirtual}`;
    const found = layers.get(key);
    if (found === undefined) layers.set(key, { ...layer, lines: [line] });
    else found.lines.push(line);
  }
  // The busiest over the others, what is cut over all.
  for (const [, layer] of [...layers].sort(([a], [b]) => (a < b ? -1 : 1))) {
    context.strokeStyle = layer.colour;
    context.globalAlpha = alpha(layer.level);
    context.lineWidth = layer.width * scale;
    context.setLineDash(layer.dash.map((length) => length * scale));
    // Strokes of many crossing lines at once take the square of their number.
    for (let from = 0; from < layer.lines.length; from += 16) {
      context.beginPath();
      for (const { run } of layer.lines.slice(from, from + 16)) trace(context, run.points);
      context.stroke();
    }
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Smooth: the points are where curves bend towards, and the middles between them where they meet. */
function trace(context: CanvasRenderingContext2D, points: Float64Array): void {
  const last = points.length - 2;
  context.moveTo(points[0]!, points[1]!);
  for (let i = 2; i < last; i += 2) {
    context.quadraticCurveTo(points[i]!, points[i + 1]!, (points[i]! + points[i + 2]!) / 2, (points[i + 1]! + points[i + 3]!) / 2);
  }
  context.lineTo(points[last]!, points[last + 1]!);
}

function halo(context: CanvasRenderingContext2D, scene: Scene, palette: Palette, scale: number): void {
  for (const [index, alpha] of [
    [scene.pointed, 0.25],
    [scene.selected, 0.45],
  ] as const) {
    const run = index === undefined ? undefined : scene.runs[index];
    if (run === undefined) continue;
    context.globalAlpha = alpha;
    context.strokeStyle = palette.focus;
    context.lineCap = 'round';
    context.lineWidth = 13 * scale;
    context.beginPath();
    trace(context, run.points);
    context.stroke();
    context.lineCap = 'butt';
    context.globalAlpha = 1;
  }
}

/** In pixels of the screen, whatever the zoom. */
function marks(context: CanvasRenderingContext2D, line: Line, { isFar, isDense, emphasised }: Scene, palette: Palette, view: View): void {
  const { look, run } = line;
  const unit = (isDense && isFar ? Math.min(0.7, 0.25 + view.zoom * 1.4) : Math.min(1, 0.5 + view.zoom / 2)) / view.zoom;
  if (look.isCut) cross(context, pointAlong(run.points, isFar ? 0.5 : 0.3), unit, palette);
  else if (look.heavier !== undefined && (isDense ? emphasised !== undefined : !isFar)) {
    for (const share of [0.2, 0.8]) chevron(context, pointAlong(run.points, share), look, unit, palette);
  }
  if (!isFar) return;
  if (look.isFaulty) triangle(context, pointAlong(run.points, 0.4), unit, palette, palette.warn);
  if (look.isDropping) triangle(context, pointAlong(run.points, 0.6), -unit, palette, palette.cut);
  if (line.links.length > 1 && (!isDense || emphasised !== undefined))
    count(context, pointAlong(run.points, look.isCut ? 0.62 : 0.5), line.links.length, unit, palette);
}

function cross(context: CanvasRenderingContext2D, { x, y }: { x: number; y: number }, unit: number, palette: Palette): void {
  const arm = 5 * unit;
  for (const [colour, width] of [
    [palette.surface, 6],
    [palette.cut, 2.5],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = width * unit;
    context.beginPath();
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
  }
}

function chevron(
  context: CanvasRenderingContext2D,
  at: { x: number; y: number; angle: number },
  look: Look,
  unit: number,
  palette: Palette,
): void {
  const angle = at.angle + (look.heavier === 1 ? Math.PI : 0);
  const size = (3.5 + look.level) * unit;
  const point = (forward: number, across: number): [number, number] => [
    at.x + Math.cos(angle) * forward - Math.sin(angle) * across,
    at.y + Math.sin(angle) * forward + Math.cos(angle) * across,
  ];
  context.fillStyle = palette.levels[look.level as Level];
  context.strokeStyle = palette.surface;
  context.lineWidth = 1.5 * unit;
  context.beginPath();
  context.moveTo(...point(size * 1.3, 0));
  context.lineTo(...point(-size, size));
  context.lineTo(...point(-size * 0.4, 0));
  context.lineTo(...point(-size, -size));
  context.closePath();
  context.stroke();
  context.fill();
}

function triangle(
  context: CanvasRenderingContext2D,
  { x, y }: { x: number; y: number },
  unit: number,
  palette: Palette,
  colour: string,
): void {
  context.fillStyle = colour;
  context.strokeStyle = palette.surface;
  context.lineWidth = 2 * Math.abs(unit);
  context.beginPath();
  context.moveTo(x, y - 6 * unit);
  context.lineTo(x + 6 * unit, y + 5 * unit);
  context.lineTo(x - 6 * unit, y + 5 * unit);
  context.closePath();
  context.stroke();
  context.fill();
}

function count(context: CanvasRenderingContext2D, { x, y }: { x: number; y: number }, links: number, unit: number, palette: Palette): void {
  context.font = `600 ${10 * unit}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineWidth = 4 * unit;
  context.strokeStyle = palette.surface;
  context.strokeText(`×${links}`, x, y);
  context.fillStyle = palette.ink;
  context.fillText(`×${links}`, x, y);
}
