// The reader's guess of a gradient, and how good it is.

import { t } from './texts.js';

const ENOUGH = 0.01; // relative error of a right answer
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Read a number or a fraction, "-0.5", "1/3", "1e-3"; NaN for anything else. A comma may stand for the point. */
export function parse(text) {
  const parts = text.trim().replaceAll('−', '-').replaceAll(',', '.').split('/').map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => DECIMAL.test(part))) return NaN;
  return parts.map(Number).reduce((x, y) => x / y);
}

/** Half a unit of the last digit that was typed: 0.33 is a right answer where the gradient is 1/3. */
function rounding(text) {
  const match = /^[+-]?\d*[.,]?(\d*)(?:e([+-]?\d+))?$/i.exec(text.trim().replaceAll('−', '-'));
  const digits = match && /[.,]/.test(text) ? match[1].length : 0;
  return match && digits ? 0.5 * 10 ** (Number(match[2] ?? 0) - digits) : 0;
}

export const near = (x, y) => Math.abs(x - y) <= Math.max(ENOUGH * Math.abs(y), 1e-12);

/** Judge a guess, and say how far off it is. */
export function judged(text, truth) {
  const typed = parse(text);
  if (Number.isNaN(typed)) return { right: false, say: t('Type a number, such as -0.5 or 1/3.') };
  const apart = Math.abs(typed - truth);
  const size = Math.abs(truth);
  const enough = Math.max(ENOUGH * size, Math.min(rounding(text), 0.05 * size), 1e-12);
  if (apart <= enough) return { right: true, say: t('Right.') };
  const zero = t(typed > 0 ? 'too large' : 'too small');
  return { right: false, say: t('not yet', size === 0 ? zero : howFar(typed / truth)) };
}

const FACTORS = [2, 3, 4, 5, 10, 100];

function howFar(ratio) {
  const factor = FACTORS.find((n) => near(Math.abs(ratio), n) || near(Math.abs(ratio), 1 / n));
  if (near(ratio, -1)) return t('the size is right, the sign is not');
  if (factor) return t('off by factor', factor);
  if (ratio < 0) return t('the sign is wrong, and the size too');
  return t(ratio > 1 ? 'too far from' : 'too near to', Math.round(Math.abs(ratio - 1) * 100));
}
