// The formulas of a node and a use: the general rule, with your names, and with your numbers.

import { ruleOf } from './convention.js';
import { barOf, differential, equation, figure, figures, fill, isBare, letter } from './format.js';

const LETTERS = [['x'], ['x', 'y'], ['x', 'y', 'w']];

/** The general letters of an op: its operands and its result. */
function general(arity) {
  const names = LETTERS[arity - 1] ?? Array.from({ length: arity }, (_, i) => `x${i + 1}`);
  const out = letter(arity === 2 || arity === 3 ? 'z' : 'y');
  return { operands: names.map(letter), out, bar: differential(out) };
}

const nameOf = (data, x) => (typeof x === 'number' ? data.nodes[x].name : figures(x.value ?? {}, x));

function named(data, i) {
  const node = data.nodes[i];
  return { operands: node.operands.map((x) => nameOf(data, x)), out: node.name, bar: barOf(node) };
}

function numbered(data, i, numbers, alone) {
  const { operands, out, bar } = named(data, i);
  const value = (x, name) => (typeof x === 'number' ? figures(numbers.values[x], name, alone) : name);
  return {
    operands: data.nodes[i].operands.map((x, k) => value(x, operands[k])),
    out: figures(numbers.values[i], out, alone),
    bar: numbers.gradients[i] === undefined ? bar : figures(numbers.gradients[i], bar, alone),
  };
}

/** The formula with numbers and its result, on one line, with matrices on two; none where all is too large to write. */
function inNumbers(left, formula, pieces, names, result) {
  const filled = fill(formula, pieces);
  if (filled.text === fill(formula, names).text) return [];
  const known = figures(result, left, true);
  if (known.text === filled.text || known.text === left.text) return [equation(left, filled)];
  if (typeof result !== 'object') return [equation(left, equation(filled, known))];
  return [equation(left, filled), equation({ text: '', latex: '', mathml: '' }, known)];
}

/** How a node is computed. */
export function forwardOf(data, i, numbers) {
  const node = data.nodes[i];
  if (!node.forward || node.forward.own === undefined) return undefined;
  const own = data.formulas[node.forward.own];
  const rule = general(node.operands.length);
  const names = named(data, i);
  const pieces = numbered(data, i, numbers, isBare(own));
  return {
    general: equation(rule.out, fill(data.formulas[node.forward.general], rule)),
    yours: equation(node.name, fill(own, names)),
    numbers: inNumbers(node.name, own, pieces, names, numbers.values[i]),
  };
}

/** How the gradient flows back through a use; `sign` is "+=" where it is one addend of several. */
export function backwardOf(data, e, numbers, sign) {
  const { source, target, position, backward } = data.edges[e];
  if (!backward || backward.own === undefined) return undefined;
  const [own, inFigures] = ruleOf(data, e);
  const rule = general(data.nodes[target].operands.length);
  const names = named(data, target);
  const left = barOf(data.nodes[source]);
  const pieces = numbered(data, target, numbers, isBare(own));
  return {
    general: equation(differential(rule.operands[position]), fill(data.formulas[backward.general], rule)),
    yours: equation(left, fill(own, names), sign),
    numbers: inNumbers(left, inFigures, pieces, names, numbers.contributions[e]),
    source: data.formulas[backward.general].source,
    spread: data.formulas[backward.general].spread,
  };
}

/** The local derivative at a use, between numbers: in symbols and as a number. */
export function localOf(data, e, numbers) {
  const { source, target, backward } = data.edges[e];
  if (numbers.locals[e] === undefined) return undefined;
  const ratio = quotient(data.nodes[target].name, data.nodes[source].name);
  const value = figure(numbers.locals[e], true);
  if (backward.local === undefined) return equation(ratio, value);
  const symbols = fill(data.formulas[backward.local], named(data, target));
  return equation(ratio, symbols.text === value.text ? value : equation(symbols, value));
}

const quotient = (above, below) => ({
  text: `∂${above.text}/∂${below.text}`,
  latex: `\\frac{\\partial ${above.latex}}{\\partial ${below.latex}}`,
  mathml: `<mfrac><mrow><mo>∂</mo>${above.mathml}</mrow><mrow><mo>∂</mo>${below.mathml}</mrow></mfrac>`,
});

/** The gradient of a node as the sum of what arrives by its uses. */
export function sumOf(data, i, numbers, uses) {
  const left = barOf(data.nodes[i]);
  const addends = uses[i].map((e) => figures(numbers.contributions[e] ?? 0, left));
  if (addends.length < 2 || addends.some((x) => x === left)) return undefined;
  const joined = (kind, plus) => addends.map((x) => x[kind]).join(plus);
  const sum = { text: joined('text', ' + '), latex: joined('latex', ' + '), mathml: joined('mathml', '<mo>+</mo>') };
  return equation(left, equation(sum, figures(numbers.gradients[i], left, true)));
}
