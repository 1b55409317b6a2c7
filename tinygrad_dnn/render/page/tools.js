// Path tracing, and "what if": what can be done with a graph besides walking through it.

import { figure, number } from './format.js';
import { h, math } from './dom.js';
import { counts, product, trace } from './paths.js';
import { only, supported } from './scalars.js';

const SHOWN = 12; // paths that are shown
const LONG = 12; // steps of a path that are written out
const DOTS = { text: '…', latex: '\\cdots', mathml: '<mo>⋯</mo>' };

/** Leave the middle out of what is too long. */
const middleOut = (all, dots) => (all.length <= LONG ? all : [...all.slice(0, LONG / 2), dots, ...all.slice(-LONG / 2)]);

// --- paths

/** Show the paths from the node in focus to the result, and that what arrives along them adds up to its gradient. */
export function pathsOf(page) {
  const { data, focus, uses } = page;
  const node = data.nodes[focus];
  const end = data.outputs[0];
  if (node.gradient === undefined || focus === end) return h('p', { class: 'faint' }, 'Choose a parameter, or anything else that has a gradient.');
  const total = counts(data, uses, end)[focus];
  const heading = h('p', {}, `${total.toLocaleString('en')} ${total === 1 ? 'path' : 'paths'} from `, math(node.name), ' to ', math(data.nodes[end].name), '.');
  if (page.asks(focus)) return [heading, h('p', { class: 'faint' }, 'First say what its gradient is.')];
  const pulls = data.pulls?.[focus];
  if (!data.scalar && !pulls) return [heading, h('p', { class: 'faint' }, tooMany(total, node))];
  return [heading, pulls ? tensorPaths(page, pulls) : scalarPaths(page, total)];
}

const tooMany = (total, node) =>
  total > SHOWN
    ? 'Too many to be shown one by one.'
    : `Along single paths the page follows parameters only, and ${node.name.text} is none.`;

function scalarPaths(page, total) {
  const { data, focus, numbers } = page;
  const end = data.outputs[0];
  const start = only(numbers.gradients[end]);
  const paths = trace(data, page.uses, focus, end, SHOWN);
  const products = paths.map((path) => product(path, numbers.locals, start));
  const rows = paths.map((path, k) => pathRow(page, path, k, [math(factors(page, path, products[k], start))]));
  const whole = total === paths.length;
  return h('div', {}, h('ol', { class: 'paths' }, rows), whole ? sumLine(page, products) : h('p', { class: 'faint' }, `The first ${SHOWN} are shown; all of them add up to the gradient.`));
}

/** The product along a path, from the result back to the parameter. */
function factors(page, path, result, start) {
  const { locals } = page.numbers;
  const all = middleOut([...(start === 1 ? [] : [start]), ...path.map((e) => locals[e]).reverse()].map((x) => figure(x)), DOTS);
  const end = figure(result, true);
  const joined = (kind, sign) => `${all.map((x) => x[kind]).join(sign)}`;
  return {
    text: `${joined('text', ' × ')} = ${end.text}`,
    latex: `${joined('latex', ' \\cdot ')} = ${end.latex}`,
    mathml: `${joined('mathml', '<mo>⋅</mo>')}<mo>=</mo>${end.mathml}`,
  };
}

function pathRow(page, path, k, what) {
  const names = [page.data.edges[path[0]].source, ...path.map((e) => page.data.edges[e].target)];
  const route = middleOut(names.map((i) => page.data.nodes[i].name.text), '…').join(' → ');
  const chosen = page.path?.join() === path.join();
  const toggle = () => page.set('path', chosen ? null : path);
  return h('li', {}, h('button', { type: 'button', class: 'link route', 'aria-pressed': String(chosen), onclick: toggle }, route), h('div', {}, what));
}

function sumLine(page, parts, at = '') {
  const gradient = parts.reduce((x, y) => x + y, 0);
  const name = page.data.nodes[page.focus].name;
  const left = { text: `d${name.text}${at}`, mathml: `<mi>d</mi>${name.mathml}${at ? `<mtext>${at}</mtext>` : ''}` };
  const sum = parts.map((x) => figure(x).mathml).join('<mo>+</mo>');
  const end = parts.length > 1 ? `<mo>=</mo>${figure(gradient, true).mathml}` : '';
  const text = `${left.text} = ${parts.map((x) => figure(x).text).join(' + ')} = ${number(gradient)}`;
  return h('p', { class: 'total', 'data-sum': gradient }, h('span', { class: 'label' }, parts.length > 1 ? 'sum' : 'gradient'), math({ text, mathml: `${left.mathml}<mo>=</mo>${sum}${end}` }));
}

function tensorPaths(page, pulls) {
  const node = page.data.nodes[page.focus];
  const places = placesIn(node.shape ?? [], pulls[0]);
  const chosen = Math.min(page.entry ?? steepest(node, pulls[0]), places.length - 1);
  const parts = pulls.map((pull) => Number(pull.entries[chosen]));
  const choice = places.length > 1 ? entryChoice(page, node, places, chosen) : h('p', {}, `Entry ${places[0]}, where the gradient is largest:`);
  const rows = pulls.map((pull, k) => pathRow(page, pull.edges, k, [`${number(parts[k])} arrives along it`]));
  return h('div', {}, node.shape?.length ? choice : '', h('ol', { class: 'paths' }, rows), sumLine(page, parts, node.shape?.length ? places[chosen] : ''));
}

function entryChoice(page, node, places, chosen) {
  const options = places.map((place, k) => h('option', { value: k, selected: k === chosen }, place));
  return h('p', {}, h('label', {}, `Entry of ${node.name.text}: `, h('select', { onchange: (event) => page.set('entry', Number(event.target.value)) }, options)));
}

const indexOf = (shape, flat) => shape.reduceRight(([index, rest], n) => [[rest % n, ...index], Math.floor(rest / n)], [[], flat])[0];

const placesIn = (shape, pull) =>
  (pull.at === undefined ? pull.entries.map((_, k) => k) : [pull.at]).map((k) => `[${indexOf(shape, k).join(', ')}]`);

const steepest = (node, pull) => (pull.at === undefined ? node.steepest.at.reduce((flat, k, axis) => flat * node.shape[axis] + k, 0) : 0);

// --- what if

/** A slider and a field for each number that is given; nothing where the graph has arrays or ops that are not known. */
export function whatIfOf(page) {
  const { data } = page;
  if (!supported(data)) return undefined;
  const leaves = data.nodes.map((node, i) => i).filter((i) => ['parameter', 'data'].includes(data.nodes[i].kind));
  const rows = leaves.map((i) => control(page, i));
  const reset = () => {
    rows.forEach((row) => row.reset());
    page.imagine(new Map());
  };
  return h('div', {}, h('p', { class: 'faint' }, 'Move an input: every value and every gradient follows.'), rows.map((row) => row.element), h('button', { type: 'button', class: 'quiet', onclick: reset }, 'As it was'));
}

function control(page, i) {
  const node = page.data.nodes[i];
  const before = only(node.value);
  const reach = Math.max(2 * Math.abs(before), 2);
  const slider = h('input', { type: 'range', min: before - reach, max: before + reach, step: 'any', 'aria-label': `${node.name.text}, slider` });
  const field = h('input', { type: 'number', step: 'any', 'aria-label': node.name.text });
  const set = (value) => {
    slider.value = value;
    field.value = number(value, 6);
  };
  const change = (value) => {
    if (Number.isFinite(value)) page.imagine(new Map([...page.given, [i, value]]));
  };
  slider.addEventListener('input', () => {
    const value = Number(number(slider.valueAsNumber, 3));
    field.value = value;
    change(value);
  });
  field.addEventListener('input', () => {
    slider.value = field.value;
    change(field.valueAsNumber);
  });
  set(before);
  return { element: h('div', { class: 'control' }, math(node.name), slider, field), reset: () => set(before) };
}
