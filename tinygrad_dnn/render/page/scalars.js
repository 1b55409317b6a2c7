// Graphs of single numbers, run again with other inputs, forward and backward.

// The functions are written from the declarations of the ops, by html.py.
import { OPS } from './ops.js';
import { lazyList } from './lazy.js';

const known = (program) =>
  !Array.isArray(program) || (program[0] in OPS && program.slice(1).every((part) => known(part)));

/** True if every op and every rule of a graph of numbers can be run here. */
export function supported(data) {
  if (!data.scalar) return false;
  const programs = [
    ...data.nodes.map((node) => node.forward && data.formulas[node.forward.own]),
    ...data.edges.map((edge) => edge.backward && (data.formulas[edge.backward.own] ?? {})),
  ];
  return programs.every((formula) => !formula || (formula.program !== undefined && known(formula.program)));
}

const NUMBERS = { nan: NaN, inf: Infinity, '-inf': -Infinity };

/** Run a program: an op and its operands in a list, the name of a value in `space`, or a number. */
export function run(program, space) {
  if (Array.isArray(program)) return OPS[program[0]](...program.slice(1).map((part) => run(part, space)));
  if (typeof program !== 'string') return program;
  return program in NUMBERS ? NUMBERS[program] : space[program];
}

/** The number in a value or in an array of one entry. */
export function only(value) {
  const x = typeof value === 'object' ? value.rows[0][0] : value;
  return Number(x in NUMBERS ? NUMBERS[x] : x);
}

const like = (value, x) => (typeof value === 'object' ? { rows: [[x]], norm: Math.abs(x) } : x);

/** All numbers as they were recorded. */
export const recorded = (data) => ({
  values: data.nodes.map((node) => node.value),
  gradients: lazyList(data.nodes.length, (i) => data.nodes[i].gradient),
  locals: lazyList(data.edges.length, (e) => data.edges[e].local),
  contributions: lazyList(data.edges.length, (e) => data.edges[e].contribution),
});

/** All numbers, with other values for the leaves in `given`, a Map from their places. */
export function evaluated(data, given) {
  const before = recorded(data);
  const values = data.nodes.map((node, i) => (given.has(i) ? given.get(i) : only(node.value)));
  const spaces = data.nodes.map((node, i) => forward(data, node, i, values));
  const gradients = data.nodes.map(() => undefined);
  gradients[data.outputs[0]] = only(before.gradients[data.outputs[0]] ?? 1);
  const locals = data.edges.map(() => undefined);
  const contributions = data.edges.map(() => undefined);
  for (let e = data.edges.length - 1; e >= 0; e--) {
    const { source, target, backward } = data.edges[e];
    if (!backward || gradients[target] === undefined) continue;
    const program = data.formulas[backward.own].program;
    locals[e] = run(program, { ...spaces[target], bar: 1 });
    contributions[e] = run(program, { ...spaces[target], bar: gradients[target] });
    gradients[source] = (gradients[source] ?? 0) + contributions[e];
  }
  const kept = (found, old) => found.map((x, i) => (old[i] === undefined ? undefined : like(old[i], x ?? 0)));
  return {
    values: kept(values, before.values),
    gradients: kept(gradients, before.gradients),
    locals,
    contributions: kept(contributions, before.contributions),
  };
}

/** Compute a node in place, and return the values that its rules use. */
function forward(data, node, i, values) {
  const space = {};
  (node.operands ?? []).forEach((x, k) => (space[k] = typeof x === 'number' ? values[x] : only(x.value)));
  if (node.forward) values[i] = run(data.formulas[node.forward.own].program, space);
  space.out = values[i];
  return space;
}
