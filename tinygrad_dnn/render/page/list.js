// The list of all steps, to read and to jump by.

import { button, h } from './dom.js';
import { forwardOf } from './formulas.js';
import { barOf, shapeText } from './format.js';
import { t } from './texts.js';
import { SIGNS, moved } from './walk.js';

const COLUMNS = ['', 'name', 'formula', 'shape', 'value', 'gradient'];

const CELLS = [4, 6]; // rows and columns of blanks that are drawn one by one

/** A gradient to be filled in on paper: an empty cell for each entry. */
function blanks(node) {
  const [rows, columns] = [1, 1, ...(node.shape ?? [])].slice(-2);
  const cells = (n) => Array.from({ length: n }, () => h('td', { class: 'blank' }));
  const whole = rows <= CELLS[0] && columns <= CELLS[1];
  const table = Array.from({ length: whole ? rows : 1 }, () => h('tr', {}, cells(whole ? columns : 1)));
  return [`${barOf(node).text} = `, h('table', { class: 'cells' }, table)];
}

export class List {
  constructor(page) {
    Object.assign(this, { page, rows: [] });
    const head = COLUMNS.map((text) => h('th', { scope: 'col' }, text && t(text)));
    this.body = h('tbody', { onkeydown: (event) => this.walk(event) });
    const table = h('table', { class: 'steps' }, h('thead', {}, h('tr', {}, head)), this.body);
    this.element = h('div', { class: 'scroll' }, table);
  }

  row(node, i) {
    const { page } = this;
    const jump = button({ class: 'link', tabindex: -1, onclick: () => page.jump(i) }, node.name.text);
    const formula = forwardOf(page.data, i, page.numbers);
    const made = formula ? formula.yours.text.slice(node.name.text.length) : t(node.kind === 'number' ? 'constant' : node.kind);
    const [state, value, gradient] = [0, 1, 2].map(() => h('td'));
    const [how, shape] = [made, shapeText(node.shape)].map((text) => h('td', { class: 'faint' }, text));
    const row = h('tr', {}, state, h('th', { scope: 'row' }, jump), how, shape, value, gradient);
    return { row, jump, state, value, gradient, last: '' };
  }

  /** Move up and down with the arrow keys. */
  walk(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = this.rows.findIndex(({ jump }) => jump === event.target);
    if (!by || at < 0) return;
    event.preventDefault();
    this.rows[moved(at, by, this.rows.length - 1)].jump.focus();
  }

  /** Stand in a part of the page that can be closed, and follow the walk while it is open. */
  in(box) {
    box.addEventListener('toggle', () => this.update());
    return (this.box = box);
  }

  update() {
    const { page } = this;
    if (this.box && !this.box.open) return;
    if (!this.rows.length) this.body.append(...(this.rows = page.data.nodes.map((node, i) => this.row(node, i))).map(({ row }) => row));
    this.rows.forEach((row, i) => {
      const state = page.status(i);
      const focus = i === page.focus;
      const value = page.valueSeen(i) ? page.inLine('values', i) : '';
      const blank = page.printing && page.asks(i);
      const gradient = page.gradientSeen(i) ? page.inLine('gradients', i) : '';
      const key = [state, focus, value, gradient, blank].join('|');
      if (key === row.last) return;
      row.last = key;
      row.row.dataset.state = state;
      row.row.setAttribute('aria-current', focus ? 'step' : 'false');
      row.jump.tabIndex = focus ? 0 : -1;
      row.state.replaceChildren(h('span', { title: t(state) }, SIGNS[state]));
      row.value.textContent = value;
      row.gradient.replaceChildren(...(blank ? blanks(page.data.nodes[i]) : [gradient]));
    });
  }
}
