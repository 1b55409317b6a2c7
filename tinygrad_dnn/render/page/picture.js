// The picture: one of the laid-out graphs, whose parts are shown, hidden and rewritten during the walk.

import { SIGNS } from './walk.js';
import { calm } from './dom.js';
import { t } from './texts.js';

const TOLD = ['gradient', 'flow', 'local', 'back', 'odd', 'wrong', 'right'].map((name) => `text[fill="var(--${name})"]`).join();

const MARGIN = 24; // points around a layer that is shown alone
const READABLE = 0.8; // the smallest scale at which a picture is shown whole; a larger one is scrolled

const role = (name) => `[fill="var(--${name})"]`;

export class Picture {
  /** Show pictures in `pane`; `pick` is called with the place of a node that was clicked. */
  constructor(pane, data, pick) {
    Object.assign(this, { pane, data, zoom: 0 });
    pane.addEventListener('click', (event) => {
      const place = this.placeOf(event.target);
      if (place !== undefined) pick(place);
    });
    pane.addEventListener('pointerover', (event) => this.light(event.target.closest?.('[class*="use_"]')));
    pane.addEventListener('pointerleave', () => this.light(null));
  }

  show(drawn) {
    this.drawn = drawn;
    this.svg = new DOMParser().parseFromString(drawn.svg, 'image/svg+xml').documentElement;
    this.svg.setAttribute('role', 'group');
    this.svg.setAttribute('aria-label', t('Computation graph'));
    this.svg.querySelector('title')?.remove();
    this.groups = new Map();
    const known = new Map([...this.svg.querySelectorAll('g[id]')].map((group) => [group.id, group]));
    const inside = new Map(Object.entries(drawn.boxes).flatMap(([box, ids]) => ids.map((i) => [i, box])));
    this.data.nodes.forEach((_, i) => {
      const id = inside.get(i) ?? `n${drawn.same[i] ?? i}`;
      const group = known.get(id);
      if (!group) return;
      if (!this.groups.has(id)) this.groups.set(id, { group, members: [], parts: {}, last: '' });
      this.groups.get(id).members.push(i);
    });
    this.idOf = (i) => inside.get(i) ?? `n${drawn.same[i] ?? i}`;
    const line = (edges, i) => ({ group: known.get(`line${i}`), edges, parts: {}, last: '' });
    this.lines = drawn.lines.map(line);
    this.hidden = new Map(); // texts that tell an answer, while they are out of the document
    this.each(this.svg, () => false);
    this.layer = this.boxes = this.shown = undefined;
    for (const { group } of this.groups.values()) group.setAttribute('role', 'button');
    this.resize();
    this.pane.replaceChildren(this.svg);
  }

  placeOf(target) {
    const group = target.closest?.('g.node');
    if (!group || !this.svg) return undefined;
    const found = this.groups.get(group.id);
    if (found) return found.members[found.members.length - 1];
    const used = /use_n(\d+)/.exec(group.getAttribute('class'));
    return used ? Number(used[1]) : undefined;
  }

  /** Make all uses of one thing stand out. */
  light(element) {
    const found = element && /use_n\d+/.exec(element.getAttribute('class'));
    if (this.lit === found?.[0]) return;
    this.lit = found?.[0];
    this.svg?.querySelectorAll('.lit').forEach((group) => group.classList.remove('lit'));
    if (found) this.svg.querySelectorAll(`.${found[0]}`).forEach((group) => group.classList.add('lit'));
  }

  /** Show the state of the walk, of what is shown: `say` returns the state of a node and of an edge. */
  update(say) {
    const shown = ({ group }) => group && (!this.shown || this.shown.has(group));
    for (const [id, entry] of this.groups) if (shown(entry)) this.updateNode(entry, say, id.startsWith('n'));
    for (const line of this.lines) if (shown(line)) this.updateLine(line, say);
  }

  updateNode(entry, say, single) {
    const told = single ? say.node(entry.members[0]) : together(entry.members.map((i) => say.node(i)));
    const key = JSON.stringify(told);
    if (key === entry.last) return;
    entry.last = key;
    const { group } = entry;
    Object.assign(group.dataset, { state: told.state, value: told.value, gradient: told.gradient });
    group.classList.toggle('focus', told.focus);
    group.setAttribute('aria-label', told.label());
    group.setAttribute('tabindex', told.focus ? 0 : -1);
    this.each(group, () => true);
    const sign = this.part(entry, 'state');
    if (sign) sign.textContent = SIGNS[told.state];
    if (told.numbers) {
      write(this.part(entry, 'value'), told.numbers.value, true);
      write(this.part(entry, 'gradient'), told.numbers.gradient);
      write(this.part(entry, 'gradient', 1), told.numbers.sum);
      const shift = this.data.nodes[entry.members[0]].shape ? 1 : 0; // the title of an array comes first
      told.numbers.cells?.forEach((text, k) => write(this.part(entry, 'gradient', k + shift), text, shift === 1));
    }
    this.each(group, (name) => told.gradient === 'shown' || (name === 'wrong' || name === 'right' ? !told.asked : false));
  }

  /** Put the texts of a group that tell an answer where they may be seen, and take them out of the document elsewhere. */
  each(group, seen) {
    for (const text of group.querySelectorAll(TOLD)) {
      const kept = this.hidden.get(text);
      if (!seen(/--(\w+)/.exec(text.getAttribute('fill'))[1])) {
        if (kept === undefined) this.hidden.set(text, text.textContent);
        text.textContent = '';
      } else if (kept !== undefined) {
        text.textContent = kept;
        this.hidden.delete(text);
      }
    }
  }

  updateLine(line, say) {
    const told = together(line.edges.map((e) => say.edge(e)));
    const key = JSON.stringify(told);
    if (key === line.last) return;
    line.last = key;
    Object.assign(line.group.dataset, { flow: told.flow, now: told.now, path: told.path });
    if (told.numbers && line.edges.length === 1) {
      this.each(line.group, () => true);
      write(this.part(line, 'local'), told.numbers.local);
      write(this.part(line, 'local'), told.numbers.rule, true);
      write(this.part(line, 'flow'), told.numbers.flow, true);
    }
    const visible = { shown: TOLD, waiting: told.asked ? '' : 'local', hidden: '' }[told.flow];
    this.each(line.group, (name) => visible.includes(name));
  }

  part(entry, name, nth = 0) {
    entry.parts[name] ??= [...entry.group.querySelectorAll(`text${role(name)}`)];
    return entry.parts[name][nth];
  }

  // --- size and position

  /** Fit the picture into the pane if it stays readable, or zoom. */
  resize(by = 0) {
    if (!this.svg) return;
    const size = this.layer ? [this.layer.width + 2 * MARGIN, this.layer.height + 2 * MARGIN] : this.drawn.size;
    const [width, height] = size.map((points) => (points * 4) / 3);
    const whole = Math.min((this.pane.clientWidth - 12) / width, (0.62 * innerHeight) / height);
    const fitting = whole < READABLE ? 1 : Math.min(1.35, whole);
    this.zoom = by === 0 ? fitting : Math.min(4, Math.max(0.1, this.zoom * by));
    this.svg.setAttribute('width', width * this.zoom);
    this.svg.setAttribute('height', height * this.zoom);
  }

  /** Show the layer of a node alone: the outermost cluster around it; all of the picture without a node. */
  frame(i) {
    const group = i === undefined ? undefined : this.groups?.get(this.idOf(i))?.group;
    this.boxes ??= group && new Map([...group.parentNode.children].filter((part) => part.getBBox).map((part) => [part, part.getBBox()]));
    const within = (outer, inner) => outer.x <= inner.x && outer.y <= inner.y && outer.x + outer.width >= inner.x + inner.width && outer.y + outer.height >= inner.y + inner.height;
    const clusters = [...(this.boxes ?? [])].filter(([part]) => part.classList.contains('cluster'));
    const found = group && (clusters.find(([, box]) => within(box, this.boxes.get(group)))?.[1] ?? this.layer);
    if (found === this.layer) return;
    this.layer = found;
    const graph = this.svg.querySelector('g.graph');
    const [left, top] = graph.getAttribute('transform').match(/translate\((\S+?)[ ,](\S+?)\)/).slice(1).map(Number);
    const [width, height] = this.drawn.size;
    const view = found && { x: found.x - MARGIN, y: found.y - MARGIN, width: found.width + 2 * MARGIN, height: found.height + 2 * MARGIN };
    const touches = (box) => !view || (box.x <= view.x + view.width && box.x + box.width >= view.x && box.y <= view.y + view.height && box.y + box.height >= view.y);
    const whole = ([part, box]) => (part.classList.contains('edge') || box === found ? touches(box) : !view || within(view, box) || within(box, view));
    const shown = [...this.boxes].filter(whole).map(([part]) => part); // no neighbour is cut at the margin
    graph.replaceChildren(...shown); // the browser lays out all that is in the document, seen or not
    this.shown = found && new Set(shown);
    this.svg.setAttribute('viewBox', found ? `${view.x + left} ${view.y + top} ${view.width} ${view.height}` : `0 0 ${width} ${height}`);
    this.resize();
  }

  /** Scroll so that a node can be seen. */
  reveal(i) {
    const group = this.groups?.get(this.idOf(i))?.group;
    if (!group) return;
    const node = group.getBoundingClientRect();
    const pane = this.pane.getBoundingClientRect();
    const away = (begin, end, size) => {
      const inside = node[begin] >= pane[begin] && node[end] <= pane[end];
      return inside ? 0 : node[begin] - pane[begin] + (node[size] - pane[size]) / 2;
    };
    const [left, top] = [away('left', 'right', 'width'), away('top', 'bottom', 'height')];
    const behavior = calm() || !(left || top) ? 'auto' : 'smooth'; // a scroll under way ends in any case
    this.pane.scrollTo({ left: this.pane.scrollLeft + left, top: this.pane.scrollTop + top, behavior });
  }
}

/** Rewrite a text after its last equals sign, or all of it, around the same middle. */
function write(text, value, whole = false) {
  if (!text || value === undefined) return;
  const before = whole ? '' : text.textContent.slice(0, text.textContent.lastIndexOf(' = ') + 3);
  if (text.textContent === before + value) return;
  if (!text.hasAttribute('text-anchor')) {
    text.setAttribute('x', Number(text.getAttribute('x')) + text.getComputedTextLength() / 2);
    text.setAttribute('text-anchor', 'middle');
  }
  text.textContent = before + value;
}

/** The state of several things that are drawn as one. */
function together(all) {
  if (all.length === 1) return all[0];
  const states = new Set(all.map((told) => told.state));
  const state = ['computing', 'waiting', 'done'].find((one) => states.has(one)) ?? 'none';
  const some = (key, value) => (all.some((told) => told[key] === value) ? value : all[0][key]);
  return {
    ...all[0],
    state,
    numbers: undefined,
    focus: all.some((told) => told.focus),
    label: () => t('together', all.length, t(state)),
    value: 'shown',
    gradient: all.every((told) => told.gradient === 'shown' || told.gradient === 'none') ? 'shown' : 'hidden',
    flow: some('flow', 'shown'),
    now: some('now', true),
    path: some('path', true),
  };
}

