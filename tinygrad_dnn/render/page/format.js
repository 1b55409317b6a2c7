// Numbers, arrays and formulas, as text, LaTeX and MathML. Nothing here knows the document.

import { t } from './texts.js';

const HOLE = /[\ue000-\ue0ff]/g;
const FIRST = 0xe000;
const EXAMPLES = '\ue0fd';
const OUT = '\ue0fe';
const BAR = '\ue0ff';
const LEAF = '<m\\w+>[^<]*</m\\w+>';
const INDEX = `(?:<mrow>)?<msub>(${LEAF}${LEAF})</msub>(?:</mrow>)?`;
const INDEXED = new RegExp(`<msup><mrow>(<mi>d</mi>)?${INDEX}</mrow>(${LEAF})</msup>`, 'g');
const WIDEST = 4; // most rows and columns of a matrix in a formula

/** Write a number as Python's "%.4g" does; the names "nan", "inf" and "-inf" are numbers too. */
export function number(x, digits = 4) {
  const value = Number(x === 'inf' ? Infinity : x === '-inf' ? -Infinity : x);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return '0';
  const [mantissa, e] = value.toExponential(digits - 1).split('e');
  const exponent = Number(e);
  const plain = (text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < digits) return plain(value.toFixed(digits - 1 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${plain(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** Write a value in a line: a number, the rows of a small array, or the summary of a larger one. */
export function oneLine(value) {
  if (typeof value !== 'object') return number(value);
  if (value.summary) return value.summary;
  return `[${value.rows.map((row) => row.map((x) => number(x, 3)).join(' ')).join('; ')}]`;
}

export const shapeText = (shape) => (shape && shape.length ? shape.join(' × ') : t('scalar'));

// --- pieces of formulas, in each notation

export const letter = (text) => ({ text, latex: text, mathml: `<mi>${text}</mi>` });

/** The name of the gradient by a node. */
export const barOf = (node) => node.bar ?? differential(node.name);

export const differential = (name) => ({
  text: `d${name.text}`,
  latex: `d${name.latex}`,
  mathml: `<mrow><mi>d</mi>${name.mathml}</mrow>`,
});

/** A number in a formula: negative ones in parentheses unless they stand alone. */
export function figure(x, alone = false) {
  const text = number(x);
  const negative = text.startsWith('-');
  const [mantissa, exponent] = text.replace(/^-/, '').split('e');
  const power = exponent === undefined ? undefined : Number(exponent);
  const raised = `<mo>⋅</mo><msup><mn>10</mn><mn>${String(power).replace('-', '−')}</mn></msup>`;
  const ten = power === undefined ? '' : raised;
  const latex = (negative ? '-' : '') + mantissa + (power === undefined ? '' : ` \\cdot 10^{${power}}`);
  const mathml = `${negative ? '<mo form="prefix">−</mo>' : ''}<mn>${mantissa}</mn>${ten}`;
  if (alone || !(negative || ten)) return { text, latex, mathml: `<mrow>${mathml}</mrow>` };
  const fence = (sign) => `<mo fence="true" stretchy="false">${sign}</mo>`;
  return {
    text: `(${text})`,
    latex: `\\left(${latex}\\right)`,
    mathml: `<mrow>${fence('(')}${mathml}${fence(')')}</mrow>`,
  };
}

/** A value in a formula: a number, a small matrix, or the name of a larger one. */
export function figures(value, name, alone = false) {
  if (typeof value !== 'object') return figure(value, alone);
  const rows = value.rows;
  if (!rows || rows.length > WIDEST || rows[0].length > WIDEST) return name;
  const cells = rows.map((row) => row.map((x) => figure(number(x, 3), true)));
  const table = (kind, cell, line) => cells.map((row) => row.map((x) => x[kind]).join(cell)).join(line);
  const inner = table('mathml', '</mtd><mtd>', '</mtd></mtr><mtr><mtd>');
  return {
    text: oneLine(value),
    latex: `\\begin{bmatrix} ${table('latex', ' & ', ' \\\\ ')} \\end{bmatrix}`,
    mathml: `<mtable class="matrix"><mtr><mtd>${inner}</mtd></mtr></mtable>`,
  };
}

/** Fill the holes of a formula: `pieces` has its operands, `out` the result and `bar` the cotangent of that. */
export function fill(formula, pieces) {
  const { operands, out, bar } = pieces;
  const examples = { text: t('over the examples'), latex: t('examples'), mathml: t('examples') };
  const piece = (hole) => (hole === EXAMPLES ? examples : hole === OUT ? out : hole === BAR ? bar : operands[hole.charCodeAt(0) - FIRST]);
  const filled = (kind) => formula[kind].replace(HOLE, (hole) => piece(hole)[kind]);
  let mathml = filled('mathml');
  mathml = mathml.replace(INDEXED, '<mrow>$1<msubsup>$2$3</msubsup></mrow>'); // one above the other
  if (mathml.includes('<mtable')) mathml = mathml.replaceAll(' stretchy="false"', ''); // grow with matrices
  return { text: filled('text'), latex: filled('latex'), mathml };
}

/** True for a formula that is one hole. */
export const isBare = (formula) => formula.text.length === 1;

export const equation = (left, right, sign = '=') => ({
  text: `${left.text} ${sign} ${right.text}`,
  latex: `${left.latex} ${sign === '+=' ? '\\mathrel{+}=' : sign} ${right.latex}`,
  mathml: `${left.mathml}<mo>${sign}</mo><mrow>${right.mathml}</mrow>`,
});
