// The panel: what is known of the node in focus, and by which rule.

import { backwardOf, forwardOf, localOf, sumOf } from './formulas.js';
import { differential, figure, figures, number, shapeText } from './format.js';
import { copier, h, math, valueBox } from './dom.js';
import { BACKWARD, isLeaf } from './walk.js';

const KINDS = { parameter: 'parameter', data: 'data', number: 'constant', output: 'result' };
const USES = 8; // uses that are shown one by one

const short = (x) => number(x, 3);
const show = (value) => valueBox(value, (x) => number(x), short);

/** Fill the panel. `page` has the data, the numbers, the pass and what may be seen. */
export function panelOf(page) {
  const i = page.focus;
  const node = page.data.nodes[i];
  const back = page.pass === BACKWARD && node.gradient !== undefined;
  const shown = back || (page.overlay && node.gradient !== undefined);
  const parts = [shown ? backwardPart(page, i, node) : '', forwardPart(page, i, node)];
  return [heading(page, node), ...(back ? parts : parts.reverse()), notes(page, i, node)];
}

function heading(page, node) {
  const what = [KINDS[node.kind] ?? '', node.op, node.shape ? shapeText(node.shape) : 'scalar', ...(node.scope ?? [])];
  return h(
    'header',
    {},
    h('h2', {}, math(node.name)),
    h('p', { class: 'faint' }, [...new Set(what)].filter(Boolean).join(' · ')),
  );
}

function line(label, formula, kind) {
  const all = [formula ?? []].flat();
  if (!all.length) return undefined;
  return h('div', { class: `line ${kind}` }, h('span', { class: 'label' }, label), h('span', {}, all.map((part) => h('div', {}, math(part, true)))));
}

function block(title, kind, ...children) {
  return h('section', { class: `block ${kind}` }, h('h3', {}, title), ...children);
}

// --- forward

function forwardPart(page, i, node) {
  const seen = page.valueSeen(i);
  const formula = forwardOf(page.data, i, page.numbers);
  return block(
    isLeaf(node) ? 'Given' : 'Forward',
    'forward',
    h('div', { class: 'figure' }, seen ? show(page.numbers.values[i]) : h('span', { class: 'unknown' }, 'not computed yet')),
    formula && line('rule', formula.general, 'general'),
    formula && line('yours', formula.yours, 'yours'),
    formula && seen && line('numbers', formula.numbers, 'numbers'),
    formula && copier('Copy as LaTeX', formula.yours.latex),
  );
}

// --- backward

function backwardPart(page, i, node) {
  const seen = page.gradientSeen(i);
  const uses = page.uses[i];
  const bar = page.numbers.gradients[i];
  return block(
    ['Backward ', math(differential(node.name))],
    'backward',
    h('div', { class: 'figure' }, seen ? show(bar) : hidden(page, i)),
    uses.length > 1 ? h('p', {}, `Sum of ${uses.length} paths, one for each use:`) : '',
    uses.slice(0, USES).map((e) => usePart(page, e, uses.length > 1, seen)),
    uses.length > USES ? h('p', { class: 'faint' }, `and ${uses.length - USES} more`) : '',
    uses.length === 0 ? h('p', { class: 'faint' }, 'Here the backward pass starts: the derivative of the result by itself.') : '',
    seen && uses.length > 1 ? line('sum', sumOf(page.data, i, page.numbers, page.uses), 'numbers') : '',
    copier('Copy as LaTeX', latexOf(page, i)),
  );
}

function hidden(page, i) {
  if (page.asks(i)) return question(page, i);
  return h('span', { class: 'unknown' }, page.pass === BACKWARD ? 'not computed yet' : 'comes in the backward pass');
}

function usePart(page, e, several, seen) {
  const { target, broadcast } = page.data.edges[e];
  const formula = backwardOf(page.data, e, page.numbers, several ? '+=' : '=');
  const target_ = page.data.nodes[target];
  return h(
    'div',
    { class: 'use' },
    h('p', { class: 'through' }, 'through ', h('button', { type: 'button', class: 'link', onclick: () => page.jump(target) }, target_.name.text)),
    formula
      ? [
          line('rule', formula.general, 'general'),
          line('yours', formula.yours, 'yours'),
          line('local', localOf(page.data, e, page.numbers), 'yours'),
          seen && (flow(page, e) ?? line('numbers', formula.numbers, 'numbers')),
        ]
      : h('p', { class: 'faint' }, 'The rule of this op is a longer program; it is shown by its numbers.'),
    !formula && seen && page.numbers.contributions[e] !== undefined ? h('div', { class: 'figure' }, show(page.numbers.contributions[e])) : '',
    formula?.spread && page.data.nodes[page.focus].shape ? h('p', { class: 'faint' }, 'The same for every entry.') : '',
    broadcast
      ? h('p', { class: 'faint' }, `Broadcast from ${shapeText(broadcast.small)} to ${shapeText(broadcast.large)}: used many times, so summed over axis ${broadcast.axes.join(', ')}.`)
      : '',
  );
}

/** Upstream × local = contribution, each with its name below. */
function flow(page, e) {
  const local = page.numbers.locals[e];
  if (local === undefined) return undefined;
  const { target } = page.data.edges[e];
  const under = (formula, name) => h('span', { class: 'term' }, math(formula), h('small', {}, name));
  return h(
    'div',
    { class: 'line flow' },
    h('span', { class: 'label' }, 'numbers'),
    h(
      'span',
      { class: 'terms' },
      under(figures(page.numbers.gradients[target], page.data.nodes[target].name), 'upstream'),
      h('span', { class: 'sign' }, '×'),
      under(figure(local), 'local'),
      h('span', { class: 'sign' }, '='),
      under(figures(page.numbers.contributions[e], page.data.nodes[target].name, true), 'contribution'),
    ),
  );
}

function latexOf(page, i) {
  const uses = page.uses[i];
  const name = page.data.nodes[i].name.latex;
  if (!uses.length) return `d${name} = 1`;
  const all = uses.map((e) => backwardOf(page.data, e, page.numbers, '=')).filter(Boolean);
  const sides = all.map((formula) => formula.yours.latex.slice(`d${name} = `.length));
  return `d${name} = ${sides.join(' + ')}`;
}

// --- predict first

function question(page, i) {
  const node = page.data.nodes[i];
  const at = node.shape?.length ? `[${node.steepest.at.join(', ')}]` : '';
  const said = h('p', { class: 'verdict', role: 'status' });
  const box = h('input', { type: 'text', inputmode: 'text', autocomplete: 'off', size: 8, id: 'guess' });
  const check = (event) => {
    event.preventDefault();
    const verdict = page.guess(i, box.value);
    said.textContent = verdict.say;
    said.dataset.right = verdict.right;
  };
  return h(
    'form',
    { class: 'question', onsubmit: check },
    h('label', { for: 'guess' }, `What is d${node.name.text}${at}?`),
    h('span', { class: 'row' }, box, h('button', { type: 'submit' }, 'Check'), h('button', { type: 'button', class: 'quiet', onclick: () => page.reveal(i) }, 'Show')),
    said,
  );
}

// --- what else is known

function notes(page, i, node) {
  const told = (badge) => page.gradientSeen(i) || !badge.includes('gradient');
  const badges = (node.badges ?? []).filter(told).map((badge) => h('li', { class: 'wrong' }, `⚠ ${badge}`));
  const compared = page.asks(i) ? [] : (node.compared ?? []).map(comparison);
  const made = node.line ? [h('li', { class: 'faint', title: node.path }, `made at ${node.line[0]}, line ${node.line[1]}`)] : [];
  const all = [...badges, ...compared, ...made];
  return all.length ? h('ul', { class: 'notes' }, all) : '';
}

function comparison(found) {
  const relative = `relative error ${number(found.relative, 2)}`;
  if (found.agrees) return h('li', { class: 'right' }, `✓ ${found.quantity} agrees: ${relative}`);
  const at = found.at?.length ? `worst at [${found.at.join(', ')}]: ` : '';
  const both = found.here === null || found.there === null ? '' : `; ${at}${number(found.here)} here, ${number(found.there)} there`;
  return h('li', { class: 'wrong' }, `✗ ${found.quantity} differs: ${relative}${both}${found.cause ? ` (${found.cause})` : ''}`);
}
