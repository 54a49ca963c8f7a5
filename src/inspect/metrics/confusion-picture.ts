import { escapeXml } from '../plot/panel.js';
import { namesFor } from './confusion-matrix.js';

/** Of a field, in pixels; fields shrink where there are many classes. */
const LARGEST = 44;
/** About how wide and high all fields together are at most. */
const FIELDS = 720;
/** Smallest fields that hold a number. */
const LEGIBLE = 22;
/** About how wide a letter of the title is. */
const TITLE_LETTER = 8;
/** Smallest fields whose rows and columns have names. */
const NAMED = 9;

/**
 * A confusion matrix as a picture: rows are the classes as they are, columns what they were taken for. A field is the darker the larger
 * its share of its row: blue where the answer was right, red where it was wrong.
 *
 * @param classNames default: the classes' numbers
 * @returns          an SVG document
 */
export function confusionPicture(
  matrix: readonly (readonly number[])[],
  { classNames, title = 'confusion matrix' }: { classNames?: readonly string[]; title?: string } = {},
): string {
  const names = namesFor('confusionPicture', matrix, classNames).map(shortened);
  const size = Math.max(2, Math.min(LARGEST, Math.floor(FIELDS / matrix.length)));
  const named = size >= NAMED;
  const letters = Math.max(6, ...names.map((name) => name.length));
  const left = 36 + (named ? 7 * letters : 0);
  const top = 56 + (named ? 5 * letters : 0);
  const side = size * matrix.length;
  // Two classes take less room than what stands above them.
  const width = Math.max(left + side + 24, 24 + TITLE_LETTER * title.length);
  const height = top + side + 16;
  const fields = matrix.flatMap((row, actual) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.flatMap((count, predicted) => {
      if (count === 0) return [];
      const share = count / total;
      const colour = actual === predicted ? '31 119 180' : '214 39 40';
      // Single mistakes among hundreds should be seen, too.
      const strength = 0.12 + 0.88 * Math.sqrt(share);
      const x = left + predicted * size;
      const y = top + actual * size;
      const field = `<rect x="${x}" y="${y}" width="${size}" height="${size}" fill="rgb(${colour})" fill-opacity="${strength.toFixed(3)}"><title>${escapeXml(`${names[actual]} taken for ${names[predicted]}: ${count} of ${total}`)}</title></rect>`;
      if (size < LEGIBLE) return [field];
      const fontSize = Math.min(12, (1.7 * size) / Math.max(2, `${count}`.length));
      const text = `<text x="${x + size / 2}" y="${y + size / 2 + 4}" text-anchor="middle" font-size="${fontSize.toFixed(1)}" fill="${strength > 0.6 ? 'white' : '#333'}">${count}</text>`;
      return [field, text];
    });
  });
  const labels = names.flatMap((name, i) => {
    const at = (i + 0.5) * size;
    const fontSize = Math.min(12, size + 2);
    return [
      `<text x="${left - 6}" y="${top + at + 4}" text-anchor="end" font-size="${fontSize}">${escapeXml(name)}</text>`,
      `<text transform="translate(${left + at + 4} ${top - 6}) rotate(-45)" font-size="${fontSize}">${escapeXml(name)}</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${width / 2}" y="18" text-anchor="middle" font-size="14">${escapeXml(title)}</text>`,
    `<text x="${left + side / 2}" y="38" text-anchor="middle">predicted</text>`,
    `<text x="16" y="${top + side / 2}" text-anchor="middle" transform="rotate(-90 16 ${top + side / 2})">actual</text>`,
    ...(named ? labels : []),
    ...fields,
    `<rect x="${left}" y="${top}" width="${side}" height="${side}" fill="none" stroke="#999"/>`,
    '</svg>',
    '',
  ].join('\n');
}

/** ImageNet's names are lists of words. */
function shortened(name: string): string {
  return name.length > 16 ? `${name.slice(0, 15)}\u2026` : name;
}
