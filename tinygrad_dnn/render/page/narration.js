// Narration: the state of nodes and uses for the picture, and the step in words.

import { backwardOf, forwardOf, sumOf } from './formulas.js';
import { barOf, equation, figures, number } from './format.js';
import { only } from './scalars.js';
import { t } from './texts.js';
import { FORWARD } from './walk.js';

const LONGEST = 70; // most characters of numbers beside the symbols
const ADDENDS = 4;
const WIDE = 40; // letters of a rule on a line
const DIGITS = 3; // of numbers that may need more room than the picture was laid out for

// --- in the picture

/** The state of a node in the picture; its words are written when they are asked for. */
export function nodeOf(page, i) {
  const node = page.data.nodes[i];
  const state = page.status(i);
  const seen = page.valueSeen(i);
  const gradient = !('gradient' in node) ? 'none' : page.gradientSeen(i) && page.overlay ? 'shown' : 'hidden';
  const label = () =>
    [
      `${node.name.text}, ${t(state)}`,
      ...(seen ? [`${t('value')} ${page.inLine('values', i)}`] : []),
      ...(gradient === 'shown' ? [`${t('gradient')} ${page.inLine('gradients', i)}`] : []),
    ].join(', ');
  return {
    state,
    gradient,
    value: seen ? 'shown' : 'hidden',
    asked: page.asks(i),
    focus: i === page.focus,
    label,
    round: page.round,
    numbers: page.imagined ? numbersOf(page, i) : undefined,
  };
}

const brief = (value) => number(only(value), DIGITS);

/** The numbers on a node, once they differ from those that were drawn. */
function numbersOf(page, i) {
  const bar = page.numbers.gradients[i];
  if (!page.data.scalar) return { cells: cellsOf(bar) };
  const addends = page.uses[i].map((e) => brief(page.numbers.contributions[e] ?? 0));
  return {
    value: brief(page.numbers.values[i]),
    gradient: bar === undefined ? undefined : brief(bar),
    sum: addends.length > 1 && addends.length <= ADDENDS ? addends.join(' + ') : undefined,
  };
}

/** The numbers of a gradient in the order in which they are drawn; undefined where nothing but the title is. */
function cellsOf(bar) {
  if (bar === undefined || typeof bar !== 'object') return bar === undefined ? undefined : [brief(bar)];
  return bar.rows ? bar.rows.flat().map((x) => number(x, DIGITS)) : [bar.summary];
}

/** The state of a use in the picture. */
export function edgeOf(page, e) {
  const { source, target, backward } = page.data.edges[e];
  const forward = page.pass === FORWARD;
  const flows = page.overlay && backward && page.gradientSeen(source) && !page.tells(e);
  return {
    state: 'none',
    flow: flows ? 'shown' : page.overlay && !forward && !page.predicting ? 'waiting' : 'hidden',
    asked: page.predicting,
    now: page.current() === (forward ? target : source),
    path: Boolean(page.path?.includes(e)),
    numbers: page.imagined && backward ? usedOf(page, e, target) : undefined,
  };
}

function usedOf(page, e, target) {
  const { locals, contributions, gradients } = page.numbers;
  if (locals[e] === undefined) return page.data.scalar ? undefined : { rule: ruleText(page, e) };
  const [local, contribution] = [brief(locals[e]), brief(contributions[e] ?? 0)];
  const flow = locals[e] === 0 ? contribution : `${brief(gradients[target])} × ${local} = ${contribution}`;
  return { local, flow };
}

/** The rule of a use as it stands on its line. */
function ruleText(page, e) {
  const { text } = backwardOf(page.data, e, page.numbers, page.uses[page.data.edges[e].source].length > 1 ? '+=' : '=')?.yours ?? {};
  return text && text.length > WIDE ? `${text.slice(0, WIDE - 1)}…` : text;
}

// --- in words

/** The step in a line: its place, its formulas and a remark. */
export function stepOf(page) {
  const i = page.current();
  const forward = page.pass === FORWARD;
  if (i === undefined) return { where: t('Before the first step'), formulas: [], remark: t('Only the inputs are known.') };
  const place = t('step of', page.at[page.pass], page.order[page.pass].length);
  const told = forward ? forwardStep(page, i) : backwardStep(page, i);
  return { where: `${page.praise}${t(forward ? 'Forward' : 'Backward')}, ${place}`, remark: '', ...told };
}

const forwardStep = (page, i) =>
  inShort(forwardOf(page.data, i, page.numbers), page.data.nodes[i].name, page.numbers.values[i]);

function backwardStep(page, i) {
  const left = barOf(page.data.nodes[i]);
  const uses = page.uses[i];
  const bar = page.numbers.gradients[i];
  if (page.asks(i)) return { formulas: [left], remark: t('What is it? Say it first.') };
  if (uses.some((e) => page.tells(e))) return inShort(undefined, left, bar);
  if (!uses.length) return { ...inShort(undefined, left, bar), remark: t('Here the backward pass starts.') };
  if (uses.length === 1) return inShort(backwardOf(page.data, uses[0], page.numbers, '='), left, bar);
  const sum = sumOf(page.data, i, page.numbers, page.uses);
  return { formulas: [sum ?? left], remark: t('the sum of paths', uses.length) };
}

function inShort(formula, name, value) {
  if (!formula) return { formulas: [equation(name, figures(value, name, true))] };
  const [first, ...others] = formula.numbers;
  return { formulas: [formula.yours, ...(first && !others.length && first.text.length < LONGEST ? [first] : [])] };
}

/** The step as a sentence, for screen readers. */
export const spoken = ({ where, formulas, remark }) =>
  [`${where}:`, formulas.map((formula) => formula.text).join(', '), remark].join(' ').trim();
