// The state of a walk through the graph: the step, and the state of each node.

export const FORWARD = 'forward';
export const BACKWARD = 'backward';

export const isLeaf = (node) => !node.forward;

/** The nodes in the order of each pass: forward oldest first, backward newest first. */
export function orders(nodes) {
  const ids = nodes.map((_, i) => i);
  return {
    [FORWARD]: ids.filter((i) => !isLeaf(nodes[i])),
    [BACKWARD]: ids.filter((i) => 'gradient' in nodes[i]).reverse(),
  };
}

/** The place of every node in a pass, from 1; 0 if the pass skips it. */
export function placesOf(order, size) {
  const places = new Array(size).fill(0);
  order.forEach((i, k) => (places[i] = k + 1));
  return places;
}

/** The state of a node in a pass; "none" if the pass skips it. Leaves are "done" before the forward pass begins. */
export function status(place, at, leaf, pass) {
  if (place === 0) return leaf && pass === FORWARD ? 'done' : 'none';
  return place < at ? 'done' : place === at ? 'computing' : 'waiting';
}

/** Move within a pass of `length` steps; 0 is before the first. */
export const moved = (at, by, length) => Math.max(0, Math.min(length, at + by));

export const SIGNS = { waiting: '○', computing: '▶', done: '✓', none: '·' };
