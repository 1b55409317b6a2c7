// Formulas in NumPy's or the course's notation: read once, then computed on numbers, or on the forms of algebra.js.

import { OPS } from './ops.js';
import { t } from './texts.js';

/** What follows has names of its own: the parts of the module share one scope. */
export const { Misfit, NUMBERS_OF, SLOPES, array, own, plain, reading } = (() => {
const TOKEN = /\s*('[^']*'|"[^"]*"|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|[A-Za-z_\u0370-\u03ff]\w*|\*\*|\/\/|[<>=!]=|\S)/gi;
const SIGNS_OF = { '+': (x, y) => x + y, '-': (x, y) => x - y, '*': (x, y) => x * y, '/': (x, y) => x / y, '**': (x, y) => x ** y,
  '>': (x, y) => +(x > y), '<': (x, y) => +(x < y), '>=': (x, y) => +(x >= y), '<=': (x, y) => +(x <= y), '==': (x, y) => +(x === y), '!=': (x, y) => +(x !== y) };
const NAMED = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '**', greater: '>', less: '<' };
const SAME = ['int64', 'float64', 'float', 'int', 'array', 'copy', 'squeeze'];
const UNLIKE = ['expand', 'expand_dims', 'matrix_transpose', 'ravel']; // ops that are none on single entries
const own = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);
const WRITTEN = [[/([([.]) /g, '$1'], [/ ([)\],.])/g, '$1'], [/(\w) ([([])/g, '$1$2'], [/ (\*\*|=) /g, '$1'], ['exact_d', '∂J/∂'], ['._slope(', "'("]];

/** What is said of a formula that cannot be computed, as its shapes do not fit. */
class Misfit extends Error {}
const size = (shape) => shape.reduce((x, y) => x * y, 1);

/** Write the course's notation as the one that is read, by the table that the package reads too. */
function spelled(text) {
  return SPELLINGS.reduce((found, [pattern, to]) => found.replace(new RegExp(pattern, 'g'), to.replace(/\\(\d)/g, '$$$1')), text);
}

// --- functions that are made of others, of any domain D

function axesOf({ shape }, { axis }) {
  const axes = axis === undefined ? [...shape.keys()] : [axis].flat().map((i) => (i < 0 ? i + shape.length : i));
  if (axes.some((i) => !(i in shape))) throw new Misfit(t('box axis', axis, `(${shape.join(', ')})`));
  return axes;
}
const summed = (D, a, options = {}) => D.reduced('sum', a, axesOf(a, options), options.keepdims);
function mean(D, a, options) {
  const total = summed(D, a, options);
  return D.each('/', total, D.number(size(a.shape) / size(total.shape)));
}
function variance(D, a, options) {
  const away = D.each('-', a, mean(D, a, { ...options, keepdims: true }));
  return mean(D, D.each('*', away, away), options);
}
function softmax(D, a, options) {
  const axis = { axis: options.axis ?? D.axes?.softmax, keepdims: true };
  const e = D.call('exp', [D.each('-', a, D.reduced('max', a, axesOf(a, axis), true))]);
  return D.each('/', e, summed(D, e, axis));
}
function total(D, a) { // over the examples: along the first axis, where these are known to lie there
  const { rows, keeps } = D.axes ?? {};
  return !a.shape.length ? a : rows && a.shape[0] === rows ? summed(D, a, { axis: 0, keepdims: keeps }) : summed(D, a, { axis: -1, keepdims: true });
}
const MADE = {
  sum: (D, [a], options) => summed(D, a, options), mean: (D, [a], options) => mean(D, a, options), total: (D, [a]) => total(D, a),
  var: (D, [a], options) => variance(D, a, options), std: (D, [a], options) => D.call('sqrt', [variance(D, a, options)]),
  max: (D, [a, b], options) => (b ? D.call('maximum', [a, b]) : D.reduced('max', a, axesOf(a, options), options.keepdims)),
  min: (D, [a, b], options) => (b ? D.call('minimum', [a, b]) : D.each('-', D.number(0), MADE.max(D, [D.each('-', D.number(0), a)], options))),
  softmax: (D, [a], options) => softmax(D, a, options), norm: (D, [a], options) => D.call('sqrt', [summed(D, D.each('*', a, a), options)]),
  dot: (D, [a, b]) => D.product(a, b, true), matmul: (D, [a, b]) => D.product(a, b, true),
  where: (D, given) => D.where(...given), transpose: (D, [a]) => D.turned(a),
  broadcast_to: (D, [a, shape]) => D.spread(a, shape), reshape: (D, [a, ...shape]) => D.reshaped(a, Array.isArray(shape[0]) ? shape[0] : shape.map((x) => x.data?.[0] ?? NaN)),
  ...Object.fromEntries(SAME.map((name) => [name, (D, [a]) => a])),
};

const isFunction = (name) => name === 'ln' || Boolean(own(MADE, name) ?? own(NAMED, name) ?? own(OPS, name));

/** The slopes of activations that a formula may name: tanh'(Z1). */
const SLOPES = {
  tanh: (D, y) => D.each('-', D.number(1), D.each('*', y, y)), sigmoid: (D, y) => D.each('*', y, D.each('-', D.number(1), y)),
  relu: (D, y, x) => D.each('>', x, D.number(0)), exp: (D, y) => y,
};

// --- reading

/** Read a formula: what computes it in a domain, and its parts. Names that `has` knows are none of functions. */
function reading(text, has) {
  const tokens = [...spelled(text).matchAll(TOKEN)].map((found) => found[1]);
  const parts = [];
  let at = 0;
  const fail = (...what) => {
    throw Error(t(...what));
  };
  const next = () => tokens[at];
  const take = (...wanted) => (wanted.includes(next()) ? tokens[at++] : undefined);
  const need = (wanted) => take(wanted) ?? (next() ? fail('box missing', wanted, next()) : fail('box missing at the end', wanted));
  const shown = (from) => WRITTEN.reduce((found, [old, to]) => found.replaceAll(old, to), tokens.slice(from, at).join(' '));
  const noted = (rule) => () => {
    const from = at;
    const run = rule();
    parts.push({ text: shown(from), run });
    return run;
  };
  const each = (sign, ...xs) => (D) => D.each(sign, ...xs.map((x) => x(D)));

  const compared = noted(() => {
    const left = sum();
    const sign = take('>', '<', '>=', '<=', '==', '!=');
    return sign ? each(sign, left, sum()) : left;
  });
  const sum = noted(() => {
    let left = term();
    for (let sign = take('+', '-'); sign; sign = take('+', '-')) left = each(sign, left, term());
    return left;
  });
  const begins = () => next() !== undefined && /^[\w(Σ.\u0370-\u03ff]/.test(next()) && next() !== '.';
  const term = noted(() => {
    let left = signed();
    for (;;) {
      const sign = take('*', '/', '@', '//') ?? (begins() ? '//' : undefined);
      if (!sign) return left;
      const [a, b] = [left, signed()];
      left = sign === '@' || sign === '//' ? (D) => D.product(a(D), b(D), sign === '@') : each(sign, a, b);
    }
  });
  const signed = () => {
    if (take('-')) {
      const inner = signed();
      return (D) => D.each('*', D.number(-1), inner(D));
    }
    if (take('+')) return signed();
    if (!take('Σ')) return power();
    const inner = term();
    return (D) => total(D, inner(D));
  };
  const power = noted(() => {
    const base = postfix();
    return take('**') ? each('**', base, signed()) : base;
  });
  /** Whole numbers in brackets, as in axis=(0, 1). */
  const tuple = () => {
    const found = /^\( (?:(?:\d+ , )*\d+(?: ,)? )?\) /.exec(`${tokens.slice(at, at + 12).join(' ')} `)?.[0];
    if (!found || /^\( \d+ \)/.test(found)) return undefined;
    at += found.trim().split(' ').length;
    return (found.match(/\d+/g) ?? []).map(Number);
  };
  const call = (name, first = []) => {
    const [given, options] = [[...first], {}];
    while (!take(')')) {
      if (tokens[at + 1] === '=') {
        const word = tokens[at];
        at += 2;
        options[word] = tuple() ?? (take('True', 'False') ?? (take('-') ? -tokens[at++] : Number(tokens[at++])));
        if (word === 'keepdims') options[word] = options[word] === 'True';
      } else {
        const whole = tuple();
        given.push(whole ? () => whole : compared());
      }
      if (next() !== ')') need(',');
    }
    const all = (D) => given.map((x) => x(D));
    const made = own(MADE, name);
    if (made) return (D) => made(D, all(D), options);
    const sign = own(NAMED, name);
    if (sign) return each(sign, ...given);
    const called = name === 'ln' ? 'log' : name;
    if (!own(OPS, called) || UNLIKE.includes(called)) fail('box unknown', name);
    return (D) => D.call(called, all(D), options);
  };
  const postfix = () => {
    let value = atom();
    while (next() === '.' || next() === '[') {
      if (take('[')) fail('box index');
      take('.');
      const name = tokens[at++];
      const inner = value;
      if (name === 'T') value = (D) => D.turned(inner(D));
      else if (name === 'shape' && take('[')) {
        const k = Number(tokens[at++]);
        need(']');
        value = (D) => D.number(inner(D).shape.at(k) ?? NaN);
      } else if (take('(')) value = call(name, [value]);
      else fail('box unknown', `.${name}`);
    }
    return value;
  };
  const named = (name) => (has(name) ? (D) => D.name(name) : fail('box no name', name.replace('exact_d', '∂J/∂')));
  const atom = noted(() => {
    const token = tokens[at++] ?? fail('box early');
    if (token === '(') {
      const inner = compared();
      need(')');
      return inner;
    }
    if (/^[\d.]/.test(token)) return (D) => D.number(Number(token));
    if (!/^[A-Za-z_\u0370-\u03ff]/.test(token)) fail('box strange', token);
    if (next() === '(' && (isFunction(token) || !has(token))) return (at++, call(token));
    if (next() === '[' && /^(\d+|'[^']*'|"[^"]*")$/.test(tokens[at + 1]) && tokens[at + 2] === ']') {
      const key = tokens[at + 1].replace(/['"]/g, '');
      const name = [token + key, key].find(has);
      if (tokens[at + 4] === '_slope' || name) {
        at += 3;
        return next() === '.' && tokens[at + 1] === '_slope' ? slope(token) : named(name);
      }
    }
    return next() === '.' && tokens[at + 1] === '_slope' ? slope(token) : named(token);
  });
  const slope = (name) => {
    const before = parts.length;
    at += 2;
    need('(');
    const of = tokens[at + 1] === '[' ? tokens[at] + tokens[at + 2].replace(/'/g, '') : tokens[at];
    const inner = compared();
    need(')');
    parts.length = before; // a slope is one part
    return (D) => D.slope(name, of, inner(D));
  };
  const run = compared();
  return at < tokens.length ? fail('box left over', next()) : { run, parts };
}

// --- the domain of numbers: arrays of up to two axes

const array = (shape, data) => ({ shape, data });
const plain = (x) => array([], [x]);
const rows = ({ shape }) => (shape.length === 2 ? shape[0] : 1);
const columns = ({ shape }) => (shape.length ? shape[shape.length - 1] : 1);

function each(f, a, b) {
  if (!b) return array(a.shape, a.data.map((x) => f(x)));
  const sizes = [rows, columns].map((length) => {
    const [m, n] = [length(a), length(b)];
    if (m !== n && m !== 1 && n !== 1) throw new Misfit(t('box fit', `(${a.shape.join(', ')})`, `(${b.shape.join(', ')})`));
    return m === 1 ? n : m;
  });
  const [down, beside] = [a, b].map((x) => [rows(x) === 1 ? 0 : columns(x), columns(x) === 1 ? 0 : 1]);
  const data = new Array(sizes[0] * sizes[1]);
  for (let i = 0, k = 0; i < sizes[0]; i++) {
    for (let j = 0; j < sizes[1]; j++) data[k++] = f(a.data[i * down[0] + j * down[1]], b.data[i * beside[0] + j * beside[1]]);
  }
  return array(sizes.slice(2 - Math.max(a.shape.length, b.shape.length)), data);
}

const turned = (a) =>
  a.shape.length < 2 ? a : array([...a.shape].reverse(), Array.from(a.data, (_, k) => a.data[(k % a.shape[0]) * a.shape[1] + Math.floor(k / a.shape[0])]));

function product(a, b, strict) {
  const inner = columns(a);
  if (a.shape.length && b.shape.length && inner === b.shape[0]) {
    const [n, m] = [rows(a), b.shape.length === 2 ? b.shape[1] : 1];
    const data = new Array(n * m).fill(0);
    for (let i = 0; i < n; i++) for (let k = 0; k < inner; k++) for (let j = 0; j < m; j++) data[i * m + j] += a.data[i * inner + k] * b.data[k * m + j];
    return array([...a.shape.slice(0, -1), ...b.shape.slice(1)], data);
  }
  if (a.shape.length && b.shape.length && (strict || inner !== columns(b))) throw new Misfit(t('box product', `(${a.shape.join(', ')})`, `(${b.shape.join(', ')})`));
  return each(SIGNS_OF['*'], a, b);
}

const JOINED = { sum: [0, (x, y) => x + y], max: [-Infinity, Math.max] };

function reduced(name, a, axes, keepdims) {
  const [start, join] = JOINED[name];
  const [n, m] = [rows(a), columns(a)];
  const along = axes.map((axis) => axis + 2 - a.shape.length);
  const [stride, step] = along.includes(1) ? [1, 0] : [m, 1];
  const data = new Array((along.includes(0) ? 1 : n) * (along.includes(1) ? 1 : m)).fill(start);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const place = (along.includes(0) ? 0 : i * stride) + j * step;
      data[place] = join(data[place], a.data[i * m + j]);
    }
  }
  const kept = a.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return array(keepdims ? kept : a.shape.filter((_, axis) => !axes.includes(axis)), data);
}

const apply = (f, options, xs) => (xs.length > 2 ? each((y, z) => z(y), xs[0], each((x, y) => (z) => f(z, x, y, options), xs[1], xs[2])) : xs.length > 1 ? each((x, y) => f(x, y, options), ...xs) : each((x) => f(x, options), xs[0]));

/** Compute on numbers: `name` and `slope` are given by who asks, and the `axes` of a softmax and a sum that have none. */
const NUMBERS_OF = (name, slope, axes) => ({
  name, slope, axes, number: plain, turned, product, reduced,
  each: (sign, a, b) => each(SIGNS_OF[sign], a, b),
  where: (c, x, y) => apply((chosen, a, b) => (chosen ? a : b), {}, [c, x, y]),
  spread: (a, shape) => each((x) => x, a, array(shape, new Array(size(shape)).fill(0))),
  reshaped: (a, shape) => array(shape, a.data),
  call: (op, xs, options = {}) => apply(OPS[op], options, xs),
});
return { Misfit, NUMBERS_OF, SLOPES, array, own, plain, reading };
})();
