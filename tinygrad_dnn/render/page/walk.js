// Where a walk through the graph stands: which step, and what each node is waiting for.

export const FORWARD = 'forward';
export const BACKWARD = 'backward';

export const isLeaf = (node) => !node.forward;

/** The nodes in the order in which each pass comes to them: forward oldest first, backward newest first. */
export function orders(nodes) {
  const ids = nodes.map((_, i) => i);
  return {
    [FORWARD]: ids.filter((i) => !isLeaf(nodes[i])),
    [BACKWARD]: ids.filter((i) => nodes[i].gradient !== undefined).reverse(),
  };
}

/** For each pass the place of every node in it, from 1; 0 where the pass does not come to it. */
export function placesOf(order, size) {
  const places = new Array(size).fill(0);
  order.forEach((i, k) => (places[i] = k + 1));
  return places;
}

/**
 * The state of a node in a pass: "waiting", "computing" or "done", and "none" if the pass does not come to it. Leaves
 * are there from the beginning of the forward pass.
 */
export function status(place, at, leaf, pass) {
  if (place === 0) return leaf && pass === FORWARD ? 'done' : 'none';
  return place < at ? 'done' : place === at ? 'computing' : 'waiting';
}

/** Move within a pass of `length` steps; 0 is before the first. */
export const moved = (at, by, length) => Math.max(0, Math.min(length, at + by));

export const SIGNS = { waiting: '○', computing: '▶', done: '✓', none: '·' };
