// The paths from a node to the result, and the product along each.

/** The edges, by number, through which the gradient of each node flows back. */
export function usesOf(data) {
  const uses = data.nodes.map(() => []);
  data.edges.forEach((edge, i) => edge.backward && uses[edge.source].push(i));
  return uses;
}

/** How many paths lead from each node to `end`. */
export function counts(data, uses, end) {
  const found = new Array(data.nodes.length).fill(0);
  found[end] = 1;
  for (let i = end - 1; i >= 0; i--) for (const e of uses[i]) found[i] += found[data.edges[e].target];
  return found;
}

/** The first `most` paths from `start` to `end`, each a list of edges. */
export function trace(data, uses, start, end, most) {
  const numbers = counts(data, uses, end);
  const found = [];
  const stack = [{ node: start, path: [] }];
  while (stack.length && found.length < most) {
    const { node, path } = stack.pop();
    if (node === end) found.push(path);
    else {
      const leading = uses[node].filter((e) => numbers[data.edges[e].target] > 0);
      for (const e of leading.reverse()) stack.push({ node: data.edges[e].target, path: [...path, e] });
    }
  }
  return found;
}

/** The product of the local derivatives on a path of numbers, times the start of the backward pass. */
export const product = (path, locals, start) => path.reduce((total, e) => total * locals[e], start);
