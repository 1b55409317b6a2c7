// What a reader has guessed a gradient to be, and how good the guess is.

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

/** Judge a guess: whether it is right, and what to say. */
export function judged(text, truth) {
  const typed = parse(text);
  if (Number.isNaN(typed)) return { right: false, say: 'Type a number, such as -0.5 or 1/3.' };
  const apart = Math.abs(typed - truth);
  const size = Math.abs(truth);
  if (apart <= Math.max(ENOUGH * size, Math.min(rounding(text), 0.05 * size), 1e-12)) return { right: true, say: 'Right.' };
  if (size === 0) return { right: false, say: `Not yet: ${typed > 0 ? 'too large' : 'too small'}.` };
  const ratio = typed / truth;
  if (Math.abs(ratio + 1) <= ENOUGH) return { right: false, say: 'Not yet: the size is right, the sign is not.' };
  const factor = [2, 3, 4, 5, 10, 100].find((n) => [n, 1 / n].some((f) => Math.abs(Math.abs(ratio) / f - 1) <= ENOUGH));
  if (factor) return { right: false, say: `Not yet: it is off by a factor of ${factor}.` };
  if (ratio < 0) return { right: false, say: 'Not yet: the sign is wrong, and the size too.' };
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  return { right: false, say: `Not yet: ${ratio > 1 ? 'too far from 0' : 'too near to 0'}, by ${percent} %.` };
}
