// Arrays as tables: values with their gradients below, entries to choose.

import { h } from './dom.js';
import { number } from './format.js';

const MOST = 400; // entries of a table

/** The index of an entry as it is written in NumPy: [1, 0]. */
export function indexOf(shape, place) {
  const index = [];
  let rest = place;
  for (const n of [...shape].reverse()) {
    index.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return index.length ? `[${index.join(', ')}]` : '';
}

/** A table of an array that is filled again and again; `choose` is told the place of an entry that is pressed. */
export class Grid {
  constructor(name, shape, choose) {
    this.size = shape.reduce((a, b) => a * b, 1);
    const columns = shape.at(-1) ?? 1;
    const shown = Math.min(this.size, MOST);
    this.cells = Array.from({ length: shown }, (_, i) => {
      const own = { value: h('span', { class: 'value' }), bar: h('span', { class: 'bar' }) };
      const title = h('span', { class: 'unseen' }, `${name}${indexOf(shape, i)}: `); // a screen reader reads it before the numbers
      const pressed = { type: 'button', onclick: () => choose(i) };
      own.element = h(choose ? 'button' : 'span', { class: 'entry', ...(choose ? pressed : {}) }, title, own.value, ' ', own.bar);
      return own;
    });
    const rows = [];
    for (let i = 0; i < shown; i += columns) {
      rows.push(h('tr', {}, this.cells.slice(i, i + columns).map((cell) => h('td', {}, cell.element))));
    }
    this.element = h('div', { class: 'scroll' }, h('table', { class: 'grid' }, rows));
  }

  /** Show values, and below them gradients where there are any. */
  show(values, bars, chosen) {
    this.cells.forEach(({ element, value, bar }, i) => {
      value.textContent = number(values[i], 3);
      bar.textContent = bars ? number(bars[i], 3) : '';
      element.classList.toggle('chosen', i === chosen);
      const pressed = String(i === chosen);
      if (element.type && element.ariaPressed !== pressed) element.ariaPressed = pressed;
    });
  }
}
