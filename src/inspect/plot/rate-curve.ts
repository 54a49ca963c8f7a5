import type { SuggestedRates, Sweep } from '../../train/lr-find/suggestions.js';
import { axes, COLOURS, loadD3, MARGIN, PANEL_HEIGHT, round, svgDocument, WIDTH } from './panel.js';

type Point = readonly [rate: number, loss: number];

/**
 * Draws the losses of a sweep over its learning rates, whose axis is logarithmic; suggestions are lines down to the axis.
 *
 * @param title goes above
 * @returns     an SVG document
 */
export async function rateCurve(
  { learningRates, losses }: Sweep,
  suggestions: SuggestedRates,
  title = 'learning rate finder',
): Promise<string> {
  const d3 = await loadD3();
  const left = MARGIN.left;
  const bottom = PANEL_HEIGHT - MARGIN.bottom;
  const rates = [...learningRates, ...Object.values(suggestions)];
  const x = d3.scaleLog([Math.min(...rates), Math.max(...rates)], [left, WIDTH - MARGIN.right]);
  const y = d3.scaleLinear([Math.min(...losses), Math.max(...losses)], [bottom, MARGIN.top]).nice();
  const path = d3
    .line<Point>(
      ([rate]) => x(rate),
      ([, loss]) => y(loss),
    )
    .digits(2)(learningRates.map((rate, i) => [rate, losses[i]!]));
  const marks = Object.entries(suggestions).map(([name, rate], i) => {
    const at = round(x(rate));
    const top = MARGIN.top + 14 * i;
    return (
      `<line x1="${at}" x2="${at}" y1="${bottom}" y2="${top}" stroke="${COLOURS.test}" stroke-dasharray="3 3"/>` +
      `<text x="${at + 4}" y="${top + 10}" fill="${COLOURS.test}">${name} ${rate.toExponential(1)}</text>`
    );
  });
  return svgDocument(title, PANEL_HEIGHT + 12, [
    `<g transform="translate(0 12)">`,
    axes({ scale: x, name: 'learning rate', ticks: 10, format: '~e' }, { scale: y, name: 'loss', ticks: 5 }),
    `<path d="${path ?? ''}" fill="none" stroke="${COLOURS.train}" stroke-width="1.5"/>`,
    ...marks,
    '</g>',
  ]);
}
