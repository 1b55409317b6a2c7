// The course's form: gradients without the 1/m of a mean over m examples, which stands in those of parameters instead.

import { figure, letter, number } from './format.js';
import { lazyList } from './lazy.js';

/** A value some times as large; the numbers of a summary too. */
export function times(value, k) {
  const larger = (x) => (typeof x === 'number' ? x * k : x); // inf and nan stay what they are
  if (typeof value !== 'object') return larger(value);
  const found = { ...value, norm: larger(value.norm) };
  if (value.rows) found.rows = value.rows.map((row) => row.map(larger));
  if (value.summary) found.summary = value.summary.replace(/-?\d+\.?\d*(e[+-]?\d+)?/g, (x) => number(Number(x) * k, 3));
  return found;
}

/** What a gradient of a node is multiplied by in the form that is shown. */
export const scaleOf = (data, i) => (data.course && data.nodes[i].kind !== 'parameter' ? data.examples : 1);

/** True for a use whose gradient is summed over the examples, as the picture says too. */
export const isOverExamples = (data, e) => Boolean(data.edges[e].broadcast?.examples);

/** The numbers in the course's form. */
export function inCourse(data, numbers) {
  const { gradients, locals, contributions } = numbers;
  const source = (e) => data.edges[e].source;
  return {
    ...numbers,
    gradients: lazyList(gradients.length, (i) => times(gradients[i], scaleOf(data, i))),
    locals: lazyList(locals.length, (e) => (scaleOf(data, source(e)) === 1 ? undefined : locals[e])),
    contributions: lazyList(contributions.length, (e) => times(contributions[e], scaleOf(data, source(e)))),
  };
}

/** A rule with the 1/m in front; `m` is a formula. */
function divided(rule, m) {
  const inside = rule.text.replace(/\([^()]*(\([^()]*\)[^()]*)*\)/g, '');
  const fenced = / [+-] /.test(inside);
  const [text, latex] = fenced ? [`(${rule.text})`, `\\left(${rule.latex}\\right)`] : [rule.text, rule.latex];
  const mathml = fenced ? `<mrow><mo>(</mo>${rule.mathml}<mo>)</mo></mrow>` : rule.mathml;
  return {
    text: `1/${m.text} ${text}`,
    latex: `\\frac{1}{${m.latex}} ${latex}`,
    mathml: `<mfrac><mn>1</mn>${m.mathml}</mfrac>${mathml}`,
  };
}

/** The rule of a use in the form that is shown, with the letter m and with its number. */
export function ruleOf(data, e) {
  const { source, backward } = data.edges[e];
  const rule = data.formulas[data.course ? (backward.course ?? backward.own) : backward.own];
  if (!data.course || data.nodes[source].kind !== 'parameter') return [rule, rule];
  return [letter('m'), figure(data.examples)].map((m) => divided(rule, m));
}
