// The network that learns: parameters, optimiser and mini-batches. Nothing here knows the document.

import { random } from './random.js';
import { step, small } from './programs.js';

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/** Each changes theta in place, from its gradient and two running averages, at step t = 1, 2, ... */
export const OPTIMISERS = {
  'gradient-descent': (theta, d, v, s, t, alpha) => theta.forEach((_, i) => (theta[i] -= alpha * d[i])),
  momentum: (theta, d, v, s, t, alpha) =>
    theta.forEach((_, i) => {
      v[i] = BETA1 * v[i] + (1 - BETA1) * d[i];
      theta[i] -= alpha * v[i];
    }),
  adam: (theta, d, v, s, t, alpha) =>
    theta.forEach((_, i) => {
      v[i] = BETA1 * v[i] + (1 - BETA1) * d[i];
      s[i] = BETA2 * s[i] + (1 - BETA2) * d[i] * d[i];
      theta[i] -= (alpha / (1 - BETA1 ** t)) * v[i] / (Math.sqrt(s[i] / (1 - BETA2 ** t)) + EPSILON);
    }),
};

/** Some of the examples of an array, along its axis of examples. */
export function taken(values, shape, axis, examples) {
  const m = shape.at(axis);
  const inner = axis === 0 ? values.length / m : 1;
  const rows = axis === 0 ? 1 : values.length / m;
  const made = new Float64Array(rows * examples.length * inner);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const example of examples) for (let i = 0; i < inner; i++) made[at++] = values[(row * m + example) * inner + i];
  }
  return made;
}

/** A network with its state; `page` is what the page was made with. */
export class Learner {
  constructor(page) {
    this.page = page;
    this.settings = { alpha: page.alpha, optimiser: 'gradient-descent', batch: 0 };
    this.rewind();
  }

  /** Begin again with the parameters that the page was made with. */
  rewind() {
    this.theta = this.page.parameters.map((x) => Float64Array.from(x.values));
    this.averages = this.theta.map((x) => [new Float64Array(x.length), new Float64Array(x.length)]);
    [this.t, this.costs, this.order, this.random] = [0, [], [], random(1)];
    this.data = this.page.data.map((x) => Float64Array.from(x.values));
    this.tested = {};
    this.compute();
  }

  /** Compute the cost and the gradients of all examples. */
  compute() {
    [[this.cost], ...this.gradients] = step([...this.theta, ...this.data]);
    return this.cost;
  }

  /** The cost with one entry changed; the program writes over its gradients, so that they are computed again. */
  costWith(array, i, value) {
    const before = array[i];
    array[i] = value;
    const cost = this.compute();
    array[i] = before;
    this.compute();
    return cost;
  }

  /** Learn for one step, from all examples or from the next mini-batch. */
  learn() {
    const { alpha, optimiser, batch } = this.settings;
    const [, ...gradients] = batch ? small([...this.theta, ...this.batch(batch)]) : [0, ...this.gradients];
    this.costs.push(this.cost);
    this.t++;
    this.theta.forEach((theta, i) => OPTIMISERS[optimiser](theta, gradients[i], ...this.averages[i], this.t, alpha));
    this.compute();
  }

  /** The next examples of a walk through all of them in random order. */
  batch(size) {
    if (this.order.length < size) {
      this.order = Array.from({ length: this.page.m }, (_, i) => i);
      for (let i = this.order.length - 1; i > 0; i--) {
        const j = Math.floor(this.random() * (i + 1));
        [this.order[i], this.order[j]] = [this.order[j], this.order[i]];
      }
    }
    const examples = this.order.splice(0, size);
    return this.data.map((values, i) => taken(values, this.page.data[i].shape, this.page.axis, examples));
  }
}
