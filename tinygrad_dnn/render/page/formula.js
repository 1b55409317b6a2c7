// "Is my formula the same?": a formula that the reader types, computed at a few points and compared with what was derived.

import { OPS } from './ops.js';
import { button, h } from './dom.js';
import { number } from './format.js';
import { t } from './texts.js';

/** What follows has names of its own: the parts of the module share one scope. */
export const { compared, computed, formulaBox } = (() => {
const TOKEN = /\s*('[^']*'|"[^"]*"|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[A-Za-z_\u0370-\u03ff]\w*|\*\*|\/\/|[<>=!]=|\S)/gi;
const SIGNS_OF = { '+': (x, y) => x + y, '-': (x, y) => x - y, '*': (x, y) => x * y, '/': (x, y) => x / y, '**': (x, y) => x ** y,
  '>': (x, y) => +(x > y), '<': (x, y) => +(x < y), '>=': (x, y) => +(x >= y), '<=': (x, y) => +(x <= y) };
const NAMED = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '**', greater: '>', less: '<' };
const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);
const LIMIT = 600; // characters

/** Write the course's notation as the one that is read, by the table that the package reads too. */
function spelled(text) {
  return SPELLINGS.reduce((found, [pattern, to]) => found.replace(new RegExp(pattern, 'g'), to.replace(/\\(\d)/g, '$$$1')), text);
}

// --- arrays of up to two axes

const array = (shape, data) => ({ shape, data });
const plain = (x) => array([], [x]);
const rows = ({ shape }) => (shape.length === 2 ? shape[0] : 1);
const columns = ({ shape }) => (shape.length ? shape[shape.length - 1] : 1);

function each(f, a, b) {
  const sizes = [rows, columns].map((size) => {
    const [m, n] = [size(a), size(b)];
    if (m !== n && m !== 1 && n !== 1) throw Error(`shapes ${a.shape} and ${b.shape} do not fit`);
    return Math.max(m, n);
  });
  const at = (x, i, j) => x.data[(rows(x) === 1 ? 0 : i) * columns(x) + (columns(x) === 1 ? 0 : j)];
  const data = Array.from({ length: sizes[0] * sizes[1] }, (_, k) => {
    const [i, j] = [Math.floor(k / sizes[1]), k % sizes[1]];
    return f(at(a, i, j), at(b, i, j));
  });
  return array(sizes.slice(2 - Math.max(a.shape.length, b.shape.length)), data);
}

const turned = (a) =>
  a.shape.length < 2 ? a : array([...a.shape].reverse(), Array.from(a.data, (_, k) => a.data[(k % a.shape[0]) * a.shape[1] + Math.floor(k / a.shape[0])]));

function product(a, b, strict) {
  const inner = b.shape.length === 2 ? b.shape[0] : b.shape[0];
  if (a.shape.length === 2 && b.shape.length === 2 && a.shape[1] === inner) {
    const [n, m] = [a.shape[0], b.shape[1]];
    const sum = (i, j) => Array.from({ length: inner }, (_, k) => a.data[i * inner + k] * b.data[k * m + j]).reduce((x, y) => x + y, 0);
    return array([n, m], Array.from({ length: n * m }, (_, k) => sum(Math.floor(k / m), k % m)));
  }
  if (a.shape.length && b.shape.length && (strict || columns(a) !== columns(b))) throw Error(`a product of shapes (${a.shape}) and (${b.shape}) needs equal inner sizes`);
  return each(SIGNS_OF['*'], a, b);
}

function summed(a, { axis, keepdims } = {}) {
  if (axis === undefined || !a.shape.length) return array(keepdims ? a.shape.map(() => 1) : [], [a.data.reduce((x, y) => x + y, 0)]);
  const along = (axis + a.shape.length) % a.shape.length;
  if (a.shape.length === 1) return summed(a, { keepdims });
  const whole = along ? a : turned(a);
  const data = Array.from({ length: whole.shape[0] }, (_, i) => whole.data.slice(i * whole.shape[1], (i + 1) * whole.shape[1]).reduce((x, y) => x + y, 0));
  return array(keepdims ? (along ? [data.length, 1] : [1, data.length]) : [data.length], data);
}

// --- formulas

/** Compute the right side of a formula; `names` returns the array of a name, or undefined. */
function computed(text, names) {
  const tokens = [...spelled(text).matchAll(TOKEN)].map((found) => found[1]);
  let at = 0;
  const next = () => tokens[at];
  const take = (...wanted) => (wanted.includes(next()) ? tokens[at++] : undefined);
  const need = (wanted) => take(wanted) ?? fail(next() ? `${wanted} is missing before ${next()}` : `${wanted} is missing at the end`);
  const fail = (what) => {
    throw Error(what);
  };
  const named = (name) => names(name) ?? fail(`there is no ${name} here`);
  const apply = (f, ...xs) => (xs.length === 1 ? array(xs[0].shape, xs[0].data.map((x) => f(x))) : each(f, ...xs));

  const compared = () => {
    const left = sum();
    const sign = take('>', '<', '>=', '<=');
    return sign ? apply(SIGNS_OF[sign], left, sum()) : left;
  };
  const sum = () => {
    let left = term();
    for (let sign = take('+', '-'); sign; sign = take('+', '-')) left = apply(SIGNS_OF[sign], left, term());
    return left;
  };
  const begins = () => next() !== undefined && /^[\w(Σ.\u0370-\u03ff]/.test(next()) && next() !== '.';
  const term = () => {
    let left = signed();
    for (;;) {
      const sign = take('*', '/', '@', '//') ?? (begins() ? '//' : undefined);
      if (!sign) return left;
      const right = signed();
      left = sign === '@' || sign === '//' ? product(left, right, sign === '@') : apply(SIGNS_OF[sign], left, right);
    }
  };
  const signed = () => {
    if (take('-')) return apply((x) => -x, signed());
    if (take('+')) return signed();
    return take('Σ') ? total(term()) : power();
  };
  const total = (x) => (x.shape.length ? summed(x, { axis: x.shape.length - 1, keepdims: true }) : x);
  const power = () => {
    const base = postfix();
    return take('**') ? apply(SIGNS_OF['**'], base, signed()) : base;
  };
  const call = (name, first = []) => {
    const [given, options] = [[...first], {}];
    while (!take(')')) {
      if (tokens[at + 1] === '=') {
        const [word] = [tokens[at], (at += 2)];
        const minus = take('-') ? -1 : 1;
        options[word] = next() === 'True' || next() === 'False' ? tokens[at++] === 'True' : minus * Number(tokens[at++]);
      } else given.push(compared());
      if (next() !== ')') need(',');
    }
    if (name === 'sum' || name === 'mean') return apply((x, n) => x / n, summed(given[0], options), plain(name === 'mean' ? given[0].data.length / summed(given[0], options).data.length : 1));
    if (name === 'dot' || name === 'matmul') return product(...given, true);
    if (name === 'where') return apply((x, y) => x + y, apply((c, x) => (c ? x : 0), given[0], given[1]), apply((c, y) => (c ? 0 : y), given[0], given[2]));
    if (name === 'transpose') return turned(given[0]);
    if (['int64', 'float64', 'float', 'int', 'array', 'squeeze'].includes(name)) return given[0];
    const f = own(SIGNS_OF, own(NAMED, name)) ?? own(OPS, name === 'ln' ? 'log' : name) ?? fail(`${name} is unknown`);
    return apply(f, ...given);
  };
  const postfix = () => {
    let value = atom();
    while (next() === '.' || next() === '[') {
      if (take('[')) {
        fail('an index of entries is read by tinygrad-dnn derive --same only');
      }
      take('.');
      const name = tokens[at++];
      if (name === 'T') value = turned(value);
      else if (take('(')) value = call(name, [value]);
      else fail(`.${name} is unknown`);
    }
    return value;
  };
  const atom = () => {
    const token = tokens[at++] ?? fail('it ends too early');
    if (token === '(') {
      const inner = compared();
      need(')');
      return inner;
    }
    if (/^[\d.]/.test(token)) return plain(Number(token));
    if (!/^[A-Za-z_\u0370-\u03ff]/.test(token)) fail(`${token} is not understood`);
    if (next() === '(' && names(token) === undefined) return (at++, call(token));
    if (next() === '[' && /^(\d+|'[^']*')$/.test(tokens[at + 1]) && tokens[at + 2] === ']') {
      const key = tokens[at + 1].replace(/'/g, '');
      const value = names(token + key) ?? names(key);
      if (tokens[at + 4] === '_slope' || value !== undefined) {
        at += 3;
        return next() === '.' && tokens[at + 1] === '_slope' ? slope(token) : value;
      }
    }
    return next() === '.' && tokens[at + 1] === '_slope' ? slope(token) : named(token);
  };
  const slope = (name) => {
    at += 2;
    need('(');
    const of = tokens[at];
    const key = tokens[at + 1] === '[' ? of + tokens[at + 2].replace(/'/g, '') : of;
    const inner = compared();
    need(')');
    const [above, below] = [names(`exact_d${key}`), names(`exact_d${key.replace(/^Z/, 'A')}`)];
    const step = 1e-6;
    if (own(OPS, name)) return apply((x) => (OPS[name](x + step) - OPS[name](x - step)) / (2 * step), inner);
    return above && below ? apply((x, y) => x / y, above, below) : fail(`${name}' is the slope of no activation here`);
  };
  const value = compared();
  return at < tokens.length ? fail(`${next()} is left over`) : value;
}

const bare = (name) => name.replace(/^exact_d/, 'd').replace(/\W|_/g, '');

/** The names of a point, in the form "true", or "course", where some gradients are m times what was derived. */
function namesOf(points, k, form) {
  const { values, example, m } = points;
  const keys = Object.assign(Object.create(null), Object.fromEntries(Object.keys(values).map((name) => [bare(name), name])));
  return (name) => {
    const exact = name.startsWith('exact_');
    let key = bare(name);
    const layer = /^(d?[A-Za-z])L(\d?)$/.exec(key);
    if (layer && !(key in keys)) {
      const last = Math.max(0, ...Object.keys(keys).map((one) => (one.startsWith(layer[1]) ? Number(one.slice(layer[1].length)) || 0 : 0)));
      key = `${layer[1]}${last - Number(layer[2] || 0) || ''}`;
    }
    if (key === 'A0' && !(key in keys)) key = 'X';
    if (!(key in keys)) return own({ m: plain(m), e: plain(Math.E), pi: plain(Math.PI) }, name);
    const [shape, ...all] = values[keys[key]];
    const scale = form === 'course' && !exact && example.includes(keys[key]) ? m : 1;
    return array(shape, all[k].map((x) => Number(x) * scale));
  };
}

const same = (a, b) => {
  const scale = Math.max(...b.data.map(Math.abs), 1e-300);
  return a.data.every((x, k) => Math.abs(x - b.data[k]) <= 1e-5 * scale);
};

/** Compare a formula with what was derived at all points; `quiet` leaves the numbers out. */
function compared(text, points, quiet = false) {
  if (text.length > LIMIT || !/=/.test(text)) throw Error('write NAME = expression, as in dZ2 = A2 - Y');
  const [left, right] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  const count = Object.values(points.values)[0].length - 1;
  const forms = points.m > 1 ? ['true', 'course'] : ['true'];
  const both = (k, form) => {
    const names = namesOf(points, k, form);
    const [want, got] = [computed(left, names), computed(right, names)];
    const one = want.data.length === 1 && got.data.length === 1;
    if (!one && String(want.shape) !== String(got.shape)) throw Error(t('box shape', `(${want.shape.join(', ')})`, `(${got.shape.join(', ')})`));
    return [want, got];
  };
  const all = Array.from({ length: count }, (_, k) => k);
  const told = (k, pair) => k < count - 1 || pair.every(({ data }) => data.every(Number.isFinite)); // the last point meets kinks, and poles
  const agrees = (k, form) => ((pair) => !told(k, pair) || same(pair[1], pair[0]))(both(k, form));
  const equal = forms.filter((form) => all.every((k) => agrees(k, form)));
  if (equal.length) return { right: true, say: t('box equal', count) + (equal.length < forms.length ? t(`box form ${equal[0]}`) : '') };
  const form = forms[forms.length - 1];
  const first = all.find((k) => !agrees(k, form));
  const [want, got] = both(first, form);
  const ratio = got.data[0] / want.data[0];
  const times = all.every((k) => {
    const [x, y] = both(k, form);
    return !told(k, [x, y]) || same(y, array(x.shape, x.data.map((one) => one * ratio)));
  });
  if (times && !quiet && Number.isFinite(ratio)) return { right: false, say: t('box times', number(ratio)) };
  if (quiet) return { right: false, say: t("box no") };
  const worst = want.data.map((x, k) => Math.abs(x - got.data[k])).reduce((best, x, k, list) => (x > list[best] ? k : best), 0);
  const place = want.shape.length === 2 ? `[${Math.floor(worst / want.shape[1])}, ${worst % want.shape[1]}]` : '';
  const other = Object.keys(points.values).find((name) => String(points.values[name][0]) === String(got.shape) && got.shape.length && same(got, namesOf(points, first, form)(name)));
  const said = t('box differs', `${left.trim()}${place}`, number(want.data[worst]), number(got.data[worst]));
  return { right: false, say: said + (other ? t('box is', other) : '') };
}

/** The box in which a formula is typed. */
function formulaBox(page) {
  const said = h('p', { class: 'verdict', role: 'status' });
  const field = h('input', { type: 'text', class: 'formula', autocomplete: 'off', spellcheck: 'false', placeholder: 'dZ2 = A2 - Y', 'aria-label': t('Your formula') });
  const check = (event) => {
    event.preventDefault();
    let answer;
    try {
      answer = compared(field.value, page.data.points, page.predicting);
    } catch (error) {
      answer = { right: false, say: error.message };
    }
    said.textContent = answer.say;
    said.classList.toggle('right', answer.right);
  };
  return h('form', { class: 'asking', onsubmit: check }, h('span', { class: 'row' }, field, button({ type: 'submit' }, t('Compare'))), said);
}
return { compared, computed, formulaBox };
})();
