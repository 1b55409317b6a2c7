// Presenting: one node and its neighbours, in type for the last row.

import { barOf, oneLine } from './format.js';
import { button, h, math } from './dom.js';
import { t } from './texts.js';

const BESIDE = 5; // neighbours on a side
const [LARGE, SMALL] = [28, 15]; // pixels

/** The nodes before the one in focus (side 0), or after it (side 1), with what is known of each. */
export function neighbours(page, side) {
  const { edges, nodes } = page.data;
  const ids = side ? page.uses[page.focus].map((e) => edges[e].target) : (nodes[page.focus].operands ?? []);
  const found = [...new Set(ids)].filter((i) => typeof i === 'number');
  const more = found.length > BESIDE ? [h('p', { class: 'faint' }, t('and more', found.length - BESIDE))] : [];
  const title = h('h3', {}, t(side ? 'Used by' : 'Made of'));
  return found.length ? [title, ...found.slice(0, BESIDE).map((i) => card(page, i)), ...more] : [];
}

function card(page, i) {
  const node = page.data.nodes[i];
  const line = (kind, text) => h('span', { class: kind }, text.length > 24 ? `${text.slice(0, 23)}…` : text);
  const value = page.valueSeen(i) ? line('value', oneLine(page.numbers.values[i])) : '';
  const gradient = page.overlay && page.gradientSeen(i) ? line('slope', `${barOf(node).text} = ${oneLine(page.numbers.gradients[i])}`) : '';
  return button({ class: 'card', onclick: () => page.jump(i) }, math(node.name), value, gradient);
}

/** Let the panel fit on the screen: its text stays large, the numbers give way first. */
export function roomy(page) {
  const { panel } = page;
  const parts = (selector) => [...panel.querySelectorAll(selector)];
  const sizes = (selector, size) => parts(selector).forEach((one) => (one.style.fontSize = `${size}px`));
  const over = () => panel.scrollHeight > panel.clientHeight + 1 || parts('.math, .figure').some((one) => one.scrollWidth > one.clientWidth + 1);
  for (const selector of ['.line.numbers, .line.sum, .block > .figure', '.line, .why, .faint, .use > p'])
    for (let size = LARGE; over() && size >= SMALL; size -= 1) sizes(selector, size);
}
