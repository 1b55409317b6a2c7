"""PyTorch's operations, written in NumPy and SciPy as a user would: by PyTorch's name a function of its arguments."""
# ruff: noqa: A002, A006, E501, SIM905

import numpy as np
import scipy.special as sp

import tinygrad_dnn as tg
import tinygrad_dnn.numpy as tnp
import tinygrad_dnn.scipy as tsp

T = {}
la = np.linalg


def same(names, module=np):
    for n in names.split():
        theirs, _, ours = n.partition(":")
        T[theirs] = getattr(module, ours or theirs.split(".")[-1])


def _u(f):
    return lambda x, *a, **k: f(x)


for n in """abs acos:arccos acosh:arccosh asin:arcsin asinh:arcsinh atan:arctan atanh:arctanh ceil cos cosh deg2rad exp exp2
 expm1 floor isfinite isinf isnan isneginf isposinf isreal log log10 log1p log2 neg:negative positive rad2deg reciprocal
 sign signbit sin sinc sinh sqrt square tan tanh trunc i0 logical_not real imag conj conj_physical:conj angle fliplr flipud
 clone:copy ravel flatten:ravel atleast_1d atleast_2d atleast_3d contiguous:copy resolve_conj:positive resolve_neg:positive sgn:sign""".split():
    a, _, b = n.partition(":")
    T[a] = _u(getattr(np, b or a)) if a not in ("atleast_1d", "atleast_2d", "atleast_3d") else getattr(np, b or a)
same(
    "atan2:arctan2 copysign eq:equal ne:not_equal lt:less le:less_equal gt:greater ge:greater_equal fmax fmin heaviside hypot logaddexp logaddexp2 maximum minimum mul:multiply logical_and logical_or logical_xor nextafter float_power bitwise_and bitwise_or bitwise_xor gcd lcm fmod remainder pow:power dot kron mm:matmul bmm:matmul mv:matmul matmul outer inner vdot __rmatmul__:matmul isclose floor_divide equal:array_equal allclose"
)
T["__rmatmul__"] = lambda a, b: np.matmul(b, a)
T["float_power"] = lambda a, b: np.float_power(a, b)
T["logit"] = lambda x, eps=None: sp.logit(x if eps is None else np.clip(x, eps, 1 - eps))
T["frac"] = lambda x: np.modf(x)[0]
T["rsqrt"] = lambda x: 1 / np.sqrt(x)
T["round"] = lambda x, decimals=0: np.round(x, decimals)
T["nan_to_num"] = lambda x, nan=None, posinf=None, neginf=None: np.nan_to_num(
    x, nan=0.0 if nan is None else nan, posinf=posinf, neginf=neginf
)
T["add"] = lambda a, b, alpha=1: a + alpha * b
T["sub"] = lambda a, b, alpha=1: a - alpha * b
T["rsub"] = lambda a, b, alpha=1: b - alpha * a
T["__radd__"] = lambda a, b: b + a
T["__rmul__"] = lambda a, b: b * a
T["__rsub__"] = lambda a, b: b - a
T["__rdiv__"] = lambda a, b: b / a
T["__rpow__"] = lambda a, b: b**a
T["__rmod__"] = lambda a, b: b % a


def _div(a, b, rounding_mode=None):
    return a / b if rounding_mode is None else np.floor_divide(a, b) if rounding_mode == "floor" else np.trunc(a / b)


T["div"] = T["true_divide"] = _div
T["clamp"] = lambda x, min=None, max=None: np.clip(x, min, max)
T["clamp_min"] = lambda x, min=None: np.maximum(x, min)
T["clamp_max"] = lambda x, max=None: np.minimum(x, max)
T["lerp"] = lambda a, b, w: a + w * (b - a)
T["addcmul"] = lambda c, a, b, value=1: c + value * a * b
T["addcdiv"] = lambda c, a, b, value=1: c + value * a / b
T["addmm"] = T["baddbmm"] = lambda c, a, b, beta=1, alpha=1: beta * c + alpha * (a @ b)
T["addmv"] = lambda c, a, b, beta=1, alpha=1: beta * c + alpha * (a @ b)
T["addr"] = lambda c, a, b, beta=1, alpha=1: beta * c + alpha * np.outer(a, b)
T["addbmm"] = lambda c, a, b, beta=1, alpha=1: beta * c + alpha * np.sum(a @ b, axis=0)
T["where"] = lambda x, c, y: np.where(c, x, y)
T["masked_fill"] = lambda x, m, v: np.where(m, v, x)
T["H"] = T["T"] = T["t"] = lambda x: x.T
T["mT"] = T["mH"] = lambda x: np.swapaxes(x, -1, -2)


# reductions
def _red(f, **fixed):
    def of(x, dim=None, keepdim=False, dtype=None, **k):
        if dim is not None and not isinstance(dim, int):
            dim = tuple(dim) or None
        y = f(x, axis=dim, keepdims=keepdim, **fixed)
        return y

    return of


for n in "sum mean prod nansum nanmean amax:max amin:min all any count_nonzero".split():
    a, _, b = n.partition(":")
    T[a] = _red(getattr(np, b or a))


def _count(x, dim=None):
    return np.count_nonzero(x, axis=tuple(dim) if isinstance(dim, (list, tuple)) else dim)


T["count_nonzero"] = _count


def _corr(f):
    def of(x, dim=None, unbiased=None, correction=1, keepdim=False):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        if unbiased is not None:
            correction = int(unbiased)
        if dim is not None and not isinstance(dim, int):
            dim = tuple(dim) or None
        return f(x, axis=dim, ddof=1 if correction is None else correction, keepdims=keepdim)

    return of


T["std"], T["var"] = _corr(np.std), _corr(np.var)
T["std_mean"] = lambda x, dim=None, keepdim=False, **k: (
    T["std"](x, dim, keepdim=keepdim, **k),
    T["mean"](x, dim if not isinstance(dim, bool) else None, keepdim),
)
T["var_mean"] = lambda x, dim=None, keepdim=False, **k: (
    T["var"](x, dim, keepdim=keepdim, **k),
    T["mean"](x, dim if not isinstance(dim, bool) else None, keepdim),
)


def _maxmin(f, g):
    def of(x, dim=None, keepdim=False):
        if dim is None:
            return f(x)
        if not isinstance(dim, int):
            return g(x, dim)
        return f(x, axis=dim, keepdims=keepdim)

    return of


T["max"], T["min"] = _maxmin(np.max, np.maximum), _maxmin(np.min, np.minimum)
T["aminmax"] = lambda x, dim=None, keepdim=False: (
    np.min(x, axis=dim, keepdims=keepdim),
    np.max(x, axis=dim, keepdims=keepdim),
)
T["argmax"] = lambda x, dim=None, keepdim=False: np.argmax(x, axis=dim, keepdims=keepdim)
T["argmin"] = lambda x, dim=None, keepdim=False: np.argmin(x, axis=dim, keepdims=keepdim)


def _med(f):
    # torch takes the lower middle entry
    def of(x, dim=None, keepdim=False):
        return f(x, 0.5, axis=dim, keepdims=keepdim, method="lower")

    return of


T["median"], T["nanmedian"] = _med(np.quantile), _med(np.nanquantile)


def _quant(f):
    def of(x, q, dim=None, keepdim=False, interpolation="linear"):
        return f(x, q, axis=dim, keepdims=keepdim, method=interpolation)

    return of


T["quantile"], T["nanquantile"] = _quant(np.quantile), _quant(np.nanquantile)
T["logsumexp"] = lambda x, dim=None, keepdim=False: tg.logsumexp(
    x, axis=tuple(dim) if isinstance(dim, (list, tuple)) else dim, keepdims=keepdim
)
T["cumsum"] = lambda x, dim, dtype=None: np.cumsum(x, axis=dim)
T["cumprod"] = lambda x, dim, dtype=None: np.cumprod(x, axis=dim)
T["cummax"] = lambda x, dim: np.maximum.accumulate(x, axis=dim)
T["cummin"] = lambda x, dim: np.minimum.accumulate(x, axis=dim)
T["logcumsumexp"] = lambda x, dim: np.logaddexp.accumulate(x, axis=dim)
T["cumulative_trapezoid"] = lambda y, x=None, dx=1, dim=-1: np.cumsum(
    (np.take(y, range(1, y.shape[dim]), axis=dim) + np.take(y, range(y.shape[dim] - 1), axis=dim))
    / 2
    * (dx if x is None else np.diff(x)),
    axis=dim,
)
T["trapezoid"] = T["trapz"] = lambda y, x=None, dx=1, dim=-1: np.trapezoid(y, x, dx, axis=dim)
T["diff"] = lambda x, n=1, dim=-1, prepend=None, append=None: np.diff(
    x, n, dim, **{k: v for k, v in {"prepend": prepend, "append": append}.items() if v is not None}
)
T["gradient"] = lambda x, spacing=None, dim=None, edge_order=1: np.gradient(
    x,
    *([] if spacing is None else [spacing] if not isinstance(spacing, (list, tuple)) else spacing),
    axis=tuple(dim) if isinstance(dim, list) else dim,
    edge_order=edge_order,
)
T["sort"] = lambda x, dim=-1, descending=False, stable=None: (
    np.flip(np.sort(x, axis=dim), dim) if descending else np.sort(x, axis=dim)
)
T["msort"] = lambda x: np.sort(x, axis=0)
T["argsort"] = lambda x, dim=-1, descending=False, stable=True: np.argsort(x, axis=dim, kind="stable")
T["kthvalue"] = lambda x, k, dim=-1, keepdim=False: np.take(np.sort(x, axis=dim), [k - 1] if keepdim else k - 1, axis=dim)


def _topk(x, k, dim=-1, largest=True, sorted=True):
    s = np.sort(x, axis=dim)

    s = np.flip(s, dim) if largest else s
    return np.take(s, range(k), axis=dim)


T["topk"] = _topk
# shapes
T["reshape"] = T["view"] = T["view_copy"] = T["reshape_as"] = T["view_as"] = lambda x, *s: np.reshape(x, _shape(s))


def _shape(s):
    if len(s) == 1 and hasattr(s[0], "shape"):
        return s[0].shape
    return tuple(s[0]) if len(s) == 1 and isinstance(s[0], (tuple, list)) else s


T["transpose"] = T["transpose_copy"] = lambda x, a, b: np.swapaxes(x, a, b)
T["t_copy"] = lambda x: x.T
T["permute"] = T["permute_copy"] = lambda x, *d: np.transpose(x, _shape(d))
T["movedim"] = np.moveaxis
T["squeeze"] = T["squeeze_copy"] = lambda x, dim=None: np.squeeze(
    x,
    axis=tuple(
        d for d in ((dim,) if isinstance(dim, int) else range(x.ndim) if dim is None else dim) if x.shape and x.shape[d] == 1
    ),
)
T["unsqueeze"] = T["unsqueeze_copy"] = lambda x, dim: np.expand_dims(x, dim)
T["expand"] = T["expand_copy"] = lambda x, *s: np.broadcast_to(
    x, tuple(x.shape[i - len(_shape(s))] if n == -1 else n for i, n in enumerate(_shape(s)))
)
T["expand_as"] = lambda x, y: np.broadcast_to(x, y.shape)
T["broadcast_to"] = lambda x, s: np.broadcast_to(x, tuple(s))
T["broadcast_tensors"] = lambda *x: np.broadcast_arrays(*x)
T["flip"] = lambda x, dims: np.flip(x, tuple(dims))
T["roll"] = lambda x, shifts, dims=None: np.roll(x, shifts, None if dims in ((), None) else dims)
T["rot90"] = lambda x, k=1, dims=(0, 1): np.rot90(x, k, tuple(dims))
T["tile"] = lambda x, dims: np.tile(x, tuple(dims))
T["repeat"] = lambda x, *r: np.tile(x, _shape(r))
T["cat"] = lambda xs, dim=0: np.concatenate(list(xs), axis=dim)
T["stack"] = lambda xs, dim=0: np.stack(list(xs), axis=dim)
for n in "hstack vstack dstack column_stack".split():
    T[n] = (lambda f: lambda xs: f(list(xs)))(getattr(np, n))
T["hsplit"], T["vsplit"], T["dsplit"] = (
    (lambda x, s: np.hsplit(x, s)),
    (lambda x, s: np.vsplit(x, s)),
    (lambda x, s: np.dsplit(x, s)),
)
T["tensor_split"] = lambda x, s, dim=0: np.array_split(x, s, axis=dim)


def _chunk(x, n, dim=0):
    size = -(-x.shape[dim] // n)
    return np.split(x, range(size, x.shape[dim], size), axis=dim)


T["chunk"] = T["unsafe_chunk"] = _chunk
T["split"] = T["unsafe_split"] = lambda x, s, dim=0: np.split(
    x, range(s, x.shape[dim], s) if isinstance(s, int) else np.cumsum(s)[:-1], axis=dim
)
T["split_with_sizes"] = T["split_with_sizes_copy"] = lambda x, s, dim=0: np.split(x, np.cumsum(s)[:-1], axis=dim)
T["unbind"] = T["unbind_copy"] = lambda x, dim=0: [np.take(x, i, axis=dim) for i in range(x.shape[dim])]
T["meshgrid"] = lambda *x, indexing="ij": np.meshgrid(
    *(x[0] if len(x) == 1 and isinstance(x[0], (list, tuple)) else x), indexing=indexing
)
T["tril"], T["triu"] = (lambda x, diagonal=0: np.tril(x, diagonal)), (lambda x, diagonal=0: np.triu(x, diagonal))
T["diag"] = lambda x, diagonal=0: np.diag(x, diagonal)
T["diagflat"] = lambda x, offset=0: np.diagflat(x, offset)
T["diagonal"] = T["diagonal_copy"] = T["linalg.diagonal"] = lambda x, offset=0, dim1=0, dim2=1: np.diagonal(x, offset, dim1, dim2)
T["linalg.diagonal"] = lambda x, offset=0, dim1=-2, dim2=-1: np.diagonal(x, offset, dim1, dim2)
T["trace"] = np.trace


def _pad(x, pad, mode="constant", value=0.0):
    w = [(0, 0)] * x.ndim
    for i in range(len(pad) // 2):
        w[x.ndim - 1 - i] = (pad[2 * i], pad[2 * i + 1])
    mode = {"reflect": "reflect", "replicate": "edge", "circular": "wrap", "constant": "constant"}[mode]
    return np.pad(x, w, mode=mode, **({"constant_values": 0.0 if value is None else value} if mode == "constant" else {}))


T["constant_pad_nd"] = lambda x, pad, value=0.0: _pad(x, pad, "constant", value)
T["nn.functional.pad"] = _pad
T["narrow"] = T["narrow_copy"] = lambda x, dim, start, length: np.take(
    x,
    range(
        int(start) % (x.shape[dim] or 1) if start < 0 else int(start),
        (int(start) % x.shape[dim] if start < 0 else int(start)) + length,
    ),
    axis=dim,
)
T["select"] = lambda x, dim, index: np.take(x, index, axis=dim)
T["index_select"] = lambda x, dim, index: (
    np.take(x if x.ndim else np.reshape(x, (1,)), index, axis=dim)
    if x.ndim
    else np.reshape(np.take(np.reshape(x, (1,)), index), ())
)
T["take"] = lambda x, i: np.take(x, i)
T["take_along_dim"] = lambda x, i, dim=None: (
    np.take_along_axis(x, i, dim) if dim is not None else np.take_along_axis(np.ravel(x), np.ravel(i), 0)
)
T["gather"] = lambda x, dim, index, sparse_grad=False: np.take_along_axis(x, index, dim)
T["masked_select"] = lambda x, m: np.broadcast_arrays(x, m)[0][np.broadcast_to(m, np.broadcast_shapes(x.shape, m.shape))]
T["__getitem__"] = lambda x, *i: x[
    i[0] if len(i) == 1 and not isinstance(i[0], list) else tuple(i[0]) if isinstance(i[0], list) else i
]
T["unfold"] = T["unfold_copy"] = lambda x, dim, size, step: np.moveaxis(
    np.lib.stride_tricks.sliding_window_view(x, size, axis=dim), -1, -1
)[(slice(None),) * (dim % x.ndim) + (slice(None, None, step),)]
T["fill"] = lambda x, value=None, v=None: np.full_like(x, value)
T["full_like"] = lambda x, v, **k: np.full_like(x, v)
T["zeros_like"], T["ones_like"] = _u(np.zeros_like), _u(np.ones_like)


def _block_diag(*xs):
    xs = [np.atleast_2d(x) for x in xs]
    return np.block([[x if i == j else np.zeros((x.shape[0], y.shape[1])) for j, y in enumerate(xs)] for i, x in enumerate(xs)])


T["block_diag"] = _block_diag
T["cartesian_prod"] = lambda *xs: (
    xs[0] if len(xs) == 1 else np.stack([np.ravel(g) for g in np.meshgrid(*xs, indexing="ij")], axis=1)
)
T["cross"] = lambda a, b, dim=None: np.cross(a, b, axis=-1 if dim is None else dim) if dim is not None else _cross(a, b)


def _cross(a, b):
    i = next(i for i, n in enumerate(a.shape) if n == 3)
    return np.cross(a, b, axis=i)


T["linalg.cross"] = lambda a, b, dim=-1: np.cross(a, b, axis=dim)
T["linalg.vecdot"] = lambda a, b, dim=-1: np.vecdot(a, b, axis=dim)
T["tensordot"] = lambda a, b, dims=2: np.tensordot(a, b, axes=dims)
T["einsum"] = lambda xs, s: np.einsum(s, *xs)
T["cov"] = lambda x, correction=1, fweights=None, aweights=None: np.cov(x, ddof=correction, fweights=fweights, aweights=aweights)
T["corrcoef"] = np.corrcoef
T["bincount"] = lambda x, weights=None, minlength=0: np.bincount(x, weights, minlength)
T["searchsorted"] = lambda s, v, right=False, side=None, out_int32=False, sorter=None: np.searchsorted(
    s, v, side or ("right" if right else "left")
)
T["isin"] = lambda a, b, **k: np.isin(a, b, **k)
T["vander"] = T["linalg.vander"] = lambda x, N=None: np.vander(x, N, increasing=True)
T["dist"] = lambda a, b, p=2: la.norm(np.ravel(a - b), p)
# linalg
T["linalg.det"] = la.det
T["linalg.slogdet"] = lambda a: tuple(la.slogdet(a))
T["logdet"] = lambda a: la.slogdet(a)[1]
T["linalg.inv"] = la.inv
T["linalg.inv_ex"] = la.inv
T["linalg.solve"] = lambda a, b, left=True: _solve(a, b, left)


def _solve(a, b, left=True):
    if not left:
        return np.swapaxes(_solve(np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2)), -1, -2)
    vec = b.ndim == 1 or (a.ndim - 1 == b.ndim and b.shape == a.shape[:-1])
    return la.solve(a, b[..., None])[..., 0] if vec else la.solve(a, b)


T["linalg.solve_ex"] = T["linalg.solve"]


def _chol(a, upper=False):
    c = la.cholesky(a)
    return np.swapaxes(c, -1, -2) if upper else c


T["cholesky"] = T["linalg.cholesky"] = T["linalg.cholesky_ex"] = lambda a, upper=False, **k: _chol(a, upper)
T["cholesky_inverse"] = lambda c, upper=False: la.inv(np.swapaxes(c, -1, -2) @ c if upper else c @ np.swapaxes(c, -1, -2))
T["cholesky_solve"] = lambda b, c, upper=False: la.solve(np.swapaxes(c, -1, -2) @ c if upper else c @ np.swapaxes(c, -1, -2), b)
T["linalg.matrix_power"] = la.matrix_power
T["linalg.multi_dot"] = lambda xs: la.multi_dot(list(xs))
T["linalg.pinv"] = T["pinverse"] = lambda a, rcond=None, atol=None, rtol=None, hermitian=False: (
    la.pinv(a, rcond=rcond if rcond is not None else rtol, hermitian=hermitian) if atol is None else _no()
)


def _no():
    raise NotImplementedError("NumPy has none")


T["linalg.pinv"] = T["pinverse"]
T["linalg.tensorinv"] = lambda a, ind=2: la.tensorinv(a, ind)
T["linalg.tensorsolve"] = lambda a, b, dims=None: la.tensorsolve(a, b, dims)
T["linalg.lstsq"] = lambda a, b, **k: la.lstsq(a, b, rcond=None)[0]
T["linalg.svdvals"] = lambda a: la.svd(a, compute_uv=False)
T["linalg.eigvalsh"] = lambda a, UPLO="L": la.eigvalsh(a, UPLO)


def _sq(v):
    return v * v


T["linalg.eigh"] = lambda a, UPLO="L": (lambda r: (r[0], _sq(r[1])))(la.eigh(a, UPLO))


def _svd(a, full_matrices=False):
    u, s, v = la.svd(a, full_matrices=full_matrices)
    return _sq(u), s, _sq(v)


T["linalg.svd"] = lambda a, full_matrices=True: _svd(a, full_matrices)
T["svd"] = lambda a, some=True, compute_uv=True: (lambda r: (r[0], r[1], np.swapaxes(r[2], -1, -2)))(_svd(a, not some))
T["linalg.qr"] = lambda a, mode="reduced": tuple(la.qr(a, mode)) if mode != "r" else la.qr(a, "r")
T["qr"] = lambda a, some=True: tuple(la.qr(a, "reduced" if some else "complete"))
T["linalg.matrix_rank"] = lambda a, **k: la.matrix_rank(a) if not k else _no()
T["linalg.cond"] = lambda a, p=None: la.cond(a, p)


def _norm(x, ord=None, dim=None, keepdim=False, dtype=None):
    if dim is None and ord is None:
        r = la.norm(np.ravel(x))
        return np.reshape(r, (1,) * x.ndim) if keepdim else r
    return la.norm(x, ord=ord, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


T["linalg.norm"] = _norm


def _vnorm(x, ord=2, dim=None, keepdim=False, dtype=None):
    return la.vector_norm(x, ord=ord, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)


T["linalg.vector_norm"] = _vnorm
T["linalg.matrix_norm"] = lambda x, ord="fro", dim=(-2, -1), keepdim=False, dtype=None: la.norm(
    x, ord=ord, axis=tuple(dim), keepdims=keepdim
)
T["norm"] = lambda x, p="fro", dim=None, keepdim=False, dtype=None: (
    _vnorm(x, 2 if p == "fro" else p, dim, keepdim)
    if p != "nuc"
    else la.norm(x, "nuc", axis=None if dim is None else tuple(dim), keepdims=keepdim)
)
T["linalg.solve_triangular"] = lambda a, b, upper=None, left=True, unitriangular=False: (
    tsp.linalg.solve_triangular(a, b, lower=not upper, unit_diagonal=unitriangular) if left and a.ndim == 2 else _no()
)
T["triangular_solve"] = lambda b, a, upper=True, transpose=False, unitriangular=False: (
    tsp.linalg.solve_triangular(a, b, lower=not upper, unit_diagonal=unitriangular, trans=int(transpose)) if a.ndim == 2 else _no()
)
T["matrix_exp"] = lambda a: tsp.linalg.expm(a)
# fft, as far as it is real
T["fft.fftshift"] = lambda x, dim=None: np.fft.fftshift(x, dim)
T["fft.ifftshift"] = lambda x, dim=None: np.fft.ifftshift(x, dim)
# special
T["special.entr"] = sp.entr
T["special.erfcx"] = sp.erfcx
T["erf"] = sp.erf
T["erfc"] = sp.erfc
T["erfinv"] = sp.erfinv
T["special.i0e"], T["special.i1"], T["special.i1e"] = sp.i0e, sp.i1, sp.i1e
T["special.log_ndtr"], T["special.ndtr"], T["special.ndtri"] = sp.log_ndtr, sp.ndtr, sp.ndtri
T["xlogy"] = sp.xlogy
T["special.xlog1py"] = sp.xlog1py
T["special.zeta"] = sp.zeta
T["special.bessel_j0"], T["special.bessel_j1"], T["special.bessel_y0"], T["special.bessel_y1"] = (
    sp.j0,
    sp.j1,
    sp.y0,
    sp.y1,
)
(
    T["special.modified_bessel_i0"],
    T["special.modified_bessel_i1"],
    T["special.modified_bessel_k0"],
    T["special.modified_bessel_k1"],
) = sp.i0, sp.i1, sp.k0, sp.k1
T["special.scaled_modified_bessel_k0"], T["special.scaled_modified_bessel_k1"] = sp.k0e, sp.k1e
T["lgamma"], T["digamma"] = sp.gammaln, sp.psi
T["polygamma"] = T["special.polygamma"] = lambda x, n: tsp.special.polygamma(n, x)
T["mvlgamma"] = lambda x, p: tsp.special.multigammaln(x, p)
T["igamma"], T["igammac"] = sp.gammainc, sp.gammaincc
T["sigmoid"] = tg.sigmoid
# nn.functional
F = "nn.functional."
T[F + "relu"] = lambda x, inplace=False: tg.relu(x)
T[F + "relu6"] = lambda x, inplace=False: np.minimum(tg.relu(x), 6)
T[F + "leaky_relu"] = lambda x, negative_slope=0.01, inplace=False: tg.leaky_relu(x, negative_slope)
T[F + "softplus"] = lambda x, beta=1, threshold=20: np.where(beta * x > threshold, x, tg.softplus(beta * x) / beta)
T["softmax"] = lambda x, dim, dtype=None: tg.softmax(x, axis=dim)
T["log_softmax"] = lambda x, dim, dtype=None: tg.log_softmax(x, axis=dim)
T[F + "softmin"] = lambda x, dim=None, dtype=None: tg.softmax(-x, axis=dim)
T[F + "logsigmoid"] = lambda x: -np.logaddexp(0, -x)
T[F + "silu"] = lambda x, inplace=False: x * tg.sigmoid(x)
T[F + "mish"] = lambda x, inplace=False: x * np.tanh(tg.softplus(x))
T[F + "gelu"] = lambda x, approximate="none": (
    x * sp.ndtr(x) if approximate == "none" else 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
)
T[F + "elu"] = lambda x, alpha=1.0, inplace=False: np.where(x > 0, x, alpha * np.expm1(x))
T[F + "celu"] = lambda x, alpha=1.0, inplace=False: np.where(x > 0, x, alpha * np.expm1(x / alpha))
T[F + "selu"] = lambda x, inplace=False: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
T[F + "hardtanh"] = lambda x, min_val=-1, max_val=1, inplace=False: np.clip(x, min_val, max_val)
T[F + "hardsigmoid"] = lambda x, inplace=False: np.clip(x + 3, 0, 6) / 6
T[F + "hardswish"] = lambda x, inplace=False: x * np.clip(x + 3, 0, 6) / 6
T[F + "hardshrink"] = lambda x, lambd=0.5: np.where(np.abs(x) > lambd, x, 0)
T[F + "softshrink"] = lambda x, lambd=0.5: np.where(x > lambd, x - lambd, np.where(x < -lambd, x + lambd, 0 * x))
T[F + "softsign"] = lambda x: x / (1 + np.abs(x))
T[F + "tanhshrink"] = lambda x: x - np.tanh(x)
T[F + "threshold"] = lambda x, threshold, value, inplace=False: np.where(x > threshold, x, value)
T[F + "prelu"] = lambda x, w: np.where(
    x > 0, x, x * (np.reshape(w, (-1,) + (1,) * max(x.ndim - 2, 0)) if x.ndim > 1 and w.ndim else w)
)
T[F + "glu"] = lambda x, dim=-1: (lambda a, b: a * tg.sigmoid(b))(*np.split(x, 2, axis=dim))


def _reduced(l, reduction="mean"):
    return np.mean(l) if reduction == "mean" else np.sum(l) if reduction == "sum" else l


T[F + "mse_loss"] = lambda x, y, reduction="mean", weight=None: _reduced((x - y) ** 2, reduction) if weight is None else _no()
T[F + "l1_loss"] = lambda x, y, reduction="mean": _reduced(np.abs(x - y), reduction)
T[F + "smooth_l1_loss"] = lambda x, y, reduction="mean", beta=1.0: _reduced(
    (lambda d: np.where(d < beta, 0.5 * d * d / (beta or 1.0), d - 0.5 * beta))(np.abs(x - y)), reduction
)
T[F + "huber_loss"] = lambda x, y, reduction="mean", delta=1.0, weight=None: _reduced(
    (lambda d: np.where(d < delta, 0.5 * d * d, delta * (d - 0.5 * delta)))(np.abs(x - y)), reduction
)
T[F + "soft_margin_loss"] = lambda x, y, reduction="mean": _reduced(np.log1p(np.exp(-y * x)), reduction)
T[F + "hinge_embedding_loss"] = lambda x, y, margin=1.0, reduction="mean": _reduced(
    np.where(y == 1, x, 0) + np.where(y == -1, np.maximum(0, margin - x), 0), reduction
)
T[F + "margin_ranking_loss"] = lambda a, b, y, margin=0.0, reduction="mean": _reduced(
    np.maximum(0, -y * (a - b) + margin), reduction
)
T[F + "binary_cross_entropy"] = lambda x, y, weight=None, reduction="mean": _reduced(
    -(1 if weight is None else weight) * (y * np.maximum(np.log(x), -100) + (1 - y) * np.maximum(np.log(1 - x), -100)),
    reduction,
)
T[F + "binary_cross_entropy_with_logits"] = lambda x, y, weight=None, reduction="mean", pos_weight=None: _reduced(
    (1 if weight is None else weight)
    * ((1 - y) * x + (1 if pos_weight is None else (pos_weight - 1) * y + 1) * np.logaddexp(0, -x)),
    reduction,
)
T[F + "poisson_nll_loss"] = lambda x, y, log_input=True, full=False, eps=1e-8, reduction="mean": _reduced(
    ((np.exp(x) - y * x) if log_input else x - y * np.log(x + eps))
    + (np.where(y > 1, y * np.log(np.where(y > 1, y, 1)) - y + 0.5 * np.log(2 * np.pi * np.where(y > 1, y, 1)), 0) if full else 0),
    reduction,
)
T[F + "gaussian_nll_loss"] = lambda x, y, v, full=False, eps=1e-6, reduction="mean": _reduced(
    0.5 * (np.log(np.maximum(v, eps)) + (x - y) ** 2 / np.maximum(v, eps)) + (0.5 * np.log(2 * np.pi) if full else 0),
    reduction,
)
T[F + "kl_div"] = lambda x, y, reduction="mean", log_target=False: (
    lambda l: np.sum(l) / x.shape[0] if reduction == "batchmean" else _reduced(l, reduction)
)(np.exp(y) * (y - x) if log_target else sp.xlogy(y, y) - y * x)
T[F + "linear"] = lambda x, w, b=None: (
    x @ np.swapaxes(w, -1, -2) + (0 if b is None else b) if w.ndim > 1 else np.dot(x, w) + (0 if b is None else b)
)
T[F + "bilinear"] = lambda a, b, w, bias=None: np.einsum("...i,kij,...j->...k", a, w, b) + (0 if bias is None else bias)
T[F + "layer_norm"] = lambda x, shape, weight=None, bias=None, eps=1e-5: (
    lambda a: (
        (x - np.mean(x, axis=a, keepdims=True))
        / np.sqrt(np.var(x, axis=a, keepdims=True) + eps)
        * (1 if weight is None else weight)
        + (0 if bias is None else bias)
    )
)(tuple(range(-len(shape), 0)))
T[F + "rms_norm"] = lambda x, shape, weight=None, eps=None: (
    lambda a: (
        x
        / np.sqrt(np.mean(x * x, axis=a, keepdims=True) + (np.finfo(float).eps if eps is None else eps))
        * (1 if weight is None else weight)
    )
)(tuple(range(-len(shape), 0)))


def _channels(p, x):
    return np.reshape(p, (1, -1) + (1,) * (x.ndim - 2))


def _group(x, groups, weight=None, bias=None, eps=1e-5):
    y = np.reshape(x, (x.shape[0], groups, -1))
    y = np.reshape((y - np.mean(y, axis=-1, keepdims=True)) / np.sqrt(np.var(y, axis=-1, keepdims=True) + eps), x.shape)
    return y * (1 if weight is None else _channels(weight, x)) + (0 if bias is None else _channels(bias, x))


T[F + "group_norm"] = _group
T[F + "instance_norm"] = (
    lambda x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5: (
        _group(x, x.shape[1], weight, bias, eps) if use_input_stats else _no()
    )
)


def _batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    axes = (0, *range(2, x.ndim))
    m, v = (
        (np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True))
        if training
        else (_channels(running_mean, x), _channels(running_var, x))
    )
    return (x - m) / np.sqrt(v + eps) * (1 if weight is None else _channels(weight, x)) + (
        0 if bias is None else _channels(bias, x)
    )


T[F + "batch_norm"] = _batch_norm
T[F + "normalize"] = lambda x, p=2.0, dim=1, eps=1e-12: (
    x / np.maximum(la.vector_norm(x, ord=p, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=True), eps)
)
T[F + "cosine_similarity"] = lambda a, b, dim=1, eps=1e-8: (
    np.sum(a * b, axis=dim) / (np.maximum(la.norm(a, axis=dim), eps) * np.maximum(la.norm(b, axis=dim), eps))
)
T[F + "pairwise_distance"] = lambda a, b, p=2.0, eps=1e-6, keepdim=False: la.norm(a - b + eps, ord=p, axis=-1, keepdims=keepdim)
T[F + "triplet_margin_loss"] = lambda a, p_, n, margin=1.0, p=2, eps=1e-6, swap=False, reduction="mean": _reduced(
    np.maximum(
        0,
        margin
        + la.norm(a - p_ + eps, ord=p, axis=-1)
        - (lambda d: np.minimum(d, la.norm(p_ - n + eps, ord=p, axis=-1)) if swap else d)(la.norm(a - n + eps, ord=p, axis=-1)),
    ),
    reduction,
)
T[F + "embedding"] = lambda i, w, **k: w[i] if not k else _no()
T[F + "channel_shuffle"] = lambda x, g: np.reshape(np.swapaxes(np.reshape(x, (x.shape[0], g, -1, *x.shape[2:])), 1, 2), x.shape)


def _pixel_shuffle(x, r):
    *b, c, h, w = x.shape
    y = np.reshape(x, (*b, c // r**2, r, r, h, w))
    n = len(b)
    return np.reshape(np.transpose(y, (*range(n), n, n + 3, n + 1, n + 4, n + 2)), (*b, c // r**2, h * r, w * r))


T[F + "pixel_shuffle"] = _pixel_shuffle


def _pixel_unshuffle(x, r):
    *b, c, h, w = x.shape
    y = np.reshape(x, (*b, c, h // r, r, w // r, r))
    n = len(b)
    return np.reshape(np.transpose(y, (*range(n), n, n + 2, n + 4, n + 1, n + 3)), (*b, c * r**2, h // r, w // r))


T[F + "pixel_unshuffle"] = _pixel_unshuffle


def _cross_entropy(x, y, weight=None, reduction="mean", label_smoothing=0.0, ignore_index=-100):
    if weight is not None or label_smoothing or ignore_index != -100 or y.dtype.kind != "i" or x.ndim < 2:
        return _no()
    l = tg.log_softmax(x, axis=1)
    picked = -np.squeeze(np.take_along_axis(l, np.expand_dims(y, 1), 1), 1)
    return _reduced(picked, reduction)


T[F + "cross_entropy"] = _cross_entropy


def _attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    if dropout_p or enable_gqa or is_causal:
        return _no()
    s = q @ np.swapaxes(k, -1, -2) * (scale or 1 / np.sqrt(q.shape[-1]))
    if attn_mask is not None:
        s = np.where(attn_mask, s, -np.inf) if attn_mask.dtype == bool else s + attn_mask
    return tg.softmax(s, axis=-1) @ v


T[F + "scaled_dot_product_attention"] = _attention
T["cdist"] = lambda a, b, p=2.0, compute_mode=None: la.norm(np.expand_dims(a, -2) - np.expand_dims(b, -3), ord=p, axis=-1)
T[F + "pdist"] = lambda x, p=2.0: (lambda i: la.norm(x[i[0]] - x[i[1]], ord=p, axis=-1))(np.triu_indices(x.shape[0], 1))


def _avg_pool(n):
    def of(x, kernel, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        if ceil_mode or divisor_override or not count_include_pad:
            return _no()
        k = (kernel,) * n if isinstance(kernel, int) else tuple(kernel) * (n // len(kernel))
        s = k if stride in (None, ()) else (stride,) * n if isinstance(stride, int) else tuple(stride)
        p = (padding,) * n if isinstance(padding, int) else tuple(padding)
        x = np.pad(x, [(0, 0)] * (x.ndim - n) + [(q, q) for q in p])
        w = np.lib.stride_tricks.sliding_window_view(x, k, axis=tuple(range(-n, 0)))
        return np.mean(w[(..., *(slice(None, None, t) for t in s), *(slice(None),) * n)], axis=tuple(range(-n, 0)))

    return of


def _max_pool(n):
    def of(x, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        if ceil_mode or dilation not in (1, (1,) * n):
            return _no()
        k = (kernel_size,) * n if isinstance(kernel_size, int) else tuple(kernel_size)
        s = k if stride in (None, ()) else (stride,) * n if isinstance(stride, int) else tuple(stride)
        p = (padding,) * n if isinstance(padding, int) else tuple(padding)
        x = np.pad(x, [(0, 0)] * (x.ndim - n) + [(q, q) for q in p], constant_values=-np.inf)
        w = np.lib.stride_tricks.sliding_window_view(x, k, axis=tuple(range(-n, 0)))
        return np.max(w[(..., *(slice(None, None, t) for t in s), *(slice(None),) * n)], axis=tuple(range(-n, 0)))

    return of


for n in (1, 2, 3):
    T[F + f"avg_pool{n}d"], T[F + f"max_pool{n}d"] = _avg_pool(n), _max_pool(n)


def _conv(n):
    def of(x, w, bias=None, stride=1, padding=0, dilation=1, groups=1):
        if groups != 1 or isinstance(padding, str):
            return _no()
        s, p, d = ((v,) * n if isinstance(v, int) else tuple(v) for v in (stride, padding, dilation))
        batched = x.ndim == n + 2
        x = x if batched else x[None]
        x = np.pad(x, [(0, 0), (0, 0)] + [(q, q) for q in p])
        k = tuple((m - 1) * e + 1 for m, e in zip(w.shape[2:], d))
        v = np.lib.stride_tricks.sliding_window_view(x, k, axis=tuple(range(2, n + 2)))
        v = v[(slice(None), slice(None), *(slice(None, None, t) for t in s), *(slice(None, None, e) for e in d))]
        o, kk = "xyz"[:n], "klm"[:n]
        y = np.einsum(f"bc{o}{kk},oc{kk}->bo{o}", v, w) + (0 if bias is None else np.reshape(bias, (1, -1) + (1,) * n))
        return y if batched else y[0]

    return of


for n in (1, 2, 3):
    T[F + f"conv{n}d"] = _conv(n)


# masked reductions
def _masked(f, fill=None):
    def of(x, dim=None, keepdim=False, mask=None, dtype=None):
        if dim is not None and not isinstance(dim, int):
            dim = tuple(dim)
        k = {"where": np.broadcast_to(mask, x.shape)} if mask is not None else {}
        if fill is not None:
            k["initial"] = fill
        return f(x, axis=dim, keepdims=keepdim, **k)

    return of


T["masked.sum"], T["masked.prod"], T["masked.mean"] = _masked(np.sum), _masked(np.prod), _masked(np.mean)
T["masked.amax"], T["masked.amin"] = _masked(np.max, -np.inf), _masked(np.min, np.inf)


def _mcorr(f):
    def of(x, dim=None, unbiased=True, keepdim=False, mask=None, dtype=None):
        if dim is not None and not isinstance(dim, int):
            dim = tuple(dim)
        return f(
            x,
            axis=dim,
            keepdims=keepdim,
            ddof=int(unbiased),
            **({"where": np.broadcast_to(mask, x.shape)} if mask is not None else {}),
        )

    return of


T["masked.var"], T["masked.std"] = _mcorr(np.var), _mcorr(np.std)


def _mfill(x, mask, v):
    return x if mask is None else np.where(mask, x, v)


T["masked.softmax"] = lambda x, dim, mask=None, dtype=None: tg.softmax(_mfill(x, mask, -np.inf), axis=dim)
T["masked.log_softmax"] = lambda x, dim, mask=None, dtype=None: tg.log_softmax(_mfill(x, mask, -np.inf), axis=dim)
T["masked.softmin"] = lambda x, dim, mask=None, dtype=None: tg.softmax(_mfill(-x, mask, -np.inf), axis=dim)
T["masked.logsumexp"] = lambda x, dim, keepdim=False, mask=None, dtype=None: tg.logsumexp(
    _mfill(x, mask, -np.inf), axis=dim if isinstance(dim, int) else tuple(dim), keepdims=keepdim
)
T["masked.cumsum"] = lambda x, dim, mask=None, dtype=None: np.cumsum(_mfill(x, mask, 0), axis=dim)
T["masked.cumprod"] = lambda x, dim, mask=None, dtype=None: np.cumprod(_mfill(x, mask, 1), axis=dim)
T["masked.norm"] = lambda x, ord, dim=None, keepdim=False, mask=None, dtype=None: la.vector_norm(
    _mfill(x, mask, np.inf if ord == -np.inf else 0),
    ord=ord,
    axis=tuple(dim) if isinstance(dim, (list, tuple)) else dim,
    keepdims=keepdim,
)


# writes
def _index_add(x, dim, index, source, alpha=1):
    if x.ndim == 0:
        return _no()
    y = np.moveaxis(tnp.array(x) + 0, dim, 0)
    np.add.at(y, index, alpha * np.moveaxis(source, dim, 0))
    return np.moveaxis(y, 0, dim)


T["index_add"] = _index_add


def _index_put(x, index, value, accumulate=False):
    y = tnp.array(x) + 0
    if accumulate:
        np.add.at(y, tuple(index), value)
    else:
        y[tuple(index)] = value
    return y


T["index_put"] = _index_put


def _index_copy(x, dim, index, source):
    if x.ndim == 0:
        return _no()
    y = tnp.array(x) + 0
    y[(slice(None),) * (dim % x.ndim) + (index,)] = source
    return y


T["index_copy"] = _index_copy


def _index_fill(x, dim, index, value):
    if x.ndim == 0:
        return _no()
    y = tnp.array(x) + 0
    y[(slice(None),) * (dim % x.ndim) + (index,)] = value
    return y


T["index_fill"] = _index_fill


def _select_scatter(x, src, dim, index):
    y = tnp.array(x) + 0
    y[(slice(None),) * (dim % x.ndim) + (index,)] = src
    return y


T["select_scatter"] = _select_scatter


def _slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    y = tnp.array(x) + 0
    y[(slice(None),) * (dim % x.ndim) + (slice(start, end, step),)] = src
    return y


T["slice_scatter"] = _slice_scatter


def _masked_scatter(x, mask, src):
    y = tnp.array(x) + 0
    m = np.broadcast_to(mask, x.shape)
    y[m] = np.ravel(src)[: int(np.sum(m))]
    return y


T["masked_scatter"] = _masked_scatter


def _put(x, index, src, accumulate=False):
    y = np.ravel(tnp.array(x) + 0)
    if accumulate:
        np.add.at(y, np.ravel(index), np.ravel(src))
    else:
        y[np.ravel(index)] = np.ravel(src)
    return np.reshape(y, x.shape)


T["put"] = _put

T["ldexp"] = lambda x, i: x * 2.0**i
T["sgn"] = lambda x: np.sign(x)
T["fill"] = lambda x, value=None, v=None: np.full_like(x, value)
T["repeat_interleave"] = lambda x, repeats, dim=None, output_size=None: np.repeat(x, repeats, axis=dim)
T["nn.functional.pixel_shuffle"] = lambda x, upscale_factor: _pixel_shuffle(x, upscale_factor)
T["nn.functional.pixel_unshuffle"] = lambda x, downscale_factor: _pixel_unshuffle(x, downscale_factor)
T["nn.functional.embedding"] = lambda i, w, **k: w[i] if not k or set(k) <= {"padding_idx"} else _no()
