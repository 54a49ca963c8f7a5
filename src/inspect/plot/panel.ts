/** Panels with axes, and the SVG document around them. */
import type { ScaleContinuousNumeric } from 'd3-scale';

/** Drawing's parts of d3. */
export type D3 = typeof import('d3-scale') & typeof import('d3-shape');

/** Of a drawing, and of a panel in it, in pixels. */
export const WIDTH = 720;
export const PANEL_HEIGHT = 220;
/** From a panel's sides to its axes. */
export const MARGIN = { top: 36, right: 16, bottom: 40, left: 56 };
export const COLOURS = { train: '#1f77b4', test: '#d62728', grid: '#ddd', text: '#333' };

/** d3 is ESM only: an import at the top would keep CommonJS from loading what draws. */
export async function loadD3(): Promise<D3> {
  return { ...(await import('d3-scale')), ...(await import('d3-shape')) };
}

/** A panel's axis. */
export interface Axis {
  /** Where values lie. */
  readonly scale: ScaleContinuousNumeric<number, number>;
  readonly name: string;
  /** How many lines it is to have about. */
  readonly ticks: number;
  /** How d3-format writes its numbers; default: with as many digits as its lines need. */
  readonly format?: string;
}

/** Lines, numbers and names of both axes. */
export function axes(x: Axis, y: Axis): string {
  const [left, right] = x.scale.range() as [number, number];
  const [bottom, top] = y.scale.range() as [number, number];
  const xFormat = x.scale.tickFormat(x.ticks, x.format);
  const columns = x.scale.ticks(x.ticks).map((value) => {
    const at = round(x.scale(value));
    return `<line x1="${at}" x2="${at}" y1="${bottom}" y2="${top}" stroke="${COLOURS.grid}"/><text x="${at}" y="${bottom + 16}" text-anchor="middle">${xFormat(value)}</text>`;
  });
  const yFormat = y.scale.tickFormat(y.ticks, y.format);
  const rows = y.scale.ticks(y.ticks).map((value) => {
    const at = round(y.scale(value));
    return `<line x1="${left}" x2="${right}" y1="${at}" y2="${at}" stroke="${COLOURS.grid}"/><text x="${left - 6}" y="${at + 4}" text-anchor="end">${yFormat(value)}</text>`;
  });
  const names = [
    `<text x="${(left + right) / 2}" y="${bottom + 32}" text-anchor="middle">${x.name}</text>`,
    `<text x="14" y="${(bottom + top) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(bottom + top) / 2})">${y.name}</text>`,
  ];
  return [...columns, ...rows, ...names].join('\n');
}

/** The drawing's parts under a title. */
export function svgDocument(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${COLOURS.text}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<text x="${WIDTH / 2}" y="18" text-anchor="middle" font-size="14">${escapeXml(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Pixels with two digits. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** A text that is no markup. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
