// The controls of the page: buttons, the slider, switches and keys.

import { button, copier, h, icon, select } from './dom.js';
import { languages, t } from './texts.js';
import { BACKWARD, FORWARD, SIGNS } from './walk.js';

export const SPEEDS = { slow: 2400, normal: 1200, fast: 500 }; // milliseconds a step

export const KEYS = [
  ['→ ←', 'one step on, one step back'],
  ['Home End', 'before the first step, to the last'],
  ['Space', 'play, stop'],
  ['f b', 'forward pass, backward pass'],
  ['o', 'backward pass on the picture, on and off'],
  ['p', 'predict first, on and off'],
  ['u', 'undo'],
  ['n v', 'on by a layer, back by a layer; while presenting also ↓ ↑'],
  ['l', 'all layers, or the one in focus alone'],
  ['c', '1/m as in the course, on and off'],
  ['t Esc', 'present: one node, large; arrows and a clicker go through both passes'],
  ['+ − 0', 'larger, smaller, fit'],
  ['↑ ↓', 'in the list of steps: up and down, Enter to go there'],
];

const NAMES = { en: 'English', zh: '中文' };

const ICONS = {
  first: 'M3 3h2v10H3zM13 3v10L6 8z',
  back: 'M12 3v10L5 8z',
  play: 'M4 2l10 6-10 6z',
  stop: 'M4 3h3v10H4zM9 3h3v10H9z',
  on: 'M4 3v10l7-5z',
  last: 'M11 3h2v10h-2zM3 3v10l7-5z',
};

const legend = () => [
  ...['waiting', 'computing', 'done'].map((state) => `${SIGNS[state]} ${t(state)}`),
  ...['rounded: parameter', 'dashed: data', 'double line: result'].map((one) => t(one)),
].join('  ·  ');

const sign = (name, title, onclick) => button({ title: t(title), 'aria-label': t(title), onclick }, icon(ICONS[name]));

// --- steps

/** The passes, the buttons that move, and the progress of the walk. */
export class Transport {
  constructor(page) {
    this.page = page;
    this.passes = Object.fromEntries([FORWARD, BACKWARD].map((pass) => [pass, this.passButton(pass)]));
    const move = (by) => () => page.halted().step(by);
    this.buttons = {
      first: sign('first', 'Before the first step', move(-Infinity)),
      back: sign('back', 'Step back', move(-1)),
      play: sign('play', 'Play', () => page.play()),
      on: sign('on', 'Step on', move(1)),
      last: sign('last', 'To the last step', move(Infinity)),
    };
    const slide = () => page.halted().go(this.slider.valueAsNumber);
    this.slider = h('input', { type: 'range', min: 0, class: 'progress', 'aria-label': t('Step'), oninput: slide });
    this.count = h('span', { class: 'count' });
    const group = (kind, label, all) => h('span', { class: kind, role: 'group', 'aria-label': t(label) }, Object.values(all));
    this.element = h(
      'div',
      { class: 'transport', role: 'toolbar', 'aria-label': t('Steps') },
      group('passes', 'Pass', this.passes),
      group('moves', 'Move', this.buttons),
      h('span', { class: 'where' }, this.slider, this.count),
    );
  }

  passButton(pass) {
    const { page } = this;
    const disabled = !page.order[pass].length;
    const label = pass === FORWARD ? `${t('Forward')} →` : `← ${t('Backward')}`;
    return button({ class: 'pass', disabled, onclick: () => page.choose(pass) }, label);
  }

  update() {
    const { page } = this;
    const [at, length] = [page.at[page.pass], page.order[page.pass].length];
    for (const [pass, button] of Object.entries(this.passes))
      button.setAttribute('aria-pressed', String(pass === page.pass));
    this.buttons.play.replaceChildren(icon(ICONS[page.playing ? 'stop' : 'play']), t(page.playing ? 'Stop' : 'Play'));
    for (const name of ['first', 'back']) this.buttons[name].disabled = at === 0;
    for (const name of ['on', 'last']) this.buttons[name].disabled = at >= length;
    Object.assign(this.slider, { max: length, value: at });
    this.slider.setAttribute('aria-valuetext', t('step of', at, length));
    this.count.textContent = `${at} / ${length}`;
  }
}

// --- the picture

/** The switches of the picture, its depth, its size and the speed. */
export class Options {
  constructor(page) {
    const { data } = page;
    const inLayers = !data.scalar && data.pictures.some((drawn) => drawn.layers > 1) ? ['whole'] : [];
    const switches = [...(page.order[BACKWARD].length ? ['overlay', 'predicting'] : []), ...(data.examples ? ['course'] : []), ...inLayers, 'present'];
    const labels = { overlay: 'Show backward pass', predicting: 'Predict first', course: '1/m as in the course', whole: 'All layers', present: 'Present' };
    const box = (key) => h('input', { type: 'checkbox', onchange: (event) => page.set(key, event.target.checked) });
    this.boxes = Object.fromEntries(switches.map((key) => [key, box(key)]));
    const checks = switches.map((key) => h('label', { class: 'check' }, this.boxes[key], t(labels[key])));
    const speeds = Object.keys(SPEEDS).map((name) => [{ value: name, selected: name === 'normal' }, t(`${name} speed`)]);
    this.speed = select(t('Speed'), {}, speeds);
    const parts = data.pictures.map((drawn) => (drawn.parts < data.nodes.length ? t('parts', drawn.parts) : t('every node')));
    const choose = (event) => page.draw(event.target.selectedIndex);
    const drawn = parts.length > 1 ? select(t('What is drawn'), { onchange: choose }, parts.map((text) => [{}, text])) : '';
    const sizes = [['−', 'Smaller', 0.8], ['+', 'Larger', 1.25], ['Fit', 'Fit the picture', 0]];
    const zooms = sizes.map(([label, title, by]) =>
      button({ class: 'quiet', title: t(title), 'aria-label': t(title), onclick: () => page.picture.resize(by) }, t(label)),
    );
    this.choice = drawn;
    const link = copier(t('Copy link'), () => page.address());
    const undo = button({ class: 'quiet', title: `${t('Undo')} (u)`, onclick: () => page.undo() }, t('Undo'));
    const zoom = parts.length ? h('span', { class: 'zooms' }, zooms) : '';
    const sheets = page.order[BACKWARD].length ? ['Worksheet', 'Answers'] : [];
    const print = sheets.map((sheet) => button({ class: 'quiet', title: t(`print ${sheet}`), onclick: () => page.printed(sheet) }, t(sheet)));
    const options = h('div', { class: 'options' }, checks, h('span', { class: 'grow' }), undo, link, print, drawn, this.speed, zoom);
    this.element = h('div', { class: 'under' }, options, parts.length ? h('p', { class: 'legend faint' }, legend()) : '');
  }

  drawn(which) {
    if (this.choice) this.choice.selectedIndex = which;
  }

  update(page) {
    for (const [key, box] of Object.entries(this.boxes)) box.checked = page[key];
  }
}

/** A button that changes the language; it is called as its readers call it. */
export function languageButton(page) {
  const other = languages().find((one) => one !== page.language);
  const change = () => page.speak(other) && (page.data.pictures.length ? page.draw(page.drawn) : page.update());
  return button({ class: 'quiet', lang: other, onclick: change }, NAMES[other]);
}

/** A button that changes between light and dark. */
export function themeButton() {
  const root = document.documentElement;
  const system = () => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const change = () => (root.dataset.theme = (root.dataset.theme ?? system()) === 'dark' ? 'light' : 'dark');
  const title = t('Light or dark');
  return button({ class: 'quiet theme', 'aria-label': title, title, onclick: change }, '◐');
}

// --- keys

/** Let keys drive the page, except where a field or a button uses them. */
export function listen(page) {
  const keys = {
    ArrowRight: () => page.halted().on(1),
    ArrowLeft: () => page.halted().on(-1),
    Home: () => page.halted().step(-Infinity),
    End: () => page.halted().step(Infinity),
    f: () => page.choose(FORWARD),
    b: () => page.choose(BACKWARD),
    o: () => page.set('overlay', !page.overlay),
    p: () => page.set('predicting', !page.predicting),
    u: () => page.undo(),
    c: () => page.data.examples && page.set('course', !page.course),
    l: () => page.set('whole', !page.whole),
    t: () => page.set('present', !page.present),
    n: () => page.layer(1),
    v: () => page.layer(-1),
    '+': () => page.picture?.resize(1.25),
    '-': () => page.picture?.resize(0.8),
    0: () => page.picture?.resize(),
    ' ': () => page.play(),
  };
  document.addEventListener('keydown', (event) => {
    const on = (selector) => event.target.closest?.(selector);
    const key = page.present ? { PageDown: 'ArrowRight', PageUp: 'ArrowLeft', Escape: 't', ArrowDown: 'n', ArrowUp: 'v' }[event.key] ?? event.key : event.key;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (on('input:not([type=checkbox]), select, textarea')) return;
    if (on('g.node') && [' ', 'Enter'].includes(event.key)) page.jump(page.picture.placeOf(event.target));
    else if (key in keys && !(key === ' ' && on('button, summary, [type=checkbox]'))) keys[key]();
    else return;
    event.preventDefault();
  });
}
