// The page: where the walk stands, and everything that shows it.

import { copier, h, icon, math } from './dom.js';
import { backwardOf, forwardOf, sumOf } from './formulas.js';
import { differential, equation, figures, number, oneLine, shapeText } from './format.js';
import { judged } from './guess.js';
import { panelOf } from './panel.js';
import { usesOf } from './paths.js';
import { Picture } from './picture.js';
import { evaluated, only, recorded } from './scalars.js';
import { pathsOf, whatIfOf } from './tools.js';
import { BACKWARD, FORWARD, SIGNS, isLeaf, moved, orders, placesOf, status } from './walk.js';

const SPEEDS = { slow: 2400, normal: 1200, fast: 500 };

const ICONS = {
  first: 'M3 3h2v10H3zM13 3v10L6 8z',
  back: 'M12 3v10L5 8z',
  play: 'M4 2l10 6-10 6z',
  stop: 'M4 3h3v10H4zM9 3h3v10H9z',
  on: 'M4 3v10l7-5z',
  last: 'M11 3h2v10h-2zM3 3v10l7-5z',
};

const KEYS = [
  ['→ ←', 'one step on, one step back'],
  ['Home End', 'before the first step, to the last'],
  ['Space', 'play, stop'],
  ['f b', 'forward pass, backward pass'],
  ['o', 'backward pass over the picture, on and off'],
  ['p', 'predict first, on and off'],
  ['+ − 0', 'larger, smaller, fit'],
];

class Page {
  constructor(element, data) {
    Object.assign(this, { element, data, pass: FORWARD, overlay: false, predicting: false, playing: 0 });
    this.uses = usesOf(data);
    this.order = orders(data.nodes);
    this.places = Object.fromEntries(Object.entries(this.order).map(([pass, order]) => [pass, placesOf(order, data.nodes.length)]));
    this.at = { [FORWARD]: 0, [BACKWARD]: 0 };
    this.focus = this.order[FORWARD][0] ?? 0;
    this.guessed = new Set();
    this.given = new Map();
    this.numbers = recorded(data);
    this.path = null;
    this.build();
    this.update();
  }

  // --- what may be seen

  status(i, pass = this.pass) {
    return status(this.places[pass][i], this.at[pass], isLeaf(this.data.nodes[i]), pass);
  }

  reached(i, pass) {
    return ['done', 'computing'].includes(this.status(i, pass));
  }

  valueSeen(i) {
    return this.printing || this.pass === BACKWARD || this.reached(i, FORWARD);
  }

  /** Whether the reader still has to say what a gradient is. */
  asks(i) {
    return this.predicting && this.reachedBack(i) && !this.guessed.has(i) && i !== this.data.outputs[0];
  }

  reachedBack(i) {
    return this.data.nodes[i].gradient !== undefined && (this.printing || this.pass === FORWARD ? this.overlay || this.printing : this.reached(i, BACKWARD));
  }

  gradientSeen(i) {
    return this.reachedBack(i) && !this.asks(i);
  }

  // --- moves

  go(at) {
    const order = this.order[this.pass];
    this.at[this.pass] = moved(at, 0, order.length);
    if (this.at[this.pass] > 0) this.focus = order[this.at[this.pass] - 1];
    this.entry = undefined;
    this.update();
    this.picture?.reveal(this.focus);
  }

  step(by) {
    this.go(this.at[this.pass] + by);
  }

  /** Go to a node: to the step that computes it, if the pass has one. */
  jump(i) {
    this.stop();
    const place = this.places[this.pass][i];
    if (place) this.at[this.pass] = place;
    this.focus = i;
    this.entry = undefined;
    this.path = null;
    this.update();
    this.picture?.reveal(i);
  }

  choose(pass) {
    this.stop();
    if (pass === BACKWARD && !this.order[BACKWARD].length) return;
    this.pass = pass;
    this.overlay = pass === BACKWARD;
    if (pass === BACKWARD) this.at[FORWARD] = this.order[FORWARD].length;
    this.go(Math.max(this.at[pass], pass === BACKWARD ? 1 : 0));
  }

  play() {
    if (this.playing) return this.stop();
    if (this.at[this.pass] >= this.order[this.pass].length) this.go(0);
    const on = () => {
      this.step(1);
      if (this.at[this.pass] >= this.order[this.pass].length) this.stop();
    };
    this.playing = setInterval(on, SPEEDS[this.speed.value]);
    on();
    this.update();
    return undefined;
  }

  stop() {
    clearInterval(this.playing);
    this.playing = 0;
    this.buttons.play.replaceChildren(icon(ICONS.play), 'Play');
  }

  // --- what the reader does besides

  guess(i, text) {
    const { steepest } = this.data.nodes[i];
    const verdict = judged(text, this.data.scalar || !steepest ? only(this.numbers.gradients[i]) : only(steepest.value));
    if (verdict.right) this.reveal(i, 'Right. ');
    return verdict;
  }

  reveal(i, word = '') {
    this.guessed.add(i);
    this.praise = word;
    this.update();
    this.praise = '';
  }

  imagine(given) {
    this.given = given;
    this.numbers = given.size ? evaluated(this.data, given) : recorded(this.data);
    this.imagined = true;
    this.update();
  }

  showPath(path) {
    this.path = path;
    this.update();
  }

  chooseEntry(k) {
    this.entry = k;
    this.update();
  }

  // --- what is there to be seen

  /** What the picture shows of a node. */
  node(i) {
    const node = this.data.nodes[i];
    const state = this.status(i);
    const seen = this.valueSeen(i);
    const gradient = node.gradient === undefined ? 'none' : this.gradientSeen(i) && this.overlay ? 'shown' : 'hidden';
    const numbers = this.data.scalar && this.imagined ? this.dynamic(i) : undefined;
    const told = [`${node.name.text}, ${state}`, seen ? `value ${oneLine(this.numbers.values[i])}` : ''];
    if (gradient === 'shown') told.push(`gradient ${oneLine(this.numbers.gradients[i])}`);
    return { state, value: seen ? 'shown' : 'hidden', gradient, numbers, focus: i === this.focus, label: told.filter(Boolean).join(', ') };
  }

  dynamic(i) {
    const bar = this.numbers.gradients[i];
    const addends = this.uses[i].map((e) => number(only(this.numbers.contributions[e] ?? 0)));
    return {
      value: number(only(this.numbers.values[i])),
      gradient: bar === undefined ? undefined : number(only(bar)),
      sum: addends.length > 1 && addends.length <= 4 ? addends.join(' + ') : undefined,
    };
  }

  /** What the picture shows of a use. */
  edge(e) {
    const { source, target } = this.data.edges[e];
    const flows = this.overlay && this.uses[source].includes(e) && this.reachedBack(source) && !this.asks(source);
    const forward = this.pass === FORWARD;
    const current = this.at[this.pass] > 0 && (forward ? target : source) === this.order[this.pass][this.at[this.pass] - 1];
    const path = Boolean(this.path?.includes(e));
    const numbers = this.imagined && this.numbers.locals[e] !== undefined ? this.flowing(e, target) : undefined;
    return { state: 'none', flow: flows ? 'shown' : this.overlay && !forward ? 'waiting' : 'hidden', now: current, path, numbers };
  }

  flowing(e, target) {
    const { locals, contributions, gradients } = this.numbers;
    const [local, contribution] = [number(locals[e]), number(only(contributions[e] ?? 0))];
    return { local, flow: locals[e] === 0 ? contribution : `${number(only(gradients[target]))} × ${local} = ${contribution}` };
  }

  /** The step in a line: where it is, its formulas one after another, and a remark. */
  narration() {
    const at = this.at[this.pass];
    const order = this.order[this.pass];
    const forward = this.pass === FORWARD;
    const where = `${forward ? 'Forward' : 'Backward'}, step ${at} of ${order.length}`;
    if (at === 0) return { where: 'Before the first step', formulas: [], remark: forward ? 'Only what is given is known.' : '' };
    const i = order[at - 1];
    const name = this.data.nodes[i].name;
    if (forward) return { where, ...this.inShort(forwardOf(this.data, i, this.numbers), name, this.numbers.values[i]) };
    const [left, bar, uses] = [differential(name), this.numbers.gradients[i], this.uses[i]];
    if (this.asks(i)) return { where, formulas: [left], remark: 'What is it? Say it first.' };
    const where_ = (this.praise ?? '') + where;
    if (!uses.length) return { where: where_, ...this.inShort(undefined, left, bar), remark: 'Here it starts.' };
    if (uses.length === 1) return { where: where_, ...this.inShort(backwardOf(this.data, uses[0], this.numbers, '='), left, bar) };
    const sum = sumOf(this.data, i, this.numbers, this.uses);
    return { where: where_, formulas: [sum ?? left], remark: `the sum of ${uses.length} paths` };
  }

  inShort(formula, name, value) {
    if (!formula) return { formulas: [equation(name, figures(value, name, true))] };
    const numbers = formula.numbers.length === 1 && formula.numbers[0].text.length < 70 ? formula.numbers : [];
    return { formulas: [formula.yours, ...numbers] };
  }

  tell() {
    const { where, formulas, remark } = this.narration();
    const said = [`${where}:`, formulas.map((formula) => formula.text).join(', '), remark ?? ''].join(' ').trim();
    if (this.said.textContent === said) return;
    this.said.textContent = said;
    const shown = formulas.map((formula) => math(formula));
    shown.forEach((formula) => formula.setAttribute('aria-hidden', 'true'));
    this.say.replaceChildren(h('span', { class: 'at' }, where), ...shown, h('span', { class: 'remark' }, remark ?? ''));
  }

  // --- building

  build() {
    const { data } = this;
    this.say = h('div', { class: 'say', 'aria-hidden': 'true' });
    this.said = h('p', { class: 'unseen', 'aria-live': 'polite' });
    this.panel = h('aside', { class: 'panel', 'aria-label': 'The step in focus' });
    this.paths = h('div', {});
    const whatIf = whatIfOf(this);
    this.element.replaceChildren(
      h('header', { class: 'top' }, h('h1', {}, data.title), this.themeButton()),
      h('div', { class: 'work' }, h('div', { class: 'stage' }, this.transport(), this.say, this.said, this.stage()), this.panel),
      h(
        'div',
        { class: 'tools' },
        h('div', { class: 'beside' }, data.pulls ? fold('Paths', true, this.paths) : '', whatIf ? fold('What if', true, whatIf) : ''),
        fold('All steps', data.nodes.length <= 60, this.list()),
        data.derivation ? fold('The whole derivation', false, derivation(data.derivation)) : '',
        fold('Keys', false, h('dl', { class: 'keys' }, KEYS.map(([key, what]) => [h('dt', {}, key.split(' ').map((k) => h('kbd', {}, k))), h('dd', {}, what)]))),
      ),
    );
    this.listen();
    if (data.pictures.length) this.draw(0);
  }

  transport() {
    const button = (name, title, act) => {
      const made = h('button', { type: 'button', title, 'aria-label': title, onclick: act }, icon(ICONS[name]));
      this.buttons[name] = made;
      return made;
    };
    this.buttons = {};
    const passes = [FORWARD, BACKWARD].map((pass) => {
      const label = pass === FORWARD ? 'Forward →' : '← Backward';
      const made = h('button', { type: 'button', class: 'pass', disabled: !this.order[pass].length, onclick: () => this.choose(pass) }, label);
      this.buttons[pass] = made;
      return made;
    });
    const walk = (act) => () => {
      this.stop();
      act();
    };
    this.slider = h('input', { type: 'range', min: 0, step: 1, class: 'progress', 'aria-label': 'Step', oninput: () => walk(() => this.go(this.slider.valueAsNumber))() });
    this.count = h('span', { class: 'count' });
    this.speed = h('select', { 'aria-label': 'Speed' }, Object.keys(SPEEDS).map((name) => h('option', { selected: name === 'normal' }, name)));
    return h(
      'div',
      { class: 'transport', role: 'toolbar', 'aria-label': 'Steps' },
      h('span', { class: 'passes', role: 'group', 'aria-label': 'Pass' }, passes),
      h(
        'span',
        { class: 'moves', role: 'group', 'aria-label': 'Move' },
        button('first', 'Before the first step', walk(() => this.go(0))),
        button('back', 'Step back', walk(() => this.step(-1))),
        button('play', 'Play', () => this.play()),
        button('on', 'Step on', walk(() => this.step(1))),
        button('last', 'To the last step', walk(() => this.go(Infinity))),
      ),
      h('span', { class: 'where' }, this.slider, this.count),
      this.speed,
    );
  }

  stage() {
    const { data } = this;
    this.pane = h('div', { class: 'pane', tabindex: -1 });
    const check = (label, key, title) => {
      const box = h('input', { type: 'checkbox', onchange: () => this.set(key, box.checked) });
      this.boxes = { ...this.boxes, [key]: box };
      return h('label', { class: 'check', title }, box, label);
    };
    const depths = h('select', { 'aria-label': 'What is drawn', onchange: () => this.draw(depths.selectedIndex) }, data.pictures.map((drawn) => h('option', {}, labelOf(drawn))));
    const zooms = [['−', 'Smaller', 0.8], ['+', 'Larger', 1.25], ['Fit', 'Fit the picture', 0]].map(([label, title, by]) =>
      h('button', { type: 'button', class: 'quiet', title, 'aria-label': title, onclick: () => this.picture?.resize(by) }, label));
    if (data.pictures.length) this.picture = new Picture(this.pane, data, (i) => this.jump(i));
    else this.pane.append(h('p', { class: 'faint' }, data.why || 'There is no picture.'));
    const options = [
      this.order[BACKWARD].length ? check('Show backward pass', 'overlay', 'Local derivatives, and what flows back') : '',
      this.order[BACKWARD].length ? check('Predict first', 'predicting', 'Gradients are hidden until you have said what they are') : '',
    ];
    return [
      this.pane,
      h('div', { class: 'options' }, options, h('span', { class: 'grow' }), data.pictures.length > 1 ? depths : '', data.pictures.length ? zooms : ''),
      h('p', { class: 'legend faint' }, `${SIGNS.waiting} waiting  ${SIGNS.computing} computing  ${SIGNS.done} done · rounded: parameter · dashed: data · double line: result`),
    ];
  }

  list() {
    const { data } = this;
    const ids = data.nodes.map((_, i) => i);
    this.rows = ids.map((i) => {
      const node = data.nodes[i];
      const button = h('button', { type: 'button', class: 'link', tabindex: -1, onclick: () => this.jump(i) }, node.name.text);
      const formula = forwardOf(data, i, this.numbers);
      const cells = ['td', 'td', 'td'].map((tag) => h(tag, {}));
      const row = h('tr', {}, cells[0], h('th', { scope: 'row' }, button), h('td', { class: 'faint' }, formula ? formula.yours.text.slice(node.name.text.length) : node.kind), h('td', { class: 'faint' }, shapeText(node.shape)), cells[1], cells[2]);
      return { row, button, state: cells[0], value: cells[1], gradient: cells[2], last: '' };
    });
    const head = ['', 'name', 'formula', 'shape', 'value', 'gradient'].map((text) => h('th', { scope: 'col' }, text));
    const table = h('table', { class: 'steps' }, h('thead', {}, h('tr', {}, head)), h('tbody', {}, this.rows.map(({ row }) => row)));
    table.addEventListener('keydown', (event) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const at = this.rows.findIndex(({ button }) => button === event.target);
      if (!by || at < 0) return;
      event.preventDefault();
      const next = this.rows[moved(at, by, this.rows.length - 1)];
      next.button.focus();
    });
    return h('div', { class: 'scroll' }, table);
  }

  themeButton() {
    const root = document.documentElement;
    const dark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches);
    const button = h('button', { type: 'button', class: 'quiet theme', 'aria-label': 'Light or dark', title: 'Light or dark' }, '◐');
    button.addEventListener('click', () => (root.dataset.theme = dark() ? 'light' : 'dark'));
    return button;
  }

  draw(which) {
    this.picture.show(this.data.pictures[which]);
    this.update();
  }

  set(key, value) {
    this[key] = value;
    this.update();
  }

  listen() {
    const keys = {
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      Home: () => this.go(0),
      End: () => this.go(Infinity),
      f: () => this.choose(FORWARD),
      b: () => this.choose(BACKWARD),
      o: () => this.set('overlay', !this.overlay),
      p: () => this.set('predicting', !this.predicting),
      '+': () => this.picture?.resize(1.25),
      '-': () => this.picture?.resize(0.8),
      0: () => this.picture?.resize(),
    };
    document.addEventListener('keydown', (event) => {
      const busy = event.target.closest?.('input:not([type=checkbox]), select, textarea');
      if (event.ctrlKey || event.metaKey || event.altKey || busy) return;
      const onButton = event.target.closest?.('button, summary, [role=button], [type=checkbox]');
      if ((event.key === ' ' || event.key === 'Enter') && onButton?.closest('svg')) this.jump(this.picture.placeOf(onButton));
      else if (event.key === ' ' && !onButton) this.play();
      else if (keys[event.key]) {
        if (event.key !== ' ' && this.playing) this.stop();
        keys[event.key]();
      } else return;
      event.preventDefault();
    });
    const printing = (on) => () => {
      this.printing = on;
      const before = this.overlay;
      if (on) [this.before, this.overlay] = [before, true];
      else this.overlay = this.before;
      this.update();
    };
    addEventListener('beforeprint', printing(true));
    addEventListener('afterprint', printing(false));
    new ResizeObserver(() => this.picture?.resize()).observe(this.pane);
  }

  // --- showing

  update() {
    const order = this.order[this.pass];
    const at = this.at[this.pass];
    Object.assign(this.element.dataset, { pass: this.pass, overlay: this.overlay, predicting: this.predicting });
    for (const pass of [FORWARD, BACKWARD]) this.buttons[pass].setAttribute('aria-pressed', String(pass === this.pass));
    this.buttons.play.replaceChildren(icon(this.playing ? ICONS.stop : ICONS.play), this.playing ? 'Stop' : 'Play');
    for (const name of ['first', 'back']) this.buttons[name].disabled = at === 0;
    for (const name of ['on', 'last']) this.buttons[name].disabled = at >= order.length;
    Object.assign(this.slider, { max: order.length, value: at });
    this.slider.setAttribute('aria-valuetext', `step ${at} of ${order.length}`);
    this.count.textContent = `${at} / ${order.length}`;
    for (const [key, box] of Object.entries(this.boxes ?? {})) box.checked = this[key];
    this.tell();
    this.picture?.update(this);
    this.panel.replaceChildren(...panelOf(this).filter(Boolean));
    if (this.data.pulls) this.paths.replaceChildren(...[pathsOf(this)].flat());
    this.updateList();
  }

  updateList() {
    this.rows.forEach((row, i) => {
      const state = this.status(i);
      const [value, gradient] = [this.valueSeen(i), this.gradientSeen(i)];
      const key = [state, value, gradient, i === this.focus, this.imagined ? JSON.stringify([this.numbers.values[i], this.numbers.gradients[i]]) : ''].join();
      if (key === row.last) return;
      row.last = key;
      row.row.dataset.state = state;
      row.row.setAttribute('aria-current', i === this.focus ? 'step' : 'false');
      row.button.tabIndex = i === this.focus ? 0 : -1;
      row.state.replaceChildren(h('span', { title: state }, SIGNS[state]));
      row.value.textContent = value ? oneLine(this.numbers.values[i]) : '';
      row.gradient.textContent = gradient ? oneLine(this.numbers.gradients[i]) : '';
    });
  }
}

function labelOf(drawn) {
  const things = drawn.note || 'every node';
  return `${things}`;
}

function fold(title, open, content) {
  return h('details', { class: 'fold', open }, h('summary', {}, title), content);
}

function derivation(found) {
  const box = h('div', { class: 'derivation scroll' });
  box.innerHTML = found.mathml;
  return h('div', {}, box, copier('Copy as LaTeX', found.latex));
}

/** Show the page in an element. */
export function mount(element, data) {
  return new Page(element, data);
}
