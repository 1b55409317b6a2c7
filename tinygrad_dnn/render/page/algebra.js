// Formulas as sums of products, in which equal factors and equal terms have met: two that are the same are equal for all
// values. Entry by entry every quantity is a number; products of matrices are chains, sums along axes take numbers out.

/** What follows has names of its own: the parts of the module share one scope. */
export const { FORMS_OF, apart, cancelled, formed, namesIn, written } = (() => {
const [MOST, ROUNDS, STEPS] = [400, 12, 40]; // terms of a form, denominators that are multiplied out, steps of a division
const TINY = 1e-12;

// --- a form is a list of terms: a coefficient, and the powers of bases in the order of their keys

const keyOf = (form) => form.map(({ c, key }) => `${Number(c.toPrecision(12))} ${key}`).join(' + ');
const term = (c, powers) => ({ c, powers, key: powers.map(([base, n]) => `${base.key}^${n}`).join(' ') });
const ZERO = [];
const constant = (c) => (c ? [term(c, [])] : ZERO);
const ofBase = (base, n = 1) => [term(1, [[base, n]])];

function total(terms) {
  const found = new Map();
  for (const one of terms) {
    const before = found.get(one.key);
    found.set(one.key, { ...one, c: one.c + (before?.c ?? 0), size: Math.abs(one.c) + (before?.size ?? 0) });
  }
  const kept = [...found.values()].filter(({ c, size }) => Math.abs(c) > TINY * size);
  if (kept.length > MOST) throw RangeError('too many terms');
  return kept.sort((x, y) => (x.key < y.key ? -1 : 1));
}

const plus = (x, y) => total([...x, ...y]);
const scaled = (x, c) => (c ? x.map((one) => ({ ...one, c: one.c * c })) : ZERO);
const minus = (x, y) => plus(x, scaled(y, -1));
const times = (x, y) => total(x.flatMap((a) => y.flatMap((b) => product(a, b))));

/** Multiply two terms; a sum to a positive power is multiplied out, and a mask times itself is itself. */
function product(a, b) {
  const powers = new Map(a.powers.map(([base, n]) => [base.key, [base, n]]));
  for (const [base, n] of b.powers) powers.set(base.key, [base, n + (powers.get(base.key)?.[1] ?? 0)]);
  let [rest, kept] = [constant(a.c * b.c), []];
  for (const [base, n] of powers.values()) {
    if (base.mask && n > 1) kept.push([base, 1]);
    else if (base.sum && n > 0 && Number.isInteger(n)) rest = times(rest, raised(base.sum, n));
    else if (base.root && Math.abs(n) > 1) [rest, kept] = [times(rest, raised(base.root, Math.trunc(n / 2))), n % 2 ? [...kept, [base, n % 2]] : kept];
    else if (n) kept.push([base, n]);
  }
  const inner = term(1, kept.sort(([x], [y]) => (x.key < y.key ? -1 : 1)));
  return rest.length === 1 && !rest[0].powers.length ? [term(rest[0].c, inner.powers)] : kept.length ? times(rest, [inner]) : rest;
}

function raised(x, n) {
  if (!x.length) return n > 0 ? ZERO : fail();
  const [one, c] = [x[0], x[0].c];
  const simple = x.length === 1 && (Number.isInteger(n) || (c > 0 && one.powers.every(([base]) => base.positive)));
  if (simple) return times(constant(c ** n), [term(1, one.powers.map(([base, k]) => [base, k * n]))]);
  if (Number.isInteger(n) && n >= 0) return Array.from({ length: n }, () => x).reduce(times, constant(1));
  const unit = scaled(x, 1 / Math.abs(c));
  if (!Number.isInteger(2 * n)) return ofBase(powerOf(x), n);
  if (!Number.isInteger(n)) return scaled(ofBase(rootOf(unit), 2 * n), Math.abs(c) ** n);
  const sign = c < 0 ? -1 : 1;
  return scaled(ofBase(sumOf(scaled(unit, sign)), n), (sign * Math.abs(c)) ** n);
}

const fail = () => {
  throw RangeError('a quotient by 0');
};
const sumOf = (x) => ({ key: `{${keyOf(x)}}`, sum: x, shape: shapeOf(x), turned: () => ofBase(sumOf(turned(x))), text: `(${written(x)})`, parts: [x] });
const rootOf = (x) => ({ key: `sqrt{${keyOf(x)}}`, root: x, shape: shapeOf(x), turned: () => ofBase(rootOf(turned(x))), text: `sqrt(${written(x)})`, parts: [x] });
const powerOf = (x) => ({ key: `pow{${keyOf(x)}}`, shape: shapeOf(x), turned: () => ofBase(powerOf(turned(x))), text: `(${written(x)})`, parts: [x] });

/** A function of forms, entry by entry. */
const applied = (name, ...xs) => ({
  key: `${name}(${xs.map(keyOf).join(', ')})`, shape: spread(...xs.map(shapeOf)), turned: () => ofBase(applied(name, ...xs.map(turned))),
  text: `${name}(${xs.map(written).join(', ')})`, parts: xs,
});

/** exp(2 z) = exp(z)^2 and exp(a + b) = exp(a) exp(b). */
function exponential(x) {
  return x.reduce((found, { c, powers }) => {
    if (!powers.length) return scaled(found, Math.exp(c));
    const inner = [term(1, powers)];
    const base = { ...applied('exp', inner), positive: true, log: inner, turned: () => exponential(turned(inner)) };
    return times(found, ofBase(base, c));
  }, constant(1));
}

function logarithm(x) {
  const powers = x.length === 1 && x[0].c === 1 ? x[0].powers : [];
  if (powers.length && powers.every(([base]) => base.log)) return powers.reduce((found, [base, n]) => plus(found, scaled(base.log, n)), ZERO);
  if (powers.length === 1 && powers[0][1] === -1) return scaled(ofBase(applied('log', raised(x, -1))), -1);
  return ofBase(applied('log', x));
}

/** 1 where a form is positive, else 0: neither its size matters nor a factor that is positive, and relu(z) > 0 where z > 0. */
function mask(x) {
  if (!x.length) return ZERO;
  if (x.length === 1) {
    const positive = x[0].powers.filter(([base]) => !base.positive);
    if (!positive.length) return constant(x[0].c > 0 ? 1 : 0);
    x = [term(Math.sign(x[0].c), positive)];
  }
  const own = x[0].powers.find(([base, n]) => base.mask && n === 1 && base.key === maskOf(times(x, ofBase(base, -1))).key);
  return ofBase(own ? own[0] : maskOf(x));
}

function maskOf(x) {
  const unit = x.length ? scaled(x, 1 / Math.abs(x[0].c)) : x;
  return { key: `[${keyOf(unit)}]`, mask: true, shape: shapeOf(unit), turned: () => mask(turned(unit)), text: `(${written(unit)} > 0)`, parts: [unit] };
}

const relu = (x) => times(x, mask(x));
const logistic = (x) => raised(plus(constant(1), exponential(scaled(x, -1))), -1);
const MEANT = {
  exp: exponential, log: logarithm, relu, sigmoid: logistic,
  log1p: (x) => logarithm(plus(constant(1), x)), softplus: (x) => logarithm(plus(constant(1), exponential(x))),
  tanh: (x) => minus(constant(1), scaled(raised(plus(constant(1), exponential(scaled(x, 2))), -1), 2)),
  cosh: (x) => scaled(plus(exponential(x), exponential(scaled(x, -1))), 0.5),
  sinh: (x) => scaled(minus(exponential(x), exponential(scaled(x, -1))), 0.5),
  square: (x) => raised(x, 2), sqrt: (x) => raised(x, 0.5), reciprocal: (x) => raised(x, -1), negative: (x) => scaled(x, -1), positive: (x) => x, astype: (x) => x,
  maximum: (x, y) => (minus(x, y)[0]?.c < 0 ? plus(x, relu(minus(y, x))) : plus(y, relu(minus(x, y)))), // always the same of two ways
  minimum: (x, y) => minus(plus(x, y), MEANT.maximum(x, y)),
  maximum_constant: (x, y) => MEANT.maximum(x, y), minimum_constant: (x, y) => MEANT.minimum(x, y),
};

// --- shapes

const count = (shape) => shape.reduce((x, y) => x * y, 1);
const padded = (shape, n) => [...new Array(Math.max(n - shape.length, 0)).fill(1), ...shape];
function spread(...shapes) {
  const n = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: n }, (_, axis) => shapes.reduce((most, shape) => (padded(shape, n)[axis] === 1 ? most : padded(shape, n)[axis]), 1));
}
const shapeOf = (form) => spread(...form.flatMap(({ powers }) => powers.map(([base]) => base.shape)));

function turned(form) {
  return form.reduce((found, { c, powers }) => {
    const inner = powers.map(([base, n]) => (base.shape.length < 2 || count(base.shape) === 1 ? ofBase(base, n) : raised(base.turned(), n)));
    return plus(found, inner.reduce(times, constant(c)));
  }, ZERO);
}

/** The transpose of what has none that could be written otherwise. */
const aside = (base) => {
  const other = { ...base, key: `${base.key}.T`, text: `${base.text}.T`, shape: [...base.shape].reverse(), turned: () => ofBase(base) };
  return () => ofBase(other);
};

/** Sum, or take the largest, along some axes of an array of this shape: what is the same along them comes out of a sum. */
function reduced(name, form, shape, axes, keepdims, known) {
  const long = axes.filter((axis) => shape[axis] > 1);
  if (!long.length) return form;
  const others = shape.map((_, axis) => axis).filter((axis) => shape[axis] > 1 && !axes.includes(axis));
  const aligned = keepdims || axes.every((axis) => others.every((other) => axis < other)); // as if all axes were kept
  const same = ([base]) => (aligned ? long.every((axis) => padded(base.shape, shape.length)[axis] === 1) : count(base.shape) === 1);
  if (name === 'max') return reduction(name, form, shape, long, aligned);
  return form.reduce((found, { c, powers }) => {
    const [outer, inner] = [powers.filter(same), powers.filter((power) => !same(power))];
    const own = long.filter((axis) => inner.some(([base]) => padded(base.shape, shape.length)[axis] > 1));
    const equal = c * count(long.filter((axis) => !own.includes(axis)).map((axis) => shape[axis]));
    const sum = own.length ? known?.(inner, own) ?? reduction(name, [term(1, inner)], shape, own, aligned) : [term(1, inner)];
    return plus(found, scaled(times([term(1, outer)], sum), equal));
  }, ZERO);
}

/** A sum of sums is one sum. */
function reduction(name, inner, shape, own, aligned) {
  const [power] = inner.length === 1 && inner[0].c === 1 && inner[0].powers.length === 1 ? inner[0].powers : [[{}]];
  const nested = power[0].reduced === name && power[1] === 1 ? power[0] : undefined;
  if (nested?.aligned) {
    const axes = [...own.map((axis) => axis - shape.length), ...nested.along].map((axis) => axis + nested.before.length);
    return reduction(name, nested.parts[0], nested.before, [...new Set(axes)].sort(), aligned);
  }
  if (nested && count(own.map((axis) => shape[axis])) === count(nested.shape)) {
    return reduction(name, nested.parts[0], nested.before, [...nested.before.keys()].filter((axis) => nested.before[axis] > 1), true);
  }
  const along = own.map((axis) => axis - shape.length);
  const after = shape.map((length, axis) => (own.includes(axis) ? 1 : length)).filter((length, axis) => aligned || !own.includes(axis));
  const some = own.length < shape.filter((length) => length > 1).length;
  const axis = some ? `, axis=${own.length > 1 ? `(${own.join(', ')})` : own[0]}${aligned ? ', keepdims=True' : ''}` : '';
  const base = {
    key: `${name}[${along}${aligned ? '' : ' flat'}](${keyOf(inner)})`, shape: some ? after : [], text: `${name}(${written(inner)}${axis})`,
    reduced: name, along, aligned, before: shape, parts: [inner],
  };
  base.turned = aside(base);
  return ofBase(base);
}

/** A product of matrices: (A B) C = A (B C), and numbers come to the front. */
function multiplied(a, b) {
  const [x, y] = [a, b].map(({ form, shape }, side) => form.map(({ c, powers }) => {
    const [outer, inner] = [powers.filter(([base]) => count(base.shape) === 1), powers.filter(([base]) => count(base.shape) > 1)];
    const alone = inner.length === 1 && inner[0][1] === 1 && inner[0][0].chain;
    const column = side && shape.length === 2 && padded(spread(...inner.map(([base]) => base.shape)), 2)[1] === 1; // others beside it are equal
    return { outer: [term(c, outer)], factors: alone || [{ form: [term(1, inner)], shape: column ? [shape[0], 1] : shape }] };
  }));
  return total(x.flatMap((p) => y.flatMap((q) => times(times(p.outer, q.outer), ofBase(chained([...p.factors, ...q.factors]))))));
}

function chained(factors) {
  const [first, last] = [factors[0].shape, factors.at(-1).shape];
  const text = factors.map(({ form }) => (/^[\w.]+$/.test(written(form)) ? written(form) : `(${written(form)})`)).join(' @ ');
  const transposed = () => ofBase(chained([...factors].reverse().map(({ form, shape }) => ({ form: turned(form), shape: [...shape].reverse() }))));
  return {
    key: `(${factors.map(({ form, shape }) => `${keyOf(form)}:${shape}`).join(' @ ')})`, chain: factors, shape: [...first.slice(0, -1), ...last.slice(1)],
    parts: factors.map(({ form }) => form), turned: transposed, text, joined: true,
  };
}

// --- the domain

const numberOf = (x) => (x.length ? (x.length === 1 && !x[0].powers.length ? x[0].c : undefined) : 0);
const made = (form, shape) => ({ form, shape });
const SIGNS = {
  '+': plus, '-': minus, '*': times, '/': (x, y) => times(x, raised(y, -1)),
  '>': (x, y) => mask(minus(x, y)), '<': (x, y) => mask(minus(y, x)),
  '>=': (x, y) => minus(constant(1), mask(minus(y, x))), '<=': (x, y) => minus(constant(1), mask(minus(x, y))),
  '**': (x, y) => (numberOf(y) !== undefined ? raised(x, numberOf(y)) : numberOf(x) === Math.E ? exponential(y) : ofBase(applied('power', x, y))),
};

/** A quantity of this name and shape. */
function formed(name, shape) {
  const base = { key: name, text: name, name, shape, parts: [] };
  base.turned = aside(base);
  return made(ofBase(base), shape);
}

/** Compute on forms; `known` may tell what the sum of a quantity along axes is. */
const FORMS_OF = (name, slope, axes, known) => ({
  name, slope, axes,
  number: (x) => (Number.isFinite(x) ? made(constant(x), []) : fail()),
  each: (sign, a, b) => made(SIGNS[sign]?.(a.form, b.form) ?? ofBase(applied(sign, a.form, b.form)), spread(a.shape, b.shape)),
  turned: (a) => (a.shape.length < 2 ? a : made(turned(a.form), [...a.shape].reverse())),
  reduced: (kind, a, axes, keepdims) => {
    const kept = a.shape.map((length, i) => (axes.includes(i) ? 1 : length));
    return made(reduced(kind, cancelled(a.form), a.shape, axes, keepdims, kind === 'sum' ? known : undefined), keepdims ? kept : a.shape.filter((_, i) => !axes.includes(i)));
  },
  product(a, b, strict) {
    const [inner, fits] = [a.shape.at(-1), a.shape.length && b.shape.length && a.shape.at(-1) === b.shape[0]];
    if (!fits && (strict && a.shape.length && b.shape.length)) fail();
    if (!fits) return this.each('*', a, b);
    if (a.shape.length === 1 && b.shape.length === 1) return this.reduced('sum', this.each('*', a, b), [0], false);
    const shape = [...a.shape.slice(0, -1), ...b.shape.slice(1)];
    return made(inner === 1 && count(a.shape) === 1 && count(b.shape) === 1 ? times(a.form, b.form) : multiplied(made(cancelled(a.form), a.shape), made(cancelled(b.form), b.shape)), shape);
  },
  where: (c, x, y) => made(plus(times(c.form, x.form), times(minus(constant(1), c.form), y.form)), spread(c.shape, x.shape, y.shape)),
  spread: (a, shape) => made(a.form, shape),
  reshaped(a, shape) {
    const plainly = (lengths) => lengths.slice(Math.max(lengths.findIndex((length) => length > 1), 0)).join();
    return count(shape) === 1 || plainly(a.shape) === plainly(shape) ? made(a.form, shape) : fail();
  },
  call(op, xs, options = {}) {
    const forms = xs.map(({ form }) => cancelled(form));
    const named = Object.keys(options).length ? `${op} ${JSON.stringify(options)}` : op;
    const leaky = op === 'leaky_relu' && plus(scaled(forms[0], options.slope ?? 0.01), scaled(relu(forms[0]), 1 - (options.slope ?? 0.01)));
    const form = leaky || (Object.hasOwn(MEANT, op) && !Object.keys(options).length) ? leaky || MEANT[op](...forms) : ofBase(applied(named, ...forms));
    return made(form, spread(...xs.map(({ shape }) => shape)));
  },
});

// --- quotients

/** Put a form over one denominator, and cancel what divides it: (a b - a) / (b - 1) = a. */
function cancelled(x) {
  const below = new Map(x.flatMap(({ powers }) => powers.filter(([base, n]) => base.sum && n < 0)).map(([base]) => [base.key, base]));
  for (const base of below.values()) {
    let most = Math.max(...x.flatMap(({ powers }) => powers.filter(([other]) => other.key === base.key).map(([, n]) => -n)));
    let top = total(x.flatMap((one) => product(one, term(1, [[base, most]]))));
    for (let quotient = divided(top, base.sum); most > 0 && quotient; quotient = divided(top, base.sum)) [top, most] = [quotient, most - 1];
    x = most ? total(top.flatMap((one) => product(one, term(1, [[base, -most]])))) : top;
  }
  return x;
}

/** Divide by the largest terms, with the powers of some bases in order; undefined where a rest is left. */
function divided(x, by) {
  const order = [...new Set([...by, ...x].flatMap(({ powers }) => powers.map(([base]) => base.key)))];
  const rank = ({ powers }) => order.map((key) => powers.find(([base]) => base.key === key)?.[1] ?? 0);
  const larger = (a, b) => {
    const [p, q] = [rank(a), rank(b)];
    const at = p.findIndex((n, i) => n !== q[i]);
    return at >= 0 && p[at] > q[at];
  };
  const largest = (terms) => terms.reduce((best, one) => (larger(one, best) ? one : best));
  const first = raised([largest(by)], -1);
  let quotient = ZERO;
  for (let step = 0; step < STEPS && x.length; step++) {
    const part = times([largest(x)], first);
    if (part.some(({ powers }) => powers.some(([base, n]) => n < 0 && by.some((one) => one.powers.some(([other]) => other.key === base.key))))) return undefined;
    [quotient, x] = [plus(quotient, part), minus(x, times(part, by))];
  }
  return x.length ? undefined : quotient;
}

/** What is left of the difference of two forms when all denominators are multiplied out: none where they are the same. */
function apart(x, y) {
  let rest = minus(x, y);
  for (let round = 0; round < ROUNDS; round++) {
    const below = rest.flatMap(({ powers }) => powers).filter(([base, n]) => base.sum && n < 0);
    if (!below.length) break;
    const [base] = below[0];
    const most = Math.max(...below.filter(([other]) => other.key === base.key).map(([, n]) => -n));
    rest = total(rest.flatMap((one) => product(one, term(1, [[base, most]]))));
  }
  return rest;
}

/** The names of the quantities in a form. */
function namesIn(form, found = new Set()) {
  for (const { powers } of form) {
    for (const [base] of powers) {
      if (base.name) found.add(base.name);
      base.parts.forEach((part) => namesIn(part, found));
    }
  }
  return found;
}

// --- text, in the notation that is read

const digits = (x) => {
  for (let below = 1; below <= 1000; below++) if (Math.abs(x * below - Math.round(x * below)) < TINY * Math.max(below * Math.abs(x), 1)) return [String(Math.round(x * below)), below === 1 ? '' : String(below)];
  return [String(x), ''];
};

function written(form) {
  if (!form.length) return '0';
  return form.map(({ c, powers }, place) => {
    const [above, below] = digits(Math.abs(c));
    const raised_ = ([base, n]) => (Math.abs(n) === 1 ? (base.joined ? `(${base.text})` : base.text) : `${base.joined ? `(${base.text})` : base.text} ** ${Math.abs(n)}`);
    const over = powers.filter(([, n]) => n > 0).map((power) => (powers.length === 1 && power[1] === 1 && Math.abs(c) === 1 ? power[0].text : raised_(power)));
    const under = powers.filter(([, n]) => n < 0).map(raised_);
    const top = (above === '1' && over.length ? over : [above, ...over]).join(' * ');
    const text = [top, ...(below ? [below] : []), ...under].join(' / ');
    return place ? ` ${c < 0 ? '-' : '+'} ${text}` : `${c < 0 ? '-' : ''}${text}`;
  }).join('');
}
return { FORMS_OF, apart, cancelled, formed, namesIn, written };
})();
