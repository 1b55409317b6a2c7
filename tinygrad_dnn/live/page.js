// The page: controls, pictures, tables, and the state in the fragment of its address.

import { button, calm, h, select } from './dom.js';
import { number } from './format.js';
import { languages, speak, t } from './texts.js';
import { grid, held, look, one, small } from './programs.js';
import { Learner, OPTIMISERS, taken } from './engine.js';
import { Units, canvas, classOf, curve, plane, points } from './charts.js';
import { Grid, indexOf } from './tables.js';

const PACES = [1, 10, 100];
const NUDGE = 1e-4;
const LOOK = 300; // milliseconds after which the example is shown anew while the network learns

/** Show the page in an element. */
function mount(root, page) {
  for (const x of [...page.parameters, ...page.data, ...(page.test ?? [])]) x.values = decoded(x.values);
  page.check.gradients = page.check.gradients.map(decoded);
  const state = { pace: 1, example: 0, array: 0, entry: 0, layer: '', guess: false, shown: true, running: false, large: false, course: false };
  const learner = new Learner(page);
  const arrays = [...page.parameters, ...page.data];
  const checked = differenceFrom(page.check, learner);
  speak(page.language);
  const go = new Replay(learner, page);
  const screen = {};
  const tests = (page.test ?? []).map((x) => Float64Array.from(x.values));
  const layers = [...new Set(page.parameters.map((x) => layerOf(x.name)))];

  /** Build all elements, in the language of the page. */
  function build() {
    keepingFocus(() => {
      Object.assign(screen, parts());
      root.replaceChildren(
        h('div', { class: 'top' }, h('h1', {}, page.title), ...settings()),
        h('div', { class: 'controls' }, ...transport()),
        screen.status,
        h('div', { class: 'work' }, pictures(), tables()),
        h('p', { class: 'faint' }, t('check', checked.toExponential(1))),
      );
      show();
    });
  }

  /** Make a change that may replace elements; the keyboard stays where it was. */
  function keepingFocus(change) {
    const all = () => [...root.querySelectorAll('button, select, input')];
    const place = all().indexOf(document.activeElement);
    change();
    if (place >= 0 && document.activeElement === document.body) all()[place]?.focus();
  }

  function parts() {
    const onPoint = (event) => choosePoint(event.offsetX / event.target.clientWidth, event.offsetY / event.target.clientHeight);
    return {
      status: h('p', { class: 'status', role: 'status' }),
      main: button({ class: 'main', onclick: toggle }, t('train')),
      curve: canvas(560, 240, t('curve')),
      plane: grid && canvas(page.side, page.side, t('plane')),
      points: grid && canvas(560, 560, t('plane'), { onclick: onPoint }),
      units: grid && new Units(page.returns.grid, page.side),
      grids: page.parameters.map((x, i) => new Grid(x.name, x.shape, (entry) => choose(i, entry))),
      entry: h('div', { class: 'box' }),
      example: h('div', { class: 'box' }),
    };
  }

  function settings() {
    const language = select(t('language'), { onchange: (e) => [speak(e.target.value), build()] },
      languages().map((x) => [{ value: x, lang: x, selected: x === document.documentElement.lang.slice(0, 2) }, x === 'zh' ? '中文' : 'English']));
    const large = button({ 'aria-pressed': String(state.large), onclick: () => [(state.large = !state.large), build()] }, t('large'));
    document.documentElement.toggleAttribute('data-large', state.large);
    return [language, large, button({ onclick: link }, t('link'))];
  }

  function transport() {
    const { settings: own } = learner;
    const alpha = h('input', { type: 'number', min: 0, step: 'any', value: own.alpha, onchange: (e) => go.set('alpha', e.target.valueAsNumber || 0) });
    const optimisers = Object.keys(OPTIMISERS).map((x) => [{ value: x, selected: x === own.optimiser }, t(x)]);
    const batches = [[0, t('all', page.m)], ...(small ? [[page.batch, String(page.batch)]] : [])];
    const chosen = batches.map(([value, text]) => [{ value, selected: value === own.batch }, text]);
    const guess = h('input', { type: 'checkbox', checked: state.guess, onchange: (e) => [(state.guess = e.target.checked), hide()] });
    const course = h('input', { type: 'checkbox', checked: state.course, onchange: (e) => [(state.course = e.target.checked), show()] });
    const chosenLayer = ['', ...layers].map((x) => [{ value: x, selected: x === state.layer }, x ? t('layer', x) : t('layers')]);
    return [
      button({ onclick: () => [go.to(0, true), hide()] }, t('rewind')),
      button({ onclick: () => [go.to(learner.t - 1), hide()] }, t('back')),
      button({ onclick: () => [go.undo(), (state.shown = !state.guess), build()] }, t('undo')),
      button({ onclick: () => [learner.learn(), hide()] }, t('step')),
      screen.main,
      select(t('pace'), { onchange: (e) => (state.pace = Number(e.target.value)) }, PACES.map((n) => [{ value: n, selected: n === state.pace }, `${t('pace')}: ${n}`])),
      h('label', {}, t('alpha'), alpha),
      select(t('optimiser'), { onchange: (e) => go.set('optimiser', e.target.value) }, optimisers),
      small ? h('label', {}, t('batch'), select(t('batch'), { onchange: (e) => go.set('batch', Number(e.target.value)) }, chosen)) : '',
      button({ onclick: zeros }, t('zeros')),
      layers.length > 1 ? select(t('layers'), { onchange: (e) => [(state.layer = e.target.value), show()] }, chosenLayer) : '',
      page.examples ? h('label', {}, course, t('course')) : '',
      h('label', {}, guess, t('guess')),
    ];
  }

  const pictures = () =>
    h('div', { class: 'column' },
      h('section', { class: 'box' }, h('h2', {}, t('curve')), screen.curve),
      grid ? h('section', { class: 'box' }, h('h2', {}, t('plane')), h('div', { class: 'plane' }, screen.plane, screen.points)) : '',
      grid && screen.units.units.length ? h('section', { class: 'box' }, h('h2', {}, t('units')), screen.units.element) : '',
    );

  const tables = () =>
    h('div', { class: 'column' },
      h('section', { class: 'box' }, h('h2', {}, t('parameters')),
        h('div', { class: 'arrays' }, page.parameters.map((x, i) => h('div', {}, h('h2', {}, `${x.name} (${x.shape.join(', ')})`), screen.grids[i].element)))),
      screen.entry,
      screen.example,
    );

  // --- what is shown

  /** Show the state that the learner is in. */
  function show() {
    if (held) learner.tested[learner.t] = held([...learner.theta, ...tests])[0][0];
    const said = [t('status', learner.t, number(learner.cost, 6))];
    if (held) said.push(t('held', number(learner.tested[learner.t], 4)));
    if (!Number.isFinite(learner.cost)) said.push(t('broken'));
    screen.status.textContent = said.join(' · ');
    const lines = [{ name: t('training'), colour: '--line-parameter', costs: [...learner.costs, learner.cost].map((cost, step) => [step, cost]) }];
    const tested = Object.entries(learner.tested).map(([step, cost]) => [Number(step), cost]);
    if (held) lines.push({ name: t('test'), colour: '--back', costs: tested });
    curve(screen.curve, lines);
    if (grid) draw();
    page.parameters.forEach(({ name }, i) => {
      screen.grids[i].element.parentNode.hidden = !inLayer(name);
      screen.grids[i].show(learner.theta[i], hidden() ? null : learner.gradients[i], state.array === i ? state.entry : -1);
    });
    if (!state.running) keepingFocus(() => [state.sliding || showEntry(), showExample()]);
    else {
      screen.follow();
      if (performance.now() - state.looked > LOOK) showExample();
    }
  }

  const hidden = () => state.guess && !state.shown;
  const inLayer = (name) => !state.layer || !layerOf(name) || layerOf(name) === state.layer;

  /** Show the new state; gradients that are to be guessed stay hidden. */
  function hide() {
    state.shown = !state.guess;
    show();
  }

  function draw() {
    const found = grid([...learner.theta, gridPoints(page)]);
    plane(screen.plane, found[0], page.returns.grid[0].shape, page.side);
    screen.units.draw(found);
    points(screen.points, places(), classes(), page.bounds, state.example);
  }

  const places = () => {
    const { shape } = page.data[0];
    const at = page.axis === 0 ? (i, k) => learner.data[0][i * 2 + k] : (i, k) => learner.data[0][k * shape.at(-1) + i];
    return Array.from({ length: page.m }, (_, i) => [at(i, 0), at(i, 1)]);
  };

  const classes = () => {
    const labels = page.data[1];
    if (!labels || labels.shape.at(page.axis) !== page.m) return new Array(page.m).fill(0);
    return Array.from({ length: page.m }, (_, i) => classOf(learner.data[1], labels.shape, page.axis, page.m, i));
  };

  function choosePoint(x, y) {
    const [left, right, bottom, top] = page.bounds;
    const distance = ([px, py]) => ((px - left) / (right - left) - x) ** 2 + ((top - py) / (top - bottom) - y) ** 2;
    const all = places().map(distance);
    state.example = all.indexOf(Math.min(...all));
    show();
  }

  // --- one entry

  function choose(array, entry) {
    Object.assign(state, { array, entry });
    show();
    screen.entry.querySelector('input')?.focus();
  }

  const holder = () => (state.array < learner.theta.length ? learner.theta[state.array] : learner.data[state.array - learner.theta.length]);

  function showEntry() {
    const { name, shape } = arrays[state.array];
    const [title, values, place] = [`${name}${indexOf(shape, state.entry)}`, holder(), state.entry];
    const change = (value) => Number.isFinite(value) && [go.edit(state.array, place, value), hide()];
    const typed = h('input', { type: 'number', step: 'any', value: values[place], 'aria-label': `${title}, ${t('value')}`, onchange: (e) => change(e.target.valueAsNumber) });
    const slide = (value) => {
      values[place] = typed.value = value; // everything follows; the change counts once the slider is let go
      learner.compute();
      state.sliding = true;
      hide();
      state.sliding = false;
      bar_.textContent = told(learner.gradients[state.array]?.[place]);
    };
    const slid = h('input', { type: 'range', min: values[place] - 2, max: values[place] + 2, step: 0.01, value: values[place], 'aria-label': title, oninput: (e) => slide(e.target.valueAsNumber), onchange: (e) => change(e.target.valueAsNumber) });
    const told = (bar) => (bar === undefined || hidden() ? '' : `${t('gradient', title)} = ${number(bar, 6)}`);
    const rows = [h('h2', {}, `${t('entry')}: ${title}`), h('div', { class: 'row' }, h('label', {}, t('value'), typed), slid)];
    const bar = learner.gradients[state.array]?.[place];
    const bar_ = h('div', { class: 'row bar' }, told(bar));
    rows.push(bar_);
    screen.follow = () => {
      if (document.activeElement !== typed) typed.value = number(holder()[place], 7);
      slid.value = holder()[place];
      bar_.textContent = told(learner.gradients[state.array]?.[place]);
    };
    if (bar !== undefined && hidden()) rows.push(question(bar));
    if (!hidden()) rows.push(nudger(values, place));
    screen.entry.replaceChildren(...rows);
  }

  function nudger(values, place) {
    const said = h('span', { role: 'status' });
    const nudge = () => {
      const change = (learner.costWith(values, place, values[place] + NUDGE) - learner.costWith(values, place, values[place] - NUDGE)) / 2;
      said.textContent = t('nudge', NUDGE, number(change, 4), number(change / NUDGE, 6));
    };
    return h('div', { class: 'row' }, button({ onclick: nudge }, t('nudged')), said);
  }

  function question(bar) {
    const said = h('span', { role: 'status' });
    const answer = h('input', { type: 'number', step: 'any', 'aria-label': t('ask') });
    const reveal = () => [(state.shown = true), show()];
    const judge = () => {
      const [right, text] = judged(answer.valueAsNumber, bar);
      said.className = right ? 'right' : 'wrong';
      said.textContent = text;
    };
    return h('div', { class: 'row' }, h('span', {}, t('ask')), answer, button({ onclick: judge }, t('judge')), button({ onclick: reveal }, t('reveal')), said);
  }

  // --- one example

  function showExample() {
    state.looked = performance.now();
    const several = page.m > 1;
    const rows = [];
    if (several) {
      const input = h('input', { type: 'number', min: 0, max: page.m - 1, value: state.example, 'aria-label': t('example'), onchange: (e) => [(state.example = Math.min(Math.max(e.target.valueAsNumber || 0, 0), page.m - 1)), show()] });
      rows.push(h('div', { class: 'row' }, h('label', {}, t('example'), input), h('span', { class: 'faint' }, t('of', page.m))));
    }
    rows.push(h('div', { class: 'arrays' }, page.data.map((x, i) => dataOf(x, i))));
    const found = look([...learner.theta, ...learner.data]);
    const names = page.returns.look.slice(1);
    const half = names.length / 2;
    const inside = names.slice(0, half).map((x, i) => inLayer(x.name) && insideOf(x, found[1 + i], found[1 + half + i])).filter(Boolean);
    if (inside.length) rows.push(h('h2', {}, t(several ? 'inside' : 'whole')), h('div', { class: 'arrays' }, inside));
    if (one && !hidden()) rows.push(...shares());
    if (state.course) rows.push(h('p', { class: 'faint' }, page.forms[document.documentElement.lang.slice(0, 2)]));
    screen.example.replaceChildren(...rows);
  }

  /** The shape and the places of what one example has of an array; all of it where no axis is that of the examples. */
  function columnOf(shape) {
    const size = shape.reduce((a, b) => a * b, 1);
    const all = Array.from({ length: size }, (_, i) => i);
    if (!(page.m > 1) || !shape.length || shape.at(page.axis) !== page.m) return [shape, size > 400 ? all.slice(0, 400) : all];
    const own = page.axis === 0 ? [1, ...shape.slice(1)] : [...shape.slice(0, -1), 1];
    return [own, Array.from(taken(all, shape, page.axis, [state.example]))];
  }

  function dataOf({ name, shape }, i) {
    const [own, where] = columnOf(shape);
    const chosen = state.array === learner.theta.length + i ? where.indexOf(state.entry) : -1;
    const table = new Grid(name, own, (entry) => choose(learner.theta.length + i, where[entry]));
    table.show(where.map((k) => learner.data[i][k]), null, chosen);
    return h('div', {}, h('h2', {}, name), table.element);
  }

  function insideOf({ name, shape }, values, bars) {
    const [own, where] = columnOf(shape);
    const table = new Grid(name, own);
    table.show(where.map((k) => values[k]), hidden() ? null : where.map((k) => bars[k] * (state.course ? page.examples : 1)));
    return h('div', {}, h('h2', {}, name), table.element);
  }

  function shares() {
    const single = learner.data.map((x, i) => taken(x, page.data[i].shape, page.axis, [state.example]));
    const [, ...found] = one([...learner.theta, ...single]);
    const all = page.parameters.flatMap(({ name, shape }, i) => {
      if (!inLayer(name)) return [];
      const table = new Grid(`d${name}`, shape);
      table.show(state.course ? found[i] : found[i].map((x) => x / page.m));
      return h('div', {}, h('h2', {}, `d${name}`), table.element);
    });
    return [h('h2', {}, t(state.course ? 'term' : 'share', page.m)), h('div', { class: 'arrays' }, all)];
  }

  // --- learning

  function toggle() {
    state.running = !state.running;
    screen.main.textContent = t(state.running ? 'pause' : 'train');
    screen.status.setAttribute('aria-live', state.running ? 'off' : 'polite'); // nobody is read every picture
    if (state.running) run();
    else hide();
  }

  function run() {
    if (!state.running) return;
    const count = calm() ? Math.max(state.pace, 100) : state.pace;
    for (let i = 0; i < count && Number.isFinite(learner.cost); i++) learner.learn();
    if (!Number.isFinite(learner.cost)) toggle();
    state.shown = !state.guess;
    show();
    if (calm()) setTimeout(run, 500);
    else requestAnimationFrame(run);
  }

  function zeros() {
    go.zeros();
    hide();
  }

  // --- the state as a link

  function link() {
    const { example, guess, large, array, entry, layer, course } = state;
    const words = { step: learner.t, log: go.text(), example, array, entry, lang: document.documentElement.lang.slice(0, 2), layer, guess: Number(guess), large: Number(large), course: Number(course) };
    location.hash = new URLSearchParams(words).toString();
    screen.status.textContent = t('copied');
  }

  function restore() {
    const words = new URLSearchParams(location.hash.slice(1));
    const whole = (key, most) => Math.min(Math.max(Math.floor(Number(words.get(key)) || 0), 0), most);
    if (words.has('lang')) speak(words.get('lang'));
    state.array = whole('array', arrays.length - 1);
    state.entry = whole('entry', arrays[state.array].values.length - 1);
    const [guess, large, course] = ['guess', 'large', 'course'].map((key) => words.get(key) === '1');
    const layer = layers.includes(words.get('layer')) ? words.get('layer') : '';
    Object.assign(state, { example: whole('example', Math.max(page.m - 1, 0)), layer, guess, large, course: course && Boolean(page.examples) });
    state.shown = !state.guess;
    go.read(words.get('log') ?? '', whole('step', 1e6));
  }

  restore();
  build();
}

/** The layer that a name such as W1 or layers[0][W] belongs to; '' for one without a number. */
const layerOf = (name) => /\d+/.exec(name)?.[0] ?? '';

/** The doubles that a text of base64 stands for. */
function decoded(text) {
  return new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}

/** The points of the plane, as the program of predictions is given them. */
function gridPoints(page) {
  if (page.points) return page.points;
  const [left, right, bottom, top] = page.bounds;
  const [side, all] = [page.side, new Float64Array(2 * page.side ** 2)];
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [left + ((right - left) * (i % side)) / (side - 1), top - ((top - bottom) * Math.floor(i / side)) / (side - 1)];
    all[page.axis === 0 ? 2 * i : i] = x;
    all[page.axis === 0 ? 2 * i + 1 : side * side + i] = y;
  }
  page.points = all;
  return all;
}

/** The largest relative difference of the cost and the gradients from NumPy's. */
function differenceFrom(check, learner) {
  const pairs = [[[learner.cost], [check.J]], ...learner.gradients.map((x, i) => [x, check.gradients[i]])];
  const largest = (values) => values.reduce((a, x) => Math.max(a, Math.abs(x)), 0);
  return Math.max(...pairs.map(([ours, theirs]) => largest(theirs.map((x, i) => x - ours[i])) / (largest(theirs) || 1)));
}

/** Judge a guess of a gradient: right within two hundredths, else a word on how it is off. */
function judged(guess, bar) {
  if (Math.abs(guess - bar) <= 0.02 * Math.abs(bar) + 1e-9) return [true, t('yes', number(bar, 6))];
  if (bar === 0) return [false, t('nothing')];
  if (!guess) return [false, t('zero')];
  if (Math.abs(guess + bar) <= 0.02 * Math.abs(bar)) return [false, t('sign')];
  return [false, t('factor', number(guess / bar, 3))];
}

/** What the reader has changed, and when: with it a state can be made again. */
class Replay {
  constructor(learner, page) {
    [this.learner, this.page, this.events] = [learner, page, []];
  }

  /** Change a setting from now on. */
  set(key, value) {
    this.learner.settings[key] = value;
    this.events.push([this.learner.t, key, value]);
  }

  /** Change an entry of a parameter or of the data. */
  edit(array, entry, value, compute = true) {
    this.events.push([this.learner.t, `${array}.${entry}`, value]);
    const { theta, data } = this.learner;
    (array < theta.length ? theta[array] : data[array - theta.length])[entry] = value;
    if (compute) this.learner.compute();
  }

  /** Set all parameters to zero. */
  zeros() {
    this.events.push([this.learner.t, 'zeros', 0]);
    for (const values of this.learner.theta) values.fill(0);
    this.learner.compute();
  }

  /** Take back what was changed last, or else the last step. */
  undo() {
    const { t } = this.learner;
    if (this.events.at(-1)?.[0] !== t) return this.to(Math.max(t - 1, 0));
    this.events.pop();
    return this.to(t);
  }

  /** Make the state after a number of steps again; `forget` what was changed by hand. */
  to(step, forget = false) {
    const { alpha, optimiser, batch } = this.learner.settings;
    const events = forget ? [] : this.events.filter(([at]) => at <= step);
    Object.assign(this.learner.settings, forget ? { alpha, optimiser, batch } : { alpha: this.page.alpha, optimiser: 'gradient-descent', batch: 0 });
    this.events = [];
    this.learner.rewind();
    if (forget) for (const [key, value] of Object.entries({ alpha, optimiser, batch })) this.set(key, value);
    for (const [at, key, value] of events) {
      this.learn(at);
      if (key === 'zeros') this.zeros();
      else if (key in this.learner.settings) this.set(key, value);
      else this.edit(...key.split('.').map(Number), value);
    }
    this.learn(step);
  }

  learn(step) {
    while (this.learner.t < step && Number.isFinite(this.learner.cost)) this.learner.learn();
  }

  text() {
    return this.events.map((event) => event.join(',')).join(';');
  }

  /** Make a state again from the text of its events; what does not fit this page is left out. */
  read(text, step) {
    const fits = ([at, key, value]) => {
      const [array, entry] = (key ?? '').split('.').map(Number);
      const sizes = [...this.learner.theta, ...this.learner.data].map((x) => x.length);
      const setting = { zeros: true, alpha: Number(value) >= 0, optimiser: value in OPTIMISERS, batch: value === '0' || (small && Number(value) === this.page.batch) };
      return Number(at) >= 0 && (setting[key] ?? (entry >= 0 && entry < sizes[array] && Number.isFinite(Number(value))));
    };
    const number = ([at, key, value]) => [Number(at), key, key === 'optimiser' ? value : Number(value)];
    this.events = text.split(';').map((event) => event.split(',')).filter(fits).map(number);
    this.to(step);
  }
}
