// The panel: the node in focus, its values and the rules behind them.

import { backwardOf, forwardOf, localOf, sumOf } from './formulas.js';
import { barOf, figure, figures, number, shapeText } from './format.js';
import { isOverExamples } from './convention.js';
import { button, copier, h, math, valueBox } from './dom.js';
import { hands, question } from './question.js';
import { t } from './texts.js';
import { BACKWARD, isLeaf } from './walk.js';

const KINDS = { parameter: 'parameter', data: 'data', number: 'constant', output: 'result' };
const USES = 8; // shown one by one

const show = (value) => valueBox(value, number, (x) => number(x, 3));
const faint = (...text) => h('p', { class: 'faint' }, text);
const unknown = (text) => h('span', { class: 'unknown' }, text);

/** The parts of the panel; those of the current pass come first. */
export function panelOf(page) {
  const i = page.focus;
  const node = page.data.nodes[i];
  const back = page.pass === BACKWARD;
  const parts = [forwardPart(page, i, node)];
  if ('gradient' in node && (back || page.overlay)) parts.push(backwardPart(page, i, node));
  return [heading(node), ...(back ? parts.reverse() : parts), notes(page, i, node)];
}

function heading(node) {
  const what = [KINDS[node.kind] && t(KINDS[node.kind]), node.op, shapeText(node.shape), ...(node.scope ?? [])].filter(Boolean);
  return h('header', {}, h('h2', {}, math(node.name)), faint([...new Set(what)].join(' · ')));
}

const block = (kind, title, ...children) => h('section', { class: `block ${kind}` }, h('h3', {}, title), ...children);

/** A formula, or several below one another, with a label on the left. */
function line(label, formula, kind) {
  const all = [formula ?? []].flat().map((part) => h('div', {}, math(part, true)));
  return all.length ? labelled(label, all.length > 1 ? `${kind} wide` : kind, h('span', {}, all)) : '';
}

const labelled = (label, kind, content) =>
  h('div', { class: `line ${kind}` }, h('span', { class: 'label' }, t(label)), content);

// --- forward

function forwardPart(page, i, node) {
  const seen = page.valueSeen(i);
  const formula = forwardOf(page.data, i, page.numbers);
  return block(
    'forward',
    t(isLeaf(node) ? 'Given' : 'Forward'),
    h('div', { class: 'figure' }, seen ? show(page.numbers.values[i]) : unknown(t('not computed yet'))),
    formula && [
      line('rule', formula.general, 'general'),
      line('yours', formula.yours, 'yours'),
      seen ? line('numbers', formula.numbers, 'numbers') : '',
      copier(t('Copy as LaTeX'), formula.yours.latex),
    ],
  );
}

// --- backward

function backwardPart(page, i, node) {
  const seen = page.gradientSeen(i);
  const uses = page.uses[i];
  const several = uses.length > 1;
  if (page.predicting && !seen) return block('backward', [t('Backward'), math(barOf(node))], h('div', { class: 'figure' }, hidden(page, i, node)));
  return block(
    'backward',
    [t('Backward'), math(barOf(node))],
    h('div', { class: 'figure' }, seen ? show(page.numbers.gradients[i]) : hidden(page, i, node)),
    several ? h('p', {}, t('sum of uses', uses.length)) : '',
    uses.slice(0, USES).map((e) => usePart(page, e, several ? '+=' : '=', seen && !page.tells(e))),
    uses.length > USES ? faint(t('and more', uses.length - USES)) : '',
    uses.length ? '' : faint(t('Here the backward pass starts: the derivative of the result by itself.')),
    seen && several && !uses.some((e) => page.tells(e)) ? line('sum', sumOf(page.data, i, page.numbers, page.uses), 'numbers') : '',
    copier(t('Copy as LaTeX'), latexOf(page, i, node)),
    page.guessed.has(i) ? hands(page, i) : '',
  );
}

const hidden = (page, i, node) =>
  page.asks(i)
    ? question(page, i, node)
    : unknown(t(page.pass === BACKWARD ? 'not computed yet' : 'comes in the backward pass'));

function usePart(page, e, sign, seen) {
  const { target } = page.data.edges[e];
  const formula = backwardOf(page.data, e, page.numbers, sign);
  const contribution = page.numbers.contributions[e];
  const jump = button({ class: 'link', onclick: () => page.jump(target) }, page.data.nodes[target].name.text);
  return h(
    'div',
    { class: 'use' },
    h('p', { class: 'through' }, `${t('through')} `, jump),
    formula ? useLines(page, e, formula, seen) : faint(t('The rule of this op is a longer program. Its numbers:')),
    !formula && seen && contribution !== undefined ? h('div', { class: 'figure' }, show(contribution)) : '',
    remarks(page, e, formula),
  );
}

function useLines(page, e, formula, seen) {
  const { source } = formula;
  return [
    line('rule', formula.general, 'general'),
    source ? labelled('code', 'general', h('code', { title: t('As it is declared; z_bar stands for dz') }, source)) : '',
    line('yours', formula.yours, 'yours'),
    line('local', localOf(page.data, e, page.numbers), 'yours'),
    seen ? (flow(page, e) ?? line('numbers', formula.numbers, 'numbers')) : '',
  ];
}

function remarks(page, e, formula) {
  const { broadcast, source, [`why_${page.language}`]: why = page.data.edges[e].why } = page.data.edges[e];
  const { axes, small, large } = broadcast ?? {};
  return [
    why ? h('p', { class: 'why' }, why) : '',
    formula?.spread && page.data.nodes[source].shape ? faint(t('The same for every entry.')) : '',
    broadcast ? faint(t(isOverExamples(page.data, e) ? 'broadcast over examples' : 'broadcast', shapeText(small), shapeText(large), axes.join(', '))) : '',
  ];
}

/** Upstream × local = contribution, each with its name below; between numbers only. */
function flow(page, e) {
  const { gradients, locals, contributions } = page.numbers;
  if (locals[e] === undefined) return undefined;
  const { target } = page.data.edges[e];
  const { name } = page.data.nodes[target];
  const term = (formula, below) => h('span', { class: 'term' }, math(formula), h('small', {}, t(below)));
  const [times, equals] = ['×', '='].map((text) => h('span', { class: 'sign' }, text));
  const [upstream, local] = [term(figures(gradients[target], name), 'upstream'), term(figure(locals[e]), 'local')];
  const contribution = term(figures(contributions[e], name, true), 'contribution');
  return labelled('numbers', 'flow', h('span', { class: 'terms' }, upstream, times, local, equals, contribution));
}

function latexOf(page, i, node) {
  const left = barOf(node).latex;
  const all = page.uses[i].map((e) => backwardOf(page.data, e, page.numbers, '=')).filter(Boolean);
  const sides = all.map((formula) => formula.yours.latex.slice(`${left} = `.length));
  if (!page.uses[i].length) sides.push(figures(page.numbers.gradients[i], { latex: '\\text{given}' }, true).latex);
  return `${left} = ${sides.join(' + ')}`;
}

// --- what else is known

function notes(page, i, node) {
  const told = (badge) => page.gradientSeen(i) || !/gradient|梯度/.test(badge);
  const badges = (node.badges ?? []).filter(told).map((badge) => h('li', { class: 'wrong' }, `⚠ ${badge}`));
  const compared = page.secret(i) ? [] : (node.compared ?? []).map(comparison);
  const [file, number_] = node.line ?? [];
  const made = file ? [h('li', { class: 'faint', title: node.path }, t('made at', file, number_))] : [];
  const all = [...badges, ...compared, ...made];
  return all.length ? h('ul', { class: 'notes' }, all) : '';
}

function comparison(found) {
  const relative = number(found.relative, 2);
  if (found.agrees) return h('li', { class: 'right' }, `✓ ${t('agrees', found.quantity, relative)}`);
  const at = found.at?.length ? t('worst at', found.at.join(', ')) : '';
  const known = found.here !== null && found.there !== null;
  const both = known ? `; ${at}${t('here, there', number(found.here), number(found.there))}` : '';
  const cause = found.cause ? ` (${found.cause})` : '';
  return h('li', { class: 'wrong' }, `✗ ${t('differs', found.quantity, relative)}${both}${cause}`);
}
