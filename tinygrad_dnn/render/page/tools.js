// Path tracing and "what if".

import { scaleOf } from './convention.js';
import { barOf, figure, number } from './format.js';
import { button, h, math, select } from './dom.js';
import { counts, product, trace } from './paths.js';
import { only, supported } from './scalars.js';
import { t } from './texts.js';

const SHOWN = 12; // paths
const LONG = 12; // most steps of a path that is written out
const DOTS = { text: '…', latex: '\\cdots', mathml: '<mo>⋯</mo>' };

const remark = (text) => h('p', { class: 'faint' }, text);

/** Leave out the middle of a long list. */
const middleOut = (all, dots) =>
  all.length <= LONG ? all : [...all.slice(0, LONG / 2), dots, ...all.slice(-LONG / 2)];

// --- paths

/** The paths from the node in focus to the result, whose contributions add up to its gradient. */
export function pathsOf(page) {
  const { data, focus, uses } = page;
  const node = data.nodes[focus];
  const end = data.outputs[0];
  if (!('gradient' in node) || focus === end)
    return remark(t('Choose a parameter, or anything else that has a gradient.'));
  const total = counts(data, uses, end)[focus];
  const [many, to, last] = t(total === 1 ? 'a path' : 'paths', total.toLocaleString('en'), '\u0001', '\u0001').split('\u0001');
  const heading = h('p', {}, many, math(node.name), to, math(data.nodes[end].name), last);
  if (page.secret(focus) || uses[focus].some((e) => page.tells(e))) return [heading, remark(t('First say what its gradient is.'))];
  if (data.scalar) return [heading, scalarPaths(page, total)];
  const pulls = data.pulls[focus];
  return [heading, pulls ? tensorPaths(page, pulls) : remark(t('In a graph of this size paths from here are not followed one by one.'))];
}

function scalarPaths(page, total) {
  const { data, focus, numbers } = page;
  const end = data.outputs[0];
  const start = only(numbers.gradients[end]);
  const paths = trace(data, page.uses, focus, end, SHOWN);
  const products = paths.map((path) => product(path, numbers.locals, start));
  const rows = paths.map((path, k) => pathRow(page, path, math(factors(page, path, products[k], start))));
  const more = remark(t('some shown', SHOWN));
  const below = total === paths.length ? sumLine(page, products) : more;
  return h('div', {}, h('ol', { class: 'paths' }, rows), below);
}

/** The product along a path, from the result back to the node. */
function factors(page, path, result, start) {
  const locals = path.map((e) => page.numbers.locals[e]).reverse();
  const all = middleOut([...(start === 1 ? [] : [start]), ...locals].map((x) => figure(x)), DOTS);
  const end = figure(result, true);
  const joined = (kind, sign) => all.map((x) => x[kind]).join(sign);
  return {
    text: `${joined('text', ' × ')} = ${end.text}`,
    latex: `${joined('latex', ' \\cdot ')} = ${end.latex}`,
    mathml: `${joined('mathml', '<mo>⋅</mo>')}<mo>=</mo>${end.mathml}`,
  };
}

function pathRow(page, path, what) {
  const { nodes, edges } = page.data;
  const names = [edges[path[0]].source, ...path.map((e) => edges[e].target)].map((i) => nodes[i].name.text);
  const chosen = page.path?.join() === path.join();
  const toggle = () => page.set('path', chosen ? null : path);
  const properties = { class: 'link route', 'aria-pressed': String(chosen), onclick: toggle };
  return h('li', {}, button(properties, middleOut(names, '…').join(' → ')), h('div', {}, what));
}

function sumLine(page, parts, entry = '') {
  const gradient = parts.reduce((x, y) => x + y, 0);
  const bar = barOf(page.data.nodes[page.focus]);
  const several = parts.length > 1;
  const joined = (kind, plus, equals) =>
    [parts.map((x) => figure(x, !several)[kind]).join(plus), ...(several ? [figure(gradient, true)[kind]] : [])].join(equals);
  const formula = {
    text: `${bar.text}${entry} = ${joined('text', ' + ', ' = ')}`,
    mathml: `${bar.mathml}<mtext>${entry}</mtext><mo>=</mo>${joined('mathml', '<mo>+</mo>', '<mo>=</mo>')}`,
  };
  const label = h('span', { class: 'label' }, t(several ? 'sum' : 'gradient'));
  return h('p', { class: 'total', 'data-sum': gradient }, label, math(formula));
}

function tensorPaths(page, pulls) {
  const node = page.data.nodes[page.focus];
  const shape = node.shape ?? [];
  const [first] = pulls;
  const flat = first.at === undefined ? first.entries.map((_, k) => k) : [first.at];
  const places = flat.map((k) => `[${indexOf(shape, k).join(', ')}]`);
  const chosen = page.entry ?? (first.at === undefined ? flatOf(shape, node.steepest?.at ?? []) : 0);
  const parts = pulls.map((pull) => pull.entries[chosen] * scaleOf(page.data, page.focus));
  const rows = pulls.map((pull, k) => pathRow(page, pull.edges, t('arrives', number(parts[k]))));
  const choice = shape.length ? entryChoice(page, node, places, chosen) : '';
  const sum = sumLine(page, parts, shape.length ? places[chosen] : '');
  return h('div', {}, choice, h('ol', { class: 'paths' }, rows), sum);
}

function entryChoice(page, node, places, chosen) {
  if (places.length === 1) return remark(t('largest entry', places[0]));
  const label = t('entry of', node.name.text);
  const options = places.map((place, k) => [{ value: k, selected: k === chosen }, place]);
  const choose = (event) => page.set('entry', Number(event.target.value));
  return h('label', {}, `${label}: `, select(label, { onchange: choose }, options));
}

const indexOf = (shape, flat) =>
  shape.reduceRight(([index, rest], n) => [[rest % n, ...index], Math.floor(rest / n)], [[], flat])[0];

const flatOf = (shape, index) => index.reduce((flat, k, axis) => flat * shape[axis] + k, 0);

// --- what if

/** A slider and a field for each given number; undefined where there are arrays, or unknown ops. */
export function whatIfOf(page) {
  const { data } = page;
  if (!supported(data)) return undefined;
  const given = data.nodes.map((_, i) => i).filter((i) => ['parameter', 'data'].includes(data.nodes[i].kind));
  const controls = given.map((i) => control(page, i));
  const reset = () => {
    controls.forEach((one) => one.reset());
    page.imagine(new Map());
  };
  const hint = remark(t('Move an input: every value and every gradient follows.'));
  const elements = controls.map((one) => one.element);
  return h('div', {}, hint, elements, button({ class: 'quiet', onclick: reset }, t('As it was')));
}

function control(page, i) {
  const { name, value } = page.data.nodes[i];
  const before = only(value);
  const reach = Math.max(2 * Math.abs(before), 2);
  const [min, max, label] = [before - reach, before + reach, t('slider', name.text)];
  const slider = h('input', { type: 'range', min, max, step: 'any', 'aria-label': label });
  const field = h('input', { type: 'number', step: 'any', 'aria-label': name.text });
  const change = (x) => Number.isFinite(x) && page.imagine(new Map([...page.given, [i, x]]));
  const reset = () => {
    slider.value = before;
    field.value = number(before, 6);
  };
  slider.addEventListener('input', () => {
    field.value = number(slider.valueAsNumber, 3);
    change(field.valueAsNumber);
  });
  field.addEventListener('input', () => {
    slider.value = field.value;
    change(field.valueAsNumber);
  });
  reset();
  if (page.given.has(i)) slider.value = field.value = page.given.get(i);
  return { element: h('div', { class: 'control' }, math(name), slider, field), reset };
}
