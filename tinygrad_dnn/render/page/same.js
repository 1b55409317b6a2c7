// "Is my formula the same?": a formula that the reader types, proved from what was derived, or refuted with numbers.

import { button, copier, h } from './dom.js';
import { Misfit, NUMBERS_OF, SLOPES, array, own, plain, reading } from './formula.js';
import { FORMS_OF, apart, cancelled, formed, namesIn, written } from './algebra.js';
import { number } from './format.js';
import { random } from './random.js';
import { t } from './texts.js';

/** What follows has names of its own: the parts of the module share one scope. */
export const { compared, formulaBox } = (() => {
const [LIMIT, DRAWS, FEW, CLOSE] = [600, 1000, 6, 1e-6]; // letters of a formula, draws, those before a proof, relative error
const [FINE, LONGEST] = [60, 240]; // entries of all that is given up to which each is made small; letters of a step
const bare = (name) => name.replace(/^exact_d/, 'd').replace(/\W|_/g, '');
const gradientOf = (name) => `d${name}`;

/** What a page knows: the values at its points, and the lines of the derivation, by which it computes at others. */
class Known {
  constructor(points) {
    Object.assign(this, points);
    this.names = Object.keys(this.values);
    this.numbers = { e: Math.E, pi: Math.PI, m: this.m, ...this.numbers };
    this.keys = Object.assign(Object.create(null), Object.fromEntries(this.names.map((name) => [bare(name), name])));
    this.points = this.values[this.names[0]].slice(1).map((_, k) => this.at(k));
    this.axes = { softmax: this.softmax ?? undefined, rows: this.rows, keeps: this.keeps };
    this.drawn = new Map();
    this.ready = this.compiled();
  }

  at(k) {
    return Object.fromEntries(this.names.map((name) => [name, array(this.values[name][0], this.values[name][k + 1].map(Number))]));
  }

  /** Read the lines; true if they give at all points what was computed there. */
  compiled() {
    const known = new Set([...this.given, ...(this.lines ?? []).map(([name]) => name)]);
    try {
      this.steps = this.lines.map(([name, text]) => [name, reading(text, (one) => known.has(one) || Boolean(own(this.numbers, one))).run]);
      this.line = Object.fromEntries(this.steps);
      return this.points.every((point) => {
        const [found, all] = [this.run(point), Object.values(point).flatMap(({ data }) => data.filter(Number.isFinite))];
        const rounding = 1e-9 * Math.max(...all.map(Math.abs));
        return this.names.every((name) => same(found[name], point[name], rounding));
      });
    } catch {
      return false;
    }
  }

  /** Compute all lines from what is given. */
  run(given, moved = (x) => x) {
    const found = Object.create(null);
    for (const name of this.given) found[name] = given[name];
    const domain = NUMBERS_OF((name) => found[name] ?? plain(this.numbers[name]));
    for (const [name, run] of this.steps) found[name] = moved(run(domain));
    return found;
  }

  /** Values to compare at: those of the page, and others where its lines can be computed; whole ones for k < 0. */
  draw(k) {
    if (!this.ready) return this.points[k < 0 ? 2 : k];
    if (!this.drawn.has(k)) this.drawn.set(k, k ? this.run(this.other(k)) : this.points[0]);
    return this.drawn.get(k);
  }

  other(k) {
    const next = random(k);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const made = this.given.map((name) => {
      const { shape, data } = this.points[0][name];
      if (this.whole.includes(name)) return [name, this.permuted(shape, data, next)];
      if (k < 0 && this.kinks) return [name, array(shape, data.map(() => Math.floor(3 * next()) - 1))];
      return [name, array(shape, data.map((x) => (k % 2 ? 0.7 * normal() : x * Math.exp(0.7 * normal()))))];
    });
    return Object.fromEntries(made);
  }

  /** Labels and masks stay what they are: columns change places, and a single one becomes the other. */
  permuted(shape, data, next) {
    if (!shape.length) return plain(Math.abs(data[0]) <= 1 && next() < 0.5 ? 1 - Math.abs(data[0]) : data[0]);
    const columns = shape.at(-1);
    const order = Array.from({ length: columns }, (_, i) => [next(), i]).sort(([x], [y]) => x - y);
    return array(shape, data.map((_, i) => data[i - (i % columns) + order[i % columns][1]]));
  }

  /** The quantity that a reader's name stands for: W[1], W_1 and W1, AL and A[L-1], A0 for X. */
  name(wanted) {
    let key = bare(wanted);
    const layer = /^(d?[A-Za-z])L(\d?)$/.exec(key);
    if (layer && !(key in this.keys)) {
      const last = Math.max(0, ...Object.keys(this.keys).map((one) => (one.startsWith(layer[1]) ? Number(one.slice(layer[1].length)) || 0 : 0)));
      key = `${layer[1]}${last - Number(layer[2] || 0) || ''}`;
    }
    return this.keys[key === 'A0' && !(key in this.keys) ? 'X' : key];
  }

  has = (name) => Boolean(this.name(name) ?? own(this.numbers, name));

  /** True where a name has a factor m in the form of the course. */
  scaled = (form, name) => form === 'course' && !name.startsWith('exact_') && this.example.includes(this.name(name));
}

const same = (a, b, rounding = 0) => {
  const most = Math.max(CLOSE * Math.max(...b.data.filter(Number.isFinite).map(Math.abs), 1e-300), rounding);
  return a.data.every((x, k) => !Number.isFinite(b.data[k]) || Math.abs(x - b.data[k]) <= most);
};

const readings = new Map();
const knownOf = (points) => (readings.has(points) ? readings : readings.set(points, new Known(points))).get(points);

/** A formula beside what was derived for its left side, in the form "true" or "course". */
class Question {
  constructor(text, points) {
    const cut = text.indexOf('=');
    if (text.length > LIMIT || cut < 0) throw Error(t('box write'));
    this.known = knownOf(points);
    [this.left, this.text] = [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
    [this.derived, this.hers] = [this.left, this.text].map((side) => reading(side, this.known.has));
    this.forms = points.m > 1 ? ['true', 'course'] : ['true'];
    this.target = this.known.name(reading(this.left, this.known.has).parts.at(-1).text.replace('∂J/∂', 'd'));
  }

  domain(values, form) {
    const { known } = this;
    const name = (one) => {
      const found = known.name(one);
      if (!found) return plain(known.numbers[one]);
      return known.scaled(form, one) ? array(values[found].shape, values[found].data.map((x) => x * known.m)) : values[found];
    };
    const slope = (f, of, x) => {
      if (own(SLOPES, f)) return SLOPES[f](domain, domain.call(f, [x]), x);
      const [above, below] = this.slopeNames(f, of);
      return domain.each('/', values[above], values[below]);
    };
    const domain = NUMBERS_OF(name, slope, known.axes);
    return domain;
  }

  /** The gradients whose quotient is the slope of the activation that is applied to a quantity. */
  slopeNames(f, of) {
    const found = [of, of.replace(/^Z/, 'A')].map((one) => this.known.name(gradientOf(one)));
    return found.every(Boolean) ? found : (() => { throw Error(t('box slope', f)); })();
  }

  sides(values, form) {
    const domain = this.domain(values, form);
    const [want, got] = [this.derived.run(domain), this.hers.run(domain)];
    const one = want.data.length === 1 && got.data.length === 1;
    if (!one && String(want.shape) !== String(got.shape)) throw new Misfit(t('box shape', `(${want.shape.join(', ')})`, `(${got.shape.join(', ')})`));
    return [want, got];
  }

  agrees(k, form) {
    const { known } = this;
    const [want, got] = this.sides(known.draw(k), form);
    const told = k >= 0 && (known.ready || k < 2); // whole numbers meet poles too
    return (!told && !got.data.every(Number.isFinite)) || same(got, want) || (k >= 0 && known.ready && this.rounded(known.draw(k), form, got, want));
  }

  /** True if rounding explains a difference: results that are moved in their last digits move both sides about as much. */
  rounded(values, form, got, want) {
    const next = random(1);
    const moved = (x) => array(x.shape, x.data.map((one) => one * (1 + 1e-15 * (next() - 0.5))));
    const [again, mine] = this.sides(this.known.run(values, moved), form);
    const most = (x, y) => Math.max(...x.data.map((one, k) => Math.abs(one - y.data[k])));
    return most(got, want) < 100 * (most(again, want) + most(mine, got));
  }

  // --- a proof

  /** Both sides as forms of the quantities in `closed`; the others are put in by their lines. Numbers that are m are m,
   *  or have their values where facts about them and about labels may be used, which are noted. */
  written(form, closed, facts) {
    const { known } = this;
    const formsOf = (name) => {
      const made = FORMS_OF(name, slope, known.axes, whole);
      const plainly = made.number;
      if (!facts && known.m > 1) made.number = (x) => (x === known.m ? formed('m', []) : plainly(x));
      return made;
    };
    const numberOf = (name) => (name === 'm' ? hers.number(known.m) : hers.number(known.numbers[name]));
    const found = new Map();
    const values = known.points[0];
    const open = (name) => {
      if (!values[name] && own(known.numbers, name)) return numberOf(name);
      if (!found.has(name)) found.set(name, closed.has(name) || !known.line[name] ? formed(name, values[name]?.shape ?? []) : known.line[name](domain));
      return found.get(name);
    };
    const whole = (powers, axes) => {
      const name = powers.length === 1 && powers[0][1] === 1 && powers[0][0].name;
      if (!facts || !name || !known.whole.includes(name)) return undefined;
      const { shape, data } = NUMBERS_OF().reduced('sum', values[name], axes, true);
      if (!shape.length || !Number.isInteger(data[0]) || data.some((x) => x !== data[0])) return undefined;
      const fact = `sum(${name}, axis=${axes.length > 1 ? `(${axes.join(', ')})` : axes[0]}) = ${data[0]}`;
      if (facts.without.has(fact)) return undefined;
      facts.given.add(fact);
      return domain.number(data[0]).form;
    };
    const slope = (f, of, x) => {
      if (own(SLOPES, f)) return SLOPES[f](hers, hers.call(f, [x]), x);
      const [above, below] = this.slopeNames(f, of);
      const bar = formed(below, values[below].shape);
      const inner = formsOf((name) => (name === below ? bar : open(name)));
      return hers.each('/', known.line[above](inner), bar);
    };
    const domain = formsOf(open);
    const named = (name) => {
      const quantity = known.name(name);
      if (!quantity) return numberOf(name);
      return known.scaled(form, name) ? domain.each('*', numberOf('m'), open(quantity)) : open(quantity);
    };
    const hers = formsOf(named);
    return [this.derived.run(hers).form, this.hers.run(hers).form];
  }

  /** The forms of both sides when enough names are put in, the newest first, and they are the same. */
  proved(form) {
    const { known } = this;
    if (!known.ready) return undefined;
    const hidden = known.steps.map(([name]) => name).filter((name) => known.names.includes(name) && name !== known.seed);
    const closed = new Set(hidden.filter((name) => name !== this.target));
    const put = [];
    try {
      for (;;) {
        const [x, y] = this.written(form, closed);
        const rest = apart(x, y);
        if (!rest.length) return { x, y, put, given: [] };
        const proof = this.withFacts(form, closed);
        if (proof) return { ...proof, put };
        const [names, mine, theirs] = [rest, x, y].map((one) => namesIn(one));
        const open = hidden.filter((name) => closed.has(name) && names.has(name));
        const newest = open.findLast((name) => mine.has(name) !== theirs.has(name)) ?? open.at(-1); // alone on a side it cannot cancel
        if (!newest) return undefined;
        put.push(newest);
        closed.delete(newest);
      }
    } catch (error) {
      if (error instanceof RangeError) return undefined; // too long, or an op of which nothing is known
      throw error;
    }
  }

  /** A proof by the values of numbers and facts about labels, with as few of these as will do. */
  withFacts(form, closed, without = new Set()) {
    const given = new Set();
    const [x, y] = this.written(form, closed, { given, without });
    if (apart(x, y).length) return undefined;
    const fewer = [...given].map((fact) => !without.has(fact) && this.withFacts(form, closed, new Set([...without, fact]))).find(Boolean);
    return fewer || { x, y, given: [...given] };
  }

  /** The steps of a proof from the derived line to hers; a form between is shown if it has her value at all draws. */
  steps({ x, y, put }, form) {
    const lines = Object.fromEntries(this.known.shown);
    const scaled = this.known.scaled(form, this.left);
    const steps = [[`${this.target} = ${lines[this.target] ?? ''}`, t('box derived')]];
    for (const name of put) if (lines[name]) steps.push([`${name} = ${lines[name]}`, t('box put in')]);
    const [first, last] = [x, y].map((side) => written(cancelled(side)));
    const exact = form === 'course' && [...namesIn(x), ...namesIn(y)].some((name) => this.known.example.includes(name));
    const why = [scaled ? t('box times m') : '', t('box multiplied out'), exact ? t('box true') : ''].filter(Boolean).join('; ');
    const middle = first === last ? [[first, why]] : [[first, why], [last, t('box denominators')]];
    steps.push(...middle.filter(([text]) => text.length <= LONGEST && this.checked(text, form)).map(([text, done]) => [`= ${text}`, done]));
    return [...steps, [`= ${this.text}`, t('box yours')]];
  }

  /** True if a form has the value of the derived side at all draws; its gradients are derivatives of the cost. */
  checked(text, form) {
    const { run } = reading(text, this.known.has);
    return Array.from({ length: FEW }, (_, k) => this.known.draw(k)).every((values) => same(run(this.domain(values, 'true')), this.sides(values, form)[0]));
  }

  // --- numbers

  /** The given quantities, with as many of them 0, 1 or -1 as still lets both sides differ, and both sides there. */
  smallest(form, k) {
    const { known } = this;
    const start = known.draw(k);
    let sides = this.sides(start, form);
    if (!known.ready) return { given: [], sides };
    const given = Object.fromEntries(known.given.map((name) => [name, array(start[name].shape, [...start[name].data])]));
    const fine = known.given.reduce((sum, name) => sum + given[name].data.length, 0) <= FINE;
    for (const name of known.given.filter((one) => !known.whole.includes(one))) {
      const places = [null, ...(fine ? given[name].data.keys() : [])];
      for (const at of places) {
        for (const x of [0, 1, -1]) {
          const before = given[name];
          given[name] = array(before.shape, before.data.map((old, i) => (at === null || at === i ? x : old)));
          const found = this.sides(known.run(given), form);
          if (found.every(({ data }) => data.every(Number.isFinite)) && !same(found[1], found[0])) {
            sides = found;
            break;
          }
          given[name] = before;
        }
      }
    }
    return { given: Object.entries(given), sides };
  }

  /** Which parts of hers and of the derived formula the other has not, up to factors. */
  parted(form, k) {
    const values = this.known.draw(k);
    const wanted = (found) => found.filter(({ text }) => !/^[\d.]+$/.test(text));
    const valuesOf = (parts, domain) => wanted(parts).flatMap(({ text, run }) => {
      try {
        return [[text, run(domain)]];
      } catch {
        return [];
      }
    });
    const mine = valuesOf(this.hers.parts, this.domain(values, form));
    const lines = this.known.ready ? Object.fromEntries(this.known.shown) : {};
    const partsOf = (name) => (lines[name] ? reading(lines[name], this.known.has).parts : []);
    const near = this.known.ready ? valuesOf(partsOf(this.target), this.domain(values, 'true')) : [];
    const far = this.known.ready ? this.known.shown.flatMap(([name]) => valuesOf(partsOf(name), this.domain(values, 'true'))) : [];
    const arrays = (found) => found.filter(([, x]) => x.data.length > 1 || this.sides(values, form)[1].data.length === 1);
    const lacks = arrays(near).filter(([, x]) => !mine.some(([, y]) => ratio(x, y)));
    const extra = arrays(mine).filter(([, x]) => ![...far, ...near].some(([, y]) => ratio(x, y)));
    const shortest = (found) => found.map(([text]) => text).sort((a, b) => a.length - b.length)[0];
    return [extra.length ? t('box has', shortest(extra)) : '', lacks.length ? t('box lacks', shortest(lacks)) : ''].filter(Boolean).join('');
  }
}

/** The factor by which one array is another; 0 where it is not. */
function ratio(x, y) {
  if (x.data.length !== y.data.length || ![...x.data, ...y.data].every(Number.isFinite)) return 0;
  const below = y.data.reduce((sum, one) => sum + one * one, 0);
  const c = below && x.data.reduce((sum, one, k) => sum + one * y.data[k], 0) / below;
  return c && same(x, array(y.shape, y.data.map((one) => c * one))) ? c : 0;
}

/** Compare a formula with what was derived; `quiet` tells neither numbers nor formulas. */
function compared(text, points, quiet = false) {
  try {
    return judged(new Question(text, points), quiet);
  } catch (error) {
    if (error instanceof Misfit) return { right: false, verdict: 'no', say: error.message };
    throw error;
  }
}

function judged(question, quiet) {
  const { known, forms } = question;
  const first = known.ready ? [0, 1, 2, 3, 4, 5] : [0, 1];
  const equal = forms.filter((form) => first.every((k) => question.agrees(k, form)));
  if (!equal.length) return refuted(question, forms.at(-1), first.find((k) => !question.agrees(k, forms.at(-1))), quiet);
  const form = equal.at(-1);
  const said = equal.length < forms.length ? t(`box form ${form}`) : '';
  const whole = known.ready ? [-1, -2, -3, -4, -5, -6] : [-1];
  const corner = whole.find((k) => !question.agrees(k, form));
  if (corner !== undefined) return refuted(question, form, corner, quiet, t('box kink'));
  const proof = question.proved(form);
  if (proof) {
    const given = proof.given.map((one) => t('box given', one)).join('');
    return { right: true, verdict: 'yes', say: t('box yes') + given + said, steps: quiet ? [] : question.steps(proof, form) };
  }
  const all = known.ready ? DRAWS : 3;
  const other = Array.from({ length: known.ready ? all - FEW : 0 }, (_, k) => k + FEW).find((k) => !question.agrees(k, form));
  if (other !== undefined) return refuted(question, form, other, quiet);
  return { right: false, verdict: 'equal', say: t('box equal', all) + said };
}

function refuted(question, form, k, quiet, otherwise = '') {
  const { known } = question;
  const no = (say, given = []) => ({ right: false, verdict: 'no', say, numbers: given });
  const [want, got] = question.sides(known.draw(k), form);
  const found = ratio(got, want);
  const draws = [0, 1, ...(known.ready ? [2, 3] : [])];
  const times = found && draws.every((one) => Math.abs(ratio(...question.sides(known.draw(one), form).reverse()) - found) < 1e-9 * Math.abs(found));
  if (quiet) return no(t('box no'));
  const { given, sides } = question.smallest(form, k);
  const worst = sides[0].data.map((x, i) => Math.abs(x - sides[1].data[i])).reduce((best, x, i, list) => (x > list[best] || Number.isNaN(x) ? i : best), 0);
  const { shape } = sides[0];
  const place = shape.length === 2 ? `[${Math.floor(worst / shape[1])}, ${worst % shape[1]}]` : shape.length ? `[${worst}]` : '';
  const differs = t('box differs', `${question.left}${place}`, number(sides[0].data[worst]), number(sides[1].data[worst]));
  if (times) return no(t('box times', number(found)) + differs, given);
  const values = known.draw(k);
  const other = known.names.find((name) => got.shape.length && String(values[name].shape) === String(got.shape) && same(got, question.domain(values, form).name(name)));
  const parts = other ? t('box is', other) : otherwise || question.parted(form, k);
  return no(t('box no') + parts + differs, given);
}

/** What to run for a chain of identities that this page has not found: a command for a program, else a line of Python. */
function commandOf(text, { nodes, outputs }) {
  const file = nodes.find(({ line }) => line?.[0].endsWith('.py'))?.line[0];
  const quoted = text.includes("'") ? `"${text.replace(/[\\"$`]/g, '\\$&')}"` : `'${text}'`;
  return file ? `tinygrad-dnn derive ${file} --same ${quoted}` : `print(derive(${nodes[outputs[0]].name.text}).same(${JSON.stringify(text)}))`;
}

const rowsText = ({ shape, data }) => {
  if (data.every((x) => x === data[0])) return data.length > 1 ? t('box everywhere', number(data[0])) : number(data[0]);
  const width = shape.at(-1);
  return `[${Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width).map((x) => number(x)).join(' ')).join('; ')}]`;
};

/** The box in which a formula is typed. */
function formulaBox(page) {
  const said = h('p', { class: 'verdict', role: 'status' });
  const more = h('div', { class: 'chain' });
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
    said.className = `verdict ${answer.right ? 'right' : answer.verdict}`;
    const steps = (answer.steps ?? []).map(([text, why]) => h('li', {}, h('code', {}, text), h('span', { class: 'faint' }, why)));
    const numbers = (answer.numbers ?? []).map(([name, x]) => h('li', {}, h('code', {}, `${name} = ${rowsText(x)}`)));
    more.replaceChildren(...(steps.length ? [h('ol', {}, steps)] : []), ...(numbers.length ? [h('ul', {}, numbers)] : []));
    if (answer.verdict !== 'equal') return;
    const command = commandOf(field.value.trim(), page.data);
    more.append(t('box run'), h('code', {}, command), ' ', copier(t('Copy the command'), command));
  };
  return h('form', { class: 'asking', onsubmit: check }, h('span', { class: 'row' }, field, button({ type: 'submit' }, t('Compare'))), said, more);
}
return { compared, formulaBox };
})();
