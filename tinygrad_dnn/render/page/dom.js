// Elements, without a framework: texts stay texts, and only our own markup is parsed.

import { t } from './texts.js';

const SVG = 'http://www.w3.org/2000/svg';
const SPACE = { svg: SVG, path: SVG, rect: SVG };

/** Make an element. Properties that begin with "on" are listeners, the others attributes. */
export function h(tag, properties = {}, ...children) {
  const element = SPACE[tag] ? document.createElementNS(SPACE[tag], tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== ''));
  return element;
}

/** Make a button. */
export const button = (properties, ...children) => h('button', { type: 'button', ...properties }, ...children);

/** Make a list to choose from; an option is its properties and its text. */
export const select = (label, properties, options) =>
  h('select', { 'aria-label': label, title: label, ...properties }, options.map((option) => h('option', ...option)));

/** Show a formula as mathematics; a screen reader reads its text. */
export function math(formula, display = false) {
  const box = h('span', { class: 'math', role: 'math', 'aria-label': formula.text });
  const show = display ? ' displaystyle="true"' : '';
  box.innerHTML = `<math xmlns="http://www.w3.org/1998/Math/MathML"${show}><mrow>${formula.mathml}</mrow></math>`;
  return box;
}

/** Shrink elements that are too wide for their places, down to a readable size; all are measured before any changes. */
export function fit(elements) {
  const ratios = Array.from(elements, (element) => [element, element.clientWidth / element.scrollWidth]);
  for (const [element, ratio] of ratios) if (ratio < 1) element.style.fontSize = `${Math.max(ratio * 0.98, 0.75)}em`;
}

/** A button that copies text; without a clipboard it shows the text, selected. */
export function copier(label, text) {
  const said = h('span', { class: 'said', role: 'status' });
  const wanted = () => (typeof text === 'function' ? text() : text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(wanted());
      said.textContent = t('Copied.');
    } catch {
      said.textContent = t('Selected: copy it with your keyboard.');
      holder.querySelector('textarea')?.remove();
      const area = h('textarea', { readonly: true, rows: 2, 'aria-label': label }, wanted());
      holder.append(area);
      area.focus();
      area.select();
    }
  };
  const holder = h('span', { class: 'copier' }, button({ class: 'quiet', onclick: copy }, label), said);
  return holder;
}

/** A value as a table of its entries, a heat map, or a line. */
export function valueBox(value, format, short) {
  if (typeof value !== 'object') return h('span', { class: 'number' }, format(value));
  const drawn = value.thumbnail ? heatMap(value.thumbnail) : '';
  if (!value.rows) return h('div', { class: 'summary' }, drawn, value.summary);
  if (value.rows.length * value.rows[0].length === 1) return h('span', { class: 'number' }, format(value.rows[0][0]));
  const cells = (row) => row.map((x) => h('td', {}, short(x)));
  return h('table', { class: 'cells' }, value.rows.map((row) => h('tr', {}, cells(row))));
}

/** A sign on a button, drawn because few fonts have it. */
export const icon = (d) =>
  h('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' }, h('path', { d }));

const CELL = 18; // pixels along a cell of a heat map

/** A large array in colours: means of its blocks. */
function heatMap(colours) {
  const [height, width] = [colours.length, colours[0].length];
  const cell = (fill, x, y) => h('rect', { x, y, width: 1, height: 1, fill });
  const cells = colours.map((row, y) => row.map((fill, x) => cell(fill, x, y)));
  const size = { viewBox: `0 0 ${width} ${height}`, width: width * CELL, height: height * CELL };
  return h('svg', { ...size, class: 'heat', 'aria-hidden': 'true', 'shape-rendering': 'crispEdges' }, ...cells);
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
