// Pictures of a network that learns, on canvases: the curve of the cost, the plane of predictions, and the units.

import { h } from './dom.js';
import { number } from './format.js';
import { t } from './texts.js';

const CLASSES = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#F0E442', '#999999'];
const [LOW, MIDDLE, HIGH] = [[0, 114, 178], [247, 247, 247], [230, 159, 0]];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const bytes = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
const mixed = (a, b, x) => a.map((_, i) => a[i] + (b[i] - a[i]) * x);
const onScale = (x) => (x < 0.5 ? mixed(LOW, MIDDLE, 2 * x) : mixed(MIDDLE, HIGH, 2 * x - 1));

/** A canvas as a picture that a screen reader names. */
export const canvas = (width, height, label, properties = {}) =>
  h('canvas', { width, height, role: 'img', 'aria-label': label, ...properties });

/** Draw costs over steps; logarithmic where all are positive. A line has a name, a colour, and pairs of step and cost. */
export function curve(target, lines) {
  const [context, { width, height }] = [target.getContext('2d'), target];
  context.clearRect(0, 0, width, height);
  const all = lines.flatMap(({ costs }) => costs.map(([, cost]) => cost)).filter(Number.isFinite);
  if (all.length < 2) return;
  const scale = Math.min(...all) > 0 ? Math.log10 : (x) => x;
  const [low, high] = [scale(Math.min(...all)), scale(Math.max(...all))];
  const letter = 13 * Math.max(1, width / (target.clientWidth || width)); // 13 pixels of the screen, however small the canvas is shown
  context.font = `${letter}px system-ui, sans-serif`;
  for (const [at, { costs, colour, name }] of lines.entries()) {
    context.strokeStyle = context.fillStyle = css(colour);
    context.lineWidth = 2;
    const y = (cost) => height - 1.4 * letter - ((scale(cost) - low) / (high - low || 1)) * (height - 2.8 * letter);
    context.beginPath();
    const stride = Math.max(1, Math.floor(costs.length / width));
    const last = Math.max(lines[0].costs.length - 1, 1);
    costs.forEach(([step, cost], i) => i % stride || context.lineTo(8 + (step / last) * (width - 16), y(cost)));
    context.stroke();
    context.textAlign = 'right';
    context.fillText(`${name} ${number(costs.at(-1)[1], 3)}`, width - 8, letter * (1.1 + 1.3 * at));
  }
  context.textAlign = 'left';
  context.fillStyle = css('--faint');
  context.fillText(number(Math.max(...all), 3), 8, letter);
  context.fillText(number(Math.min(...all), 3), 8, height - 3);
}

/** Fill a square canvas with a colour for each point of the grid. */
function paint(target, side, colour) {
  const [context, image] = [target.getContext('2d'), new ImageData(side, side)];
  for (let i = 0; i < side * side; i++) image.data.set([...colour(i), 255], 4 * i);
  context.putImageData(image, 0, 0);
}

/** The values of one unit, or class, at all points, however an array of this shape stores them. */
function unit(values, shape, k, points) {
  const count = values.length / points;
  const last = shape.at(-1) === points;
  return (i) => values[last ? k * points + i : i * count + k];
}

/** Draw the predictions at all points: one value from low to high, or the colour of the largest. */
export function plane(target, values, shape, side) {
  const points = side * side;
  const count = values.length / points;
  if (count === 1) {
    const [low, high] = values.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [0, 1]);
    paint(target, side, (i) => onScale((values[i] - low) / (high - low)));
    return;
  }
  const classes = Array.from({ length: count }, (_, k) => unit(values, shape, k, points));
  paint(target, side, (i) => {
    const scores = classes.map((score) => score(i));
    const best = scores.indexOf(Math.max(...scores));
    return mixed(MIDDLE, bytes(CLASSES[best % CLASSES.length]), 0.35 + 0.4 * Math.min(Math.max(scores[best], 0), 1));
  });
}

/** The class of an example: its label, or the place of the largest entry of its column. */
export function classOf(labels, shape, axis, m, i) {
  const column = unit(labels, axis === 0 && shape.length > 1 ? [m, 2] : [2, m], 0, m);
  const count = labels.length / m;
  if (count === 1) return column(i);
  const entries = Array.from({ length: count }, (_, k) => labels[axis === 0 ? i * count + k : k * m + i]);
  return entries.indexOf(Math.max(...entries));
}

/** Draw the examples over the plane; the chosen one has a ring. */
export function points(target, places, classes, bounds, chosen) {
  const [context, { width, height }] = [target.getContext('2d'), target];
  const [left, right, bottom, top] = bounds;
  context.clearRect(0, 0, width, height);
  const several = Math.max(...classes, 1) > 1;
  places.forEach(([x, y], i) => {
    const [px, py] = [((x - left) / (right - left)) * width, ((top - y) / (top - bottom)) * height];
    context.beginPath();
    const [radius, corners] = [i === chosen ? 8 : 5, classes[i] > 0.5 ? Math.min(Math.round(classes[i]) + 2, 32) : 32]; // a shape for each class: colours are never alone
    for (let k = 0; k < corners; k++) context.lineTo(px + radius * Math.sin((2 * Math.PI * k) / corners), py - radius * Math.cos((2 * Math.PI * k) / corners));
    context.closePath();
    const own = several ? bytes(CLASSES[classes[i] % CLASSES.length]) : classes[i] > 0.5 ? HIGH : LOW;
    context.fillStyle = `rgb(${own.map((c) => Math.round(c * 0.8)).join()})`;
    context.fill();
    context.lineWidth = i === chosen ? 3 : 1;
    context.strokeStyle = i === chosen ? '#000' : '#fff';
    context.stroke();
  });
}

/** Small pictures of every unit that the function names on its way to a prediction. */
export class Units {
  constructor(returns, side) {
    const points = side * side;
    this.side = side;
    this.units = returns.flatMap(({ name, shape }, place) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const count = place && shape.length === 2 && size % points === 0 && shape.includes(points) ? size / points : 0;
      return Array.from({ length: Math.min(count, 16) }, (_, k) => ({ place, shape, k, name: `${name}[${k}]` }));
    });
    this.units.forEach((one) => (one.canvas = canvas(side, side, t('unit', one.name), { class: 'unit' })));
    this.element = h('div', { class: 'units' }, this.units.map((one) => h('figure', {}, one.canvas, h('figcaption', {}, one.name))));
  }

  draw(found) {
    for (const { place, shape, k, canvas: target } of this.units) {
      const value = unit(found[place], shape, k, this.side ** 2);
      let largest = 1e-300;
      for (let i = 0; i < this.side ** 2; i++) largest = Math.max(largest, Math.abs(value(i)));
      paint(target, this.side, (i) => onScale(0.5 + value(i) / largest / 2));
    }
  }
}
