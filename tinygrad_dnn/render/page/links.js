// A state of the page is a link: all that the reader has chosen stands in the fragment of the address.

import { BACKWARD, FORWARD } from './walk.js';
import { languages } from './texts.js';

const PLAIN = { overlay: 'o', predicting: 'q', large: 'l', present: 't', course: 'c', whole: 'w' }; // switches, by their letters
const list = (text) => (text ? text.split('.').map(Number) : []);

/** The state in short: only what differs from the beginning. */
export function fragment(page) {
  const found = new URLSearchParams();
  const put = (key, value, usual) => value !== undefined && String(value) !== String(usual) && found.set(key, value);
  put('p', page.pass === BACKWARD ? 'b' : 'f', 'f');
  put('s', page.at[page.pass], 0);
  put('n', page.focus, page.current() ?? page.first);
  put('d', page.drawn ?? 0, page.firstDrawn ?? 0);
  for (const [key, letter] of Object.entries(PLAIN)) put(letter, page[key] ? 1 : 0, key === 'overlay' && page.pass === BACKWARD ? 1 : 0);
  put('g', [...page.guessed].join('.'), '');
  put('k', page.ask ?? 'entry', 'entry');
  put('e', page.asked?.join('.'), undefined);
  put('v', [...page.given].map(([i, x]) => `${i}:${x}`).join('_'), '');
  put('lang', page.language, page.data.language);
  const hands = Object.entries(page.hands).flatMap(([i, all]) => all.map(({ text, count }) => `${i}:${count}:${text}`));
  put('h', hands.join('_'), '');
  return found.toString();
}

/** Bring the page to a state; what a link does not say is as at the beginning, and what it says wrongly is left out. */
export function restore(page, text) {
  const found = new URLSearchParams(text);
  const known = (i) => Number.isInteger(i) && i >= 0 && i < page.data.nodes.length;
  const pass = found.get('p') === 'b' && page.order[BACKWARD].length ? BACKWARD : FORWARD;
  const steps = Math.min(Math.max(Math.trunc(Number(found.get('s'))) || 0, 0), page.order[pass].length);
  page.pass = pass;
  page.at = { [FORWARD]: pass === BACKWARD ? page.order[FORWARD].length : 0, [BACKWARD]: 0, [pass]: steps };
  const focus = Number(found.get('n') ?? NaN);
  page.focus = known(focus) ? focus : (page.current() ?? page.first);
  for (const [key, letter] of Object.entries(PLAIN))
    page[key] = found.has(letter) ? found.get(letter) === '1' : key === 'overlay' && pass === BACKWARD;
  page.guessed = new Set(list(found.get('g')).filter(known));
  page.ask = found.get('k') ?? 'entry';
  const entry = found.has('e') ? list(found.get('e')) : undefined;
  const shape = page.data.nodes[page.focus].shape ?? [];
  page.asked = entry?.length === shape.length && entry.every((k, axis) => k >= 0 && k < shape[axis]) ? entry : undefined;
  page.hands = {};
  for (const one of (found.get('h') ?? '').split('_').filter(Boolean)) {
    const [i, count, ...said] = one.split(':');
    if (known(Number(i)) && Number(count) >= 0) (page.hands[i] ??= []).push({ text: said.join(':'), count: Number(count) });
  }
  const rebuilt = page.speak(languages().includes(found.get('lang')) ? found.get('lang') : page.data.language);
  const given = (found.get('v') ?? '').split('_').map((one) => one.split(':').map(Number));
  page.assume(new Map(given.filter(([i, x]) => known(i) && Number.isFinite(x))));
  const drawn = Number(found.get('d') ?? page.firstDrawn ?? 0);
  if (page.data.pictures[drawn] && (rebuilt || drawn !== (page.drawn ?? 0))) page.draw(drawn);
  else page.update();
}
