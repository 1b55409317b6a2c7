// The page: the state of the walk, what may be seen, and the parts that show it.

import { KEYS, Options, SPEEDS, Transport, languageButton, listen, themeButton } from './controls.js';
import { copier, fit, h, math } from './dom.js';
import { oneLine } from './format.js';
import { judged } from './guess.js';
import { List } from './list.js';
import { panelOf } from './panel.js';
import { usesOf } from './paths.js';
import { Picture } from './picture.js';
import { evaluated, recorded, supported } from './scalars.js';
import { edgeOf, nodeOf, spoken, stepOf } from './narration.js';
import { formulaBox } from './same.js';
import { inCourse } from './convention.js';
import { fragment, restore } from './links.js';
import { speak, t } from './texts.js';
import { neighbours, roomy } from './present.js';
import { pathsOf, whatIfOf } from './tools.js';
import { BACKWARD, FORWARD, isLeaf, moved, orders, placesOf, status } from './walk.js';

const SHORT = 60; // steps up to which the list is open at first
const PAUSE = 200; // milliseconds between two changes of the address

class Page {
  constructor(element, data) {
    Object.assign(this, { element, data, pass: FORWARD, overlay: false, predicting: false, playing: 0, praise: '' });
    this.uses = usesOf(data);
    this.order = orders(data.nodes);
    const places = (pass) => placesOf(this.order[pass], data.nodes.length);
    this.places = { [FORWARD]: places(FORWARD), [BACKWARD]: places(BACKWARD) };
    this.at = { [FORWARD]: 0, [BACKWARD]: 0 };
    this.focus = this.order[FORWARD][0] ?? 0;
    this.guessed = new Set();
    this.hands = {};
    this.given = new Map();
    this.numbers = recorded(data);
    this.round = 0;
    this.path = null;
    this.first = this.focus;
    this.firstDrawn = 0;
    this.past = [];
    const wanted = location.hash.slice(1);
    this.speak(data.language);
    listen(this);
    addEventListener('beforeprint', () => this.print(true));
    addEventListener('afterprint', () => this.print(false));
    new ResizeObserver(() => this.picture?.resize()).observe(this.element);
    if (data.pictures.length) this.draw(this.firstDrawn);
    else this.update();
    if (wanted) restore(this, wanted);
    addEventListener('hashchange', () => location.hash.slice(1) !== this.state && restore(this, location.hash.slice(1)));
  }

  // --- links

  /** Note the state in the address, where it may be; states before can be returned to. */
  remember() {
    if (this.printing) return;
    const state = fragment(this);
    if (state === this.state) return;
    if (this.state !== undefined && !this.returning) this.past.push(this.state);
    this.state = state;
    if (!state && !location.hash) return;
    this.writing ??= setTimeout(() => this.address(), this.written === undefined ? 0 : PAUSE); // browsers refuse many changes a second
  }

  /** Write the state into the address, now if not yet, and return the address. */
  address() {
    if (this.writing === undefined) return location.href;
    clearTimeout(this.writing);
    this.writing = undefined;
    if ((this.written ?? location.hash) !== location.hash) return location.href; // another state has been asked for
    try {
      history.replaceState(null, '', `#${this.state}`);
      this.written = location.hash;
    } catch {
      // a frame without an address of its own
    }
    return location.href;
  }

  undo() {
    if (!this.past.length) return;
    this.halted();
    this.returning = true;
    restore(this, this.past.pop());
    this.returning = false;
  }

  /** Write all of the page in a language; true if that is another one. */
  speak(language) {
    if (language === this.language) return false;
    this.language = language;
    speak(language);
    this.build();
    return true;
  }

  // --- what may be seen

  status(i, pass = this.pass) {
    const at = this.printing ? Infinity : this.at[pass];
    return status(this.places[pass][i], at, isLeaf(this.data.nodes[i]), pass);
  }

  reached(i, pass) {
    return ['done', 'computing'].includes(this.status(i, pass));
  }

  /** The node that the step computes, if the first step has been made. */
  current() {
    return this.order[this.pass][this.at[this.pass] - 1];
  }

  valueSeen(i) {
    return this.pass === BACKWARD || this.reached(i, FORWARD);
  }

  /** True once the walk has reached a gradient; in the forward pass all are there while the overlay is on. */
  gradientThere(i) {
    if (!('gradient' in this.data.nodes[i])) return false;
    return this.pass === FORWARD ? this.overlay : this.reached(i, BACKWARD);
  }

  /** True for a gradient that the reader is to guess, now or later. */
  secret(i) {
    const { shape, steepest } = this.data.nodes[i];
    const known = this.guessed.has(i) || i === this.data.outputs[0] || (shape && !steepest);
    return this.predicting && !known;
  }

  /** True while the reader has yet to guess a gradient that the walk has reached. */
  asks(i) {
    return this.secret(i) && this.gradientThere(i);
  }

  /** True for a use whose numbers would tell a gradient that has yet to be guessed. */
  tells(e) {
    return this.secret(this.data.edges[e].target);
  }

  gradientSeen(i) {
    return this.gradientThere(i) && !this.asks(i);
  }

  /** A value or a gradient in a line; what has been written once is kept until the numbers change. */
  inLine(kind, i) {
    if (this.lines?.of !== this.numbers) this.lines = { of: this.numbers, values: [], gradients: [] };
    return (this.lines[kind][i] ??= oneLine(this.numbers[kind][i]));
  }

  // --- moves

  go(at) {
    const order = this.order[this.pass];
    this.at[this.pass] = moved(at, 0, order.length);
    this.look(this.current() ?? this.focus);
  }

  step(by) {
    this.go(this.at[this.pass] + by);
  }

  /** One step on or back; while presenting, from one pass into the other. */
  on(by) {
    const end = by > 0 ? this.order[FORWARD].length : 0;
    const next = by > 0 ? BACKWARD : FORWARD;
    const leaves = this.pass === next ? false : this.at[this.pass] === (by > 0 ? end : 1);
    if (this.present && leaves && this.order[next].length) this.choose(next);
    else this.step(by);
  }

  /** Go to a node, and to the step that computes it if the pass has one. */
  jump(i) {
    this.halted();
    this.at[this.pass] = this.places[this.pass][i] || this.at[this.pass];
    this.look(i);
  }

  /** On to the next layer, or back to the one before. */
  layer(by) {
    const order = this.order[this.pass];
    const layerAt = (at) => this.data.nodes[order[at - 1]]?.scope?.[0];
    let at = this.at[this.pass];
    const here = layerAt(at);
    do at += by;
    while (at > 0 && at < order.length && layerAt(at) === here);
    if (at > 0 && at <= order.length) this.halted().go(at);
    else this.halted().on(by);
  }

  look(i) {
    if (i !== this.focus) Object.assign(this, { entry: undefined, path: null, asked: undefined });
    this.focus = i;
    this.update();
    this.picture?.reveal(i);
  }

  choose(pass) {
    this.halted();
    if (!this.order[pass].length) return;
    Object.assign(this, { pass, overlay: pass === BACKWARD });
    if (pass === BACKWARD) this.at[FORWARD] = this.order[FORWARD].length;
    this.go(Math.max(this.at[pass], pass === BACKWARD ? 1 : 0));
  }

  play() {
    const atEnd = () => this.at[this.pass] >= this.order[this.pass].length;
    if (this.playing) this.halted();
    else {
      if (atEnd()) this.go(0);
      const on = () => {
        this.step(1);
        if (atEnd()) this.halted();
      };
      this.playing = setInterval(on, SPEEDS[this.options.speed.value]);
      on();
    }
    this.transport.update();
  }

  /** Stop playing, if it plays. */
  halted() {
    clearInterval(this.playing);
    this.playing = 0;
    this.transport.update();
    return this;
  }

  set(key, value) {
    this[key] = value;
    if (key === 'course') this.assume(this.given, true);
    this.update();
  }

  // --- guesses, other inputs, paths

  guess(i, text, truth, why) {
    const verdict = judged(text, truth);
    if (verdict.right) this.reveal(i, `${t('Right.')} `);
    return verdict.right ? verdict : { ...verdict, say: verdict.say + why };
  }

  reveal(i, praise = '') {
    this.guessed.add(i);
    this.praise = praise;
    this.update();
    this.praise = '';
  }

  /** Compute everything again with other values for some of what is given. */
  imagine(given) {
    this.assume(given);
    this.update();
  }

  assume(given, again = Boolean(this.course) !== Boolean(this.data.course)) {
    if (!given.size && !this.given.size && !again) return;
    this.data.course = Boolean(this.course && this.data.examples);
    this.given = supported(this.data) ? given : new Map();
    const numbers = this.given.size ? evaluated(this.data, this.given) : recorded(this.data);
    this.numbers = this.data.course ? inCourse(this.data, numbers) : numbers;
    this.imagined = true;
    this.round += 1;
  }

  // --- building and showing

  build() {
    const { data } = this;
    this.transport = new Transport(this);
    this.options = new Options(this);
    this.list = new List(this);
    this.said = h('p', { class: 'unseen', 'aria-live': 'polite' });
    this.say = h('div', { class: 'say', 'aria-hidden': 'true' });
    this.pane = h('div', { class: 'pane', tabindex: -1 });
    this.panel = h('aside', { class: 'panel', 'aria-label': t('The node in focus') });
    this.paths = h('div');
    this.before = h('div', { class: 'beside-node' });
    this.after = h('div', { class: 'beside-node' });
    if (data.pictures.length) this.picture = new Picture(this.pane, data, (i) => this.jump(i));
    else this.pane.append(h('p', { class: 'faint' }, data.why));
    const stage = [this.transport.element, this.say, this.said, this.pane, this.options.element];
    this.element.replaceChildren(
      h('header', { class: 'top' }, h('h1', {}, data.titles?.[this.language] ?? data.title), h('span', { class: 'row' }, languageButton(this), themeButton())),
      (this.form = h('p', { class: 'form faint' })),
      h('div', { class: 'work' }, h('div', { class: 'stage' }, stage), this.before, this.panel, this.after),
      h('div', { class: 'tools' }, this.tools()),
    );
  }

  tools() {
    const { data } = this;
    const whatIf = whatIfOf(this);
    const paths = data.pulls ? fold(t('Paths'), this.paths) : '';
    return [
      h('div', { class: 'beside' }, paths, whatIf ? fold(t('What if'), whatIf, true, 'driven') : ''),
      data.points ? fold(t('Is my formula the same?'), formulaBox(this), true, 'driven') : '',
      this.list.in(fold(t('All steps'), this.list.element, data.nodes.length <= SHORT)),
      data.derivation ? this.derivation() : '',
      fold(t('Keys'), h('dl', { class: 'keys' }, KEYS.map(keyRow)), false, 'driven'),
    ];
  }

  /** The whole derivation, which is made when it is opened, and not while gradients are to be said. */
  derivation() {
    const inside = h('div');
    const box = fold(t('The whole derivation'), inside, false);
    const fill = () => {
      const closed = !box.open || this.predicting;
      const found = () => this.data.derivation[this.data.course ? 1 : 0];
      inside.replaceChildren(closed ? h('p', { class: 'faint' }, t('First say what the gradients are.')) : derivation(found()));
    };
    box.addEventListener('toggle', fill);
    this.refill = fill;
    return box;
  }

  draw(which) {
    this.drawn = which;
    this.options.drawn(which);
    this.picture.show(this.data.pictures[which]);
    this.layered = !this.data.scalar && this.data.pictures[which].layers > 1;
    this.update();
    this.picture.reveal(this.focus);
  }

  /** Show everything on paper, except what has yet to be guessed: a worksheet has blanks, and answers have none. */
  print(begins) {
    if (begins === Boolean(this.printing)) return;
    const folds = [...this.element.querySelectorAll('details')];
    if (begins) {
      const { overlay, predicting, guessed, present } = this;
      this.screen = { overlay, predicting, guessed, present, open: folds.map((one) => one.open) };
      if (this.sheet) Object.assign(this, { predicting: this.sheet === 'Worksheet', guessed: new Set() });
      Object.assign(this, { printing: true, overlay: true, present: false });
    } else Object.assign(this, { printing: false, sheet: undefined }, this.screen);
    folds.forEach((one, k) => (one.open = begins || this.screen.open[k]));
    this.update();
  }

  printed(sheet) {
    this.sheet = sheet;
    window.print();
  }

  update() {
    Object.assign(this.element.dataset, { pass: this.pass, overlay: this.overlay, predicting: this.predicting, large: Boolean(this.large), present: Boolean(this.present) });
    this.transport.update();
    this.options.update(this);
    this.form.textContent = (this.data.course ? this.data.forms : this.data.note)[this.language];
    if (this.picture && !this.present) this.picture.frame(this.layered && !this.whole && !this.printing ? this.focus : undefined);
    this.list.update();
    this.picture?.update({ node: (i) => nodeOf(this, i), edge: (e) => edgeOf(this, e) });
    this.panel.replaceChildren(...panelOf(this).filter(Boolean));
    this.refill?.();
    [this.before, this.after].forEach((one, k) => one.replaceChildren(...(this.present ? neighbours(this, k) : [])));
    if (this.data.pulls) this.paths.replaceChildren(...[pathsOf(this)].flat());
    this.tell();
    fit(this.element.querySelectorAll('.panel .line .math, .total .math')); // measured once all is written: each measurement lays the page out
    if (this.present) roomy(this);
    this.remember();
  }

  tell() {
    const step = stepOf(this);
    const words = spoken(step);
    if (this.said.textContent === words) return;
    this.said.textContent = words;
    const [where, remark] = ['where', 'remark'].map((part) => h('span', { class: part }, step[part]));
    this.say.replaceChildren(where, ...step.formulas.map((formula) => math(formula)), remark);
  }
}

/** A part that can be closed; controls are not printed. */
const fold = (title, content, open = true, kind = '') =>
  h('details', { class: `fold ${kind}`, open }, h('summary', {}, title), content);

const keyRow = ([keys, what]) => [h('dt', {}, keys.split(' ').map((key) => h('kbd', {}, key))), h('dd', {}, t(what))];

function derivation(found) {
  const box = h('div', { class: 'derivation scroll' });
  box.innerHTML = found.mathml;
  return h('div', {}, box, copier(t('Copy as LaTeX'), found.latex));
}

/** Show the page in an element. */
export function mount(element, data) {
  return new Page(element, data);
}
