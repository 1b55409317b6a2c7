// Predict first: what a reader is asked about a gradient, the answers of a class, and why an answer is not right.

import { isOverExamples, scaleOf } from './convention.js';
import { barOf, number } from './format.js';
import { button, h, math, select } from './dom.js';
import { judged, near, parse } from './guess.js';
import { only } from './scalars.js';
import { t } from './texts.js';

const rowsOf = (value) => (typeof value === 'object' ? value.rows : [[value]]);

/** What can be asked of a node: an entry, and where they make sense all entries, the shape, a sign, an axis. */
function kindsOf(page, i) {
  const { shape, gradient } = page.data.nodes[i];
  const spread = page.uses[i].filter((e) => page.data.edges[e].broadcast);
  const over = spread.length && spread.every((e) => isOverExamples(page.data, e)) ? 'over' : 'axis';
  if (!shape?.length) return ['entry', 'sign'];
  return ['entry', ...(rowsOf(gradient) ? ['all'] : []), 'shape', 'sign', ...(spread.length ? [over] : [])];
}

export function question(page, i, node) {
  const kinds = kindsOf(page, i);
  const kind = kinds.includes(page.ask) ? page.ask : 'entry';
  const said = h('p', { class: 'verdict', role: 'status' });
  const at = page.asked ?? node.steepest?.at;
  const place = kind === 'entry' || kind === 'sign' ? (node.shape?.length ? `[${at.join(', ')}]` : '') : '';
  const words = t(`ask ${kind}`, `${barOf(node).text}${place}`);
  const rows = kind === 'all' ? rowsOf(node.gradient) : [[0]];
  const field = (k) =>
    h('input', { type: 'text', autocomplete: 'off', size: kind === 'all' ? 4 : 8, id: k ? undefined : 'guess', 'aria-label': k ? `${words} ${k}` : words });
  const fields = rows.map((row, r) => row.map((_, c) => field(r * row.length + c)));
  const check = (event) => {
    event.preventDefault();
    said.textContent = answered(page, i, kind, at, fields).say;
  };
  const table = h('table', { class: 'cells' }, fields.map((row) => h('tr', {}, row.map((one) => h('td', {}, one)))));
  const show = button({ class: 'quiet', onclick: () => page.reveal(i) }, t('Show'));
  const choose = select(t('What is asked'), { onchange: (event) => page.set('ask', kinds[event.target.selectedIndex]) },
    kinds.map((one) => [{ selected: one === kind }, t(`kind ${one}`)]));
  const entry = place && rowsOf(node.gradient) ? entryOf(page, node, at) : '';
  const row = h('span', { class: 'row' }, kind === 'all' ? table : fields[0][0], button({ type: 'submit' }, t('Check')), show);
  const asked = h('label', { for: 'guess' }, t(`ask ${kind}`, '\u0001').split('\u0001')[0], math(barOf(node)), place, t(`ask ${kind}`, '\u0001').split('\u0001')[1]);
  return h('form', { class: 'question', onsubmit: check }, asked, row, said, h('span', { class: 'row driven' }, choose, entry, handsButton(page)), hands(page, i));
}

function entryOf(page, node, at) {
  const [height, width] = [rowsOf(node.gradient).length, rowsOf(node.gradient)[0].length];
  const places = Array.from({ length: height * width }, (_, k) => (node.shape.length === 1 ? [k] : [Math.floor(k / width), k % width]));
  const choose = (event) => page.set('asked', places[event.target.selectedIndex]);
  return select(t('Entry'), { onchange: choose }, places.map((one) => [{ selected: one.join() === at.join() }, `[${one.join(', ')}]`]));
}

/** Judge an answer; one that tells the number, or all of them, shows the gradient. */
function answered(page, i, kind, at, fields) {
  const node = page.data.nodes[i];
  const [first] = fields[0];
  const truth = entryAt(page, i, at);
  if (kind === 'entry') return page.guess(i, first.value, truth, why(page, i, parse(first.value), truth, at));
  if (kind === 'all') return judgedAll(page, i, fields);
  const typed = first.value.trim();
  const numbers = typed.match(/\d+/g)?.map(Number).join() ?? '';
  if (kind === 'shape') {
    if (numbers === node.shape.join()) return { say: t('Right.') };
    const swapped = numbers && numbers === [...node.shape].reverse().join();
    return { say: t(swapped ? 'why turned' : 'why shape', (page.data.nodes[i].name.text)) };
  }
  if (kind === 'sign') {
    const sign = { '+': 1, '-': -1, '−': -1, 0: 0 }[typed];
    if (sign === undefined) return { say: t('Type +, - or 0.') };
    return { say: t(sign === Math.sign(truth) ? 'Right.' : 'why sign') };
  }
  const axes = page.uses[i].map((e) => page.data.edges[e].broadcast?.axes.join()).filter(Boolean);
  const right = axes.includes(numbers) || (kind === 'over' && /example|样本/i.test(typed));
  return { say: t(right ? 'Right.' : kind === 'over' ? 'why examples' : 'why axis') };
}

function judgedAll(page, i, fields) {
  const rows = rowsOf(page.numbers.gradients[i]);
  const right = fields.map((row, r) => row.map((field, c) => judged(field.value, Number(rows[r][c])).right));
  fields.forEach((row, r) => row.forEach((field, c) => field.setAttribute('aria-invalid', String(!right[r][c]))));
  const [good, all] = [right.flat().filter(Boolean).length, right.flat().length];
  if (good === all) page.reveal(i, `${t('Right.')} `);
  return { say: good === all ? t('Right.') : t('so many right', good, all) };
}

function entryAt(page, i, at) {
  const { steepest, shape } = page.data.nodes[i];
  const rows = rowsOf(page.numbers.gradients[i]);
  if (!shape?.length || page.data.scalar) return only(page.numbers.gradients[i]);
  if (!rows) return steepest.value * scaleOf(page.data, i);
  return Number(shape.length === 1 ? rows[0][at[0]] : rows[at[0]][at[1]]);
}

/** Say what a wrong answer is, if it is something on the way to the right one. */
function why(page, i, typed, truth, at) {
  const { gradients, contributions, locals } = page.numbers;
  const value = (x) => (typeof x !== 'object' ? Number(x) : x?.rows ? Number(at?.length > 1 ? x.rows[at[0]]?.[at[1]] : x.rows[0]?.[at?.[0] ?? 0]) : NaN);
  const uses = page.uses[i];
  for (const e of uses) {
    const { target } = page.data.edges[e];
    if (uses.length > 1 && near(typed, value(contributions[e]))) return t('why path', uses.length);
    if (near(typed, value(gradients[target]))) return t('why upstream', barOf(page.data.nodes[target]).text);
    if (locals[e] !== undefined && near(typed, Number(locals[e]))) return t('why local');
  }
  const rows = rowsOf(gradients[i]);
  if (at?.length === 2 && rows?.[at[1]]?.[at[0]] !== undefined && near(typed, Number(rows[at[1]][at[0]]))) return t('why swapped');
  const m = page.data.points?.m;
  return m > 1 && (near(typed, truth * m) || near(typed * m, truth)) ? t('why m', m) : '';
}

// --- a class

const handsButton = (page) =>
  button({ class: 'quiet', 'aria-pressed': String(Boolean(page.large)), onclick: () => page.set('large', !page.large) }, t('Show of hands'));

/** The answers of a class, counted by show of hands; those that are right are marked once the gradient is shown. */
export function hands(page, i) {
  if (!page.large) return '';
  const all = (page.hands[i] ??= []);
  const shown = page.guessed.has(i);
  const change = (one, by) => () => {
    one.count = Math.max(0, one.count + by);
    page.update();
  };
  const row = (one) => {
    const right = shown && judged(one.text, entryAt(page, i, page.asked ?? page.data.nodes[i].steepest?.at)).right;
    const mark = shown ? (right ? '✓ ' : '✗ ') : '';
    return h('li', { class: shown ? (right ? 'right' : 'wrong') : '' }, `${mark}${one.text} `,
      button({ 'aria-label': t('fewer', one.text), onclick: change(one, -1) }, '−'), h('b', {}, ` ${one.count} `),
      button({ 'aria-label': t('more', one.text), onclick: change(one, 1) }, '+'));
  };
  const field = h('input', { type: 'text', size: 8, 'aria-label': t('An answer of the class') });
  const add = () => {
    if (field.value.trim()) all.push({ text: field.value.trim(), count: 1 });
    page.update();
  };
  const total = all.reduce((sum, one) => sum + one.count, 0);
  return h('div', { class: 'hands' }, h('ul', {}, all.map(row)), h('p', {}, t('hands', total)), field, button({ onclick: add }, t('Add')));
}
