// The matrix product of typed arrays: two rows by two columns at a time, so that each entry that is read is used twice.

const plus = (total, x) => total + x;
const plus_product = (total, x, y) => total + x * y;

/** Write a times b into out, n rows of p columns and k terms; either may be stored transposed. */
function product(out, a, aTurned, b, bTurned, n, k, p) {
  const rows = aTurned ? turned(a, k, n) : a;
  const columns = bTurned ? b : turned(b, k, p);
  for (let i = 0; i < n; i += 2) {
    const i1 = Math.min(i + 1, n - 1);
    for (let j = 0; j < p; j += 2) {
      const j1 = Math.min(j + 1, p - 1);
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let l = 0; l < k; l++) {
        const x0 = rows[i * k + l];
        const x1 = rows[i1 * k + l];
        const y0 = columns[j * k + l];
        const y1 = columns[j1 * k + l];
        s00 += x0 * y0;
        s01 += x0 * y1;
        s10 += x1 * y0;
        s11 += x1 * y1;
      }
      out[i1 * p + j1] = s11;
      out[i1 * p + j] = s10;
      out[i * p + j1] = s01;
      out[i * p + j] = s00;
    }
  }
}

/** The transpose of an array of n rows and k columns. */
function turned(a, n, k) {
  const made = new Float64Array(n * k);
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) made[j * n + i] = a[i * k + j];
  return made;
}
