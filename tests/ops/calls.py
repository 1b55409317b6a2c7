"""NumPy functions called as people call them, over the operands below."""

import numpy as np

from tests.ops.source import source

draw = source(7)
OPERANDS = {
    "s": draw()[()],
    "v": draw(3),
    "w": draw(3),
    "A": draw(2, 3),
    "B": draw(2, 3),
    "C": draw(3, 2),
    "T": draw(2, 3, 4),
    "M": draw(3, 3) + 4 * np.eye(3),
    "S": np.diag([1.0, 2.0, 3.5]) + 0.1 * np.ones((3, 3)),
    "D": draw(4, 2),
    "P": draw(2, 3, low=0.2, high=0.9),
}
"""The numbers keep their distance from each other and from integers; P is positive, S positive definite."""

ELEMENTWISE = """
A + B; A + v; A - 2; 2 - A; A * s; A / P; 1 / P; A // P; A % P; P ** 2; P ** v; 2 ** A; -A; +A; abs(A); np.add(A, v)
np.subtract(A, v); np.multiply(A, v); np.divide(A, P); np.true_divide(A, P); np.floor_divide(A, P)
np.remainder(A, P); np.mod(A, P); np.fmod(A, P); np.divmod(A, P); divmod(A, P); np.modf(A); np.ldexp(A, 2)
np.power(P, v); np.float_power(P, v); np.negative(A); np.positive(A); np.abs(A); np.absolute(A); np.fabs(A)
np.sign(A); np.copysign(A, B); np.heaviside(A, 0.5); np.reciprocal(P); np.square(A); np.sqrt(P); np.cbrt(P)
np.hypot(A, B); np.exp(A); np.exp2(A); np.expm1(A); np.log(P); np.log2(P); np.log10(P); np.log1p(P)
np.logaddexp(A, B); np.logaddexp2(A, B); np.sin(A); np.cos(A); np.tan(P); np.arcsin(P); np.arccos(P); np.arctan(A)
np.arctan2(A, B); np.sinh(A); np.cosh(A); np.tanh(A); np.arcsinh(A); np.arccosh(P + 1); np.arctanh(P); np.sinc(A)
np.i0(A); np.degrees(A); np.rad2deg(A); np.radians(A); np.deg2rad(A); np.maximum(A, B); np.minimum(A, B)
np.fmax(A, B); np.fmin(A, B); np.clip(A, -1, 1); np.clip(A, None, 0.5); np.clip(A, a_min=-1, a_max=1); A.clip(-1, 1)
np.floor(A); np.ceil(A); np.trunc(A); np.fix(A); np.rint(A); np.round(A); np.around(A); np.round(A, 1); A.round()
np.real(A); np.imag(A); np.conj(A); np.conjugate(A); np.angle(P); np.real_if_close(A); np.nan_to_num(A)
np.where(A > 0, A, B); np.where(B > A, s, 0.0); np.interp(P, np.arange(3.0), v)
"""

REDUCTIONS = """
np.sum(A); np.sum(A, 0); np.sum(A, axis=1, keepdims=True); np.sum(T, axis=(0, 2)); A.sum(); A.sum(0)
A.sum(axis=-1, keepdims=True); np.add.reduce(A); np.add.reduce(A, axis=None); np.mean(A); np.mean(T, axis=(0, 1))
A.mean(axis=1, keepdims=True); A.mean(0); np.prod(A); np.prod(A, 1); A.prod(axis=0); np.multiply.reduce(A, axis=1)
np.var(A); np.var(A, 0); np.var(A, axis=1, ddof=1, keepdims=True); A.var(); np.std(A); np.std(A, axis=0, ddof=1)
A.std(axis=1); np.max(A); np.max(A, 0); np.amax(A, axis=1, keepdims=True); A.max(); A.max(axis=0)
np.maximum.reduce(A); np.min(A); np.min(A, 0); np.amin(A, axis=1, keepdims=True); A.min(); A.min(axis=0)
np.minimum.reduce(A); np.ptp(A); np.ptp(A, axis=0); np.nansum(A); np.nanmean(A); np.nanmax(A); np.nanmin(A)
np.nanprod(A); np.nanvar(A); np.nanstd(A); np.average(A); np.average(A, axis=0)
np.average(A, axis=1, weights=np.abs(v)); np.median(A); np.median(A, axis=0); np.quantile(A, 0.3)
np.percentile(A, 30, axis=1); np.cumsum(A); np.nancumsum(A); np.nancumprod(A); np.cumulative_sum(v)
np.cumulative_prod(v); np.cumsum(A, 0); np.cumsum(A, axis=1); A.cumsum(axis=1); np.add.accumulate(A); np.cumprod(A)
np.cumprod(A, axis=1); A.cumprod(0); np.multiply.accumulate(A); np.diff(A); np.diff(A, axis=0); np.diff(T, n=2)
np.ediff1d(v); np.gradient(v); np.gradient(A); np.gradient(T, 0.5, axis=2); np.trapezoid(A); np.trapezoid(v, dx=0.5)
np.linalg.norm(A); np.linalg.norm(v); np.linalg.norm(A, axis=1, keepdims=True); np.linalg.norm(A, 'fro')
np.linalg.norm(v, 1); np.linalg.norm(v, np.inf); np.linalg.norm(v, 3); np.linalg.vector_norm(v)
np.linalg.matrix_norm(A); np.linalg.norm(M, 'nuc'); np.linalg.norm(M, 2)
np.quantile(A, [[0.3, 0.7]], axis=1, keepdims=True); np.quantile(A, 0.3 + 0.1 * s, axis=1); np.percentile(A, 50 + s)
np.quantile(A, 0.3, method='hazen'); np.quantile(A, 0.3, method='inverted_cdf'); np.percentile(A, [30, 60], axis=0)
np.nanmedian(A); np.nanmedian(np.where([[1, 0, 1], [0, 1, 1]], A, np.nan), axis=0)
np.nanquantile(np.where([[1, 0, 1], [0, 1, 1]], A, np.nan), [0.3, 0.6], axis=1, keepdims=True)
np.nanpercentile(np.where([[1, 0, 1], [0, 1, 1]], A, np.nan), 40, axis=1)
np.nanquantile(np.where([[1, 0, 1], [0, 1, 1]], A, np.nan), 0.6 + 0.1 * s, axis=0)
np.cov(A); np.cov(A, B, rowvar=False); np.cov(v, w); np.cov(v, ddof=0); np.cov(A, bias=True)
np.cov(A, fweights=[1, 2, 1], aweights=[0.5, 0.2, 0.3]); np.cov(A, aweights=P[0]); np.corrcoef(A); np.corrcoef(v, w)
np.histogram([[0.1, 0.5, 1.9], [2.5, 1, 2]], 3, range=(0, 2), weights=A)
np.histogram(v, [-3, 0, 1, 3], weights=w, density=True)
np.histogram2d(v, P[0], [[-3, 0, 1, 3], [0, 0.5, 1]], weights=w)
np.histogramdd([v, P[0]], 2, range=[[-2, 2], [0, 1]], weights=w, density=True)[0]
np.var(A, axis=1, mean=0.5, ddof=1); np.std(A, mean=np.mean(A))
np.logaddexp.reduce(A, axis=1); np.logaddexp.reduce(A, axis=None); np.logaddexp.accumulate(v)
np.maximum.accumulate(A, axis=1); np.minimum.accumulate(v); np.fmax.reduce(A)
np.fmin.reduce(np.where([[1, 0, 1], [0, 1, 1]], A, np.nan), axis=1)
np.subtract.reduce(A, axis=1, keepdims=True); np.divide.accumulate(P); np.hypot.reduce(v, initial=0.5)
np.add.reduceat(v, [0, 2, 1]); np.maximum.reduceat(A, [0, 1], axis=1); np.logaddexp.reduce(T, axis=(0, 2))
"""

PRODUCTS = """
A @ C; v @ w; A @ v; v @ C; T @ D; np.dot(A, C); np.dot(v, w); np.dot(A, v); np.dot(s, A); A.dot(C); np.matmul(A, C)
np.matmul(M, T); np.vdot(v, w); np.vecdot(A, B); np.matvec(A, v); np.vecmat(v, C); np.inner(A, B); np.inner(v, w)
np.outer(v, w); np.multiply.outer(v, w); np.add.outer(v, w); np.subtract.outer(v, w); np.tensordot(A, C, 1)
np.tensordot(T, C, axes=([1], [0])); np.tensordot(A, B); np.einsum('ij,jk->ik', A, C); np.einsum('ij,ij', A, B)
np.einsum('ij->j', A); np.einsum('...j,j->...', T[..., :3], v); np.kron(A, C); np.cross(v, w); np.cross(A, B)
np.trace(M); np.trace(M, offset=1); M.trace(); np.diag(v); np.diag(M); np.diag(M, 1); np.diagonal(M)
np.diagonal(T, 0, 1, 2); M.diagonal(); np.diagflat(v); np.tril(M); np.triu(M, 1); np.linalg.inv(M)
np.linalg.solve(M, v); np.linalg.solve(M, C); np.linalg.det(M); np.linalg.slogdet(M); np.linalg.slogdet(M)[1]
np.linalg.slogdet(M).logabsdet; np.linalg.cholesky((S + S.T) / 2); np.linalg.eigh(S + S.T)[0]
np.linalg.eigvalsh(S + S.T); np.linalg.svd(A, full_matrices=False)[1]; np.linalg.svd(A, compute_uv=False)
np.linalg.svdvals(A); np.linalg.pinv(A); np.linalg.qr(M)[1]; np.linalg.lstsq(C, v[:3])[0]; np.linalg.cond(M)
np.meshgrid(v, w); np.linalg.matrix_power(M, 3); np.polyval(v, s); np.correlate(v, w, 'full'); np.convolve(v, w)
np.linalg.multi_dot([A, C, B]); np.linalg.matmul(A, C); np.linalg.outer(v, w); np.linalg.tensordot(A, C, axes=1)
np.linalg.trace(M); np.linalg.diagonal(M); np.linalg.cross(v, w); np.linalg.vecdot(A, B)
np.linalg.matrix_transpose(A)
np.linalg.tensorinv(np.reshape(np.kron(M, M), (3, 3, 3, 3))); np.linalg.tensorinv(M, ind=1)
np.linalg.tensorsolve(np.reshape(np.kron(M, M), (3, 3, 3, 3)), M); np.linalg.pinv(S + S.T, hermitian=True)
np.linalg.tensorsolve(np.reshape(np.kron(M, M), (3, 3, 3, 3)), M, axes=(0, 1))
np.polyadd(v, w[:2]); np.polysub(s, v); np.polymul(v, [s, 2.0]); np.polydiv(v, w[:2])
np.polyder(v, 2); np.polyint(v, 2, k=[s, 2.0])
np.vander(v); np.vander(v, 4, increasing=True); np.polyfit(v, w, 1); np.polyfit(v, C, 1, w=[1.0, 2.0, 0.5]); np.poly(v)
np.polyfit([0.0, 1.0, 2.0, 3.5], np.append(v, s), 1, cov=True); np.polyfit([0.0, 1.0, 2.5], v, 1, full=True)
np.polyval([s, 2.0], v)
"""

SHAPES = """
np.array([s, s], like=A); np.asarray(A, like=A); np.asanyarray(A, like=A); np.ascontiguousarray(A, like=A)
np.full((2, 2), s, like=A); np.asfortranarray(A, like=A); np.fromiter([s, 2 * s], float, like=A)
A.T; A.mT; np.transpose(A); np.transpose(T, (2, 0, 1)); T.transpose(1, 0, 2); T.transpose((1, 0, 2))
np.permute_dims(A); np.matrix_transpose(T); np.reshape(A, (3, 2)); np.reshape(A, -1); A.reshape(3, 2)
A.reshape((3, 2)); A.reshape(-1); np.reshape(A, (3, 2), order='F'); np.ravel(A); A.ravel(); A.flatten()
np.ravel(A, order='F'); np.squeeze(A[None]); np.squeeze(A[:, None], axis=1); A[None].squeeze(); np.expand_dims(A, 0)
np.expand_dims(A, (0, -1)); np.swapaxes(T, 0, 2); T.swapaxes(0, 1); np.moveaxis(T, 0, -1); np.rollaxis(T, 2)
np.broadcast_to(v, (2, 3)); np.broadcast_arrays(A, v); np.atleast_1d(s); np.atleast_2d(v); np.atleast_3d(A)
np.atleast_1d(s, v); np.flip(A); np.flip(A, 0); np.fliplr(A); np.flipud(A); np.rot90(A); np.roll(A, 1)
np.roll(A, (1, -1), axis=(0, 1)); np.rot90(A, k=2); np.repeat(A, 2); np.repeat(A, 2, axis=0)
np.repeat(A, [1, 2, 0], axis=1); A.repeat(2, axis=1); np.tile(A, 2); np.tile(v, (2, 1)); np.pad(A, 1)
np.pad(A, ((0, 1), (2, 0))); np.pad(v, 2, mode='constant'); np.resize(v, (2, 2)); np.concatenate((A, B))
np.concatenate([A, B], axis=1); np.concat([A, B]); np.stack([A, B]); np.stack((v, w), axis=-1); np.vstack([A, v])
np.hstack([A, B]); np.dstack([A, B]); np.column_stack([v, w]); np.append(A, B); np.append(A, B, axis=0)
np.block([[A, B]]); np.insert(v, 1, 5.0); np.delete(v, 1); np.trim_zeros(v); np.split(A, 3, axis=1)
np.split(v, [1]); np.array_split(A, 2, axis=1); np.hsplit(A, 3); np.vsplit(A, 2); np.dsplit(T, 2); np.unstack(A)
np.pad(A, 1, constant_values=s); np.pad(A, ((1, 2), (0, 1)), constant_values=P[:, :2]); np.pad(v, 7, 'reflect')
np.pad(A, 2, 'mean', stat_length=2); np.pad(A, 1, 'maximum'); np.pad(A, 1, 'minimum'); np.pad(v, 3, 'median')
np.pad(A, 2, 'linear_ramp', end_values=((1, 2), (3, 4))); np.pad(v, 7, 'symmetric', reflect_type='odd')
np.pad(A, 1, 'reflect', reflect_type='odd'); np.pad(T, (1, 2), 'wrap'); np.pad(A, {-1: (1, 2)})
np.lib.stride_tricks.sliding_window_view(v, 2); np.lib.stride_tricks.sliding_window_view(T, (2, 3), axis=(1, 2))
np.fft.fftshift(T); np.fft.ifftshift(A, axes=1); np.resize(A, (2, 2)); np.unwrap(9 * A, axis=0)
np.geomspace(s, 8.0, 4); np.geomspace(P[0], P[1] + 1, 3, axis=-1); np.logspace(s, 2.0, 4, base=2.0)
np.logspace(P[0], 2.0, 3, base=P[1]); np.interp(v, [0.0, 1.0, 2.0], [1.0, 3.0, 2.0], period=2.5)
np.piecewise(A, [A < 0, A > 1], [lambda x: -x, np.exp, 0.5]); np.piecewise(v, v < 0, [lambda x: x * x, lambda x: x])
np.apply_along_axis(lambda x: np.outer(x, x), 0, A); np.apply_along_axis(np.sum, 1, A)
np.apply_over_axes(np.sum, T, [0, -1]); np.apply_over_axes(np.mean, T, 1)
A.astype(float); A.copy(); np.copy(A); np.astype(A, float); np.full_like(A, s); np.linspace(s, 3.0, 5)
"""

INDEXING = """
A[0]; A[:, 1]; A[-1, ::2]; A[..., None]; A[[0, 1, 1]]; A[[0, 1], [2, 0]]; A[A > 0]; A[np.array([True, False])]
A[np.argmax(v) % 2]; np.take(v, [0, 2]); np.take(A, [1, 1], axis=0); A.take([0, 5])
np.take_along_axis(A, np.argsort(A, axis=1), axis=1); np.compress([True, False, True], A, axis=1)
np.extract(A > 0, A); np.choose([0, 1, 0], [v, w]); np.select([A > 0], [A], 0.0); np.sort(A); np.sort(A, axis=0)
np.sort(A, axis=None); np.partition(v, 1); np.partition(A, 1, axis=1)
np.union1d(v, w); np.intersect1d(v, v); np.setdiff1d(A, v); np.setxor1d(v, [2.0, 3.0])
np.choose([0, 3, 1], [v, w], mode='wrap'); [row for row in A]; list(v)
"""

PLAIN = """
np.zeros(3, like=A); np.ones(3, like=A); np.empty(0, like=A); np.eye(2, like=A); np.identity(2, like=A)
np.tri(2, like=A); np.arange(3, like=A); np.frombuffer(bytes(16), like=A); np.fromfunction(np.add, (2, 2), like=A)
np.loadtxt(['1 2'], like=A); np.genfromtxt(['1 2'], like=A); np.left_shift(np.argmax(v), 1)
np.right_shift(np.argmax(v), 1)
A > B; A >= B; A < B; A <= B; A == B; A != B; np.greater(A, B); np.greater_equal(A, 0); np.less(A, B)
np.less_equal(A, B); np.equal(A, B); np.not_equal(A, B); np.isnan(A); np.isfinite(A); np.isinf(A); np.signbit(A)
np.isneginf(A); np.isposinf(A); np.logical_and(A > 0, B > 0); np.logical_or(A, B); np.logical_not(A)
np.logical_xor(A, B); np.isreal(A); np.iscomplex(A); np.argmax(A); np.argmax(A, axis=1); np.argmin(A)
np.argmin(A, 0); A.argmax(); A.argmin(); np.argsort(A); np.argsort(A, axis=0); A.argsort(); np.argpartition(v, 1)
np.nanargmax(A); np.nanargmin(A); np.any(A > 0); np.all(A > 0, axis=0); (A > 0).any(); (A > 0).all()
np.count_nonzero(A); np.nonzero(A); A.nonzero(); np.flatnonzero(A); np.argwhere(A); np.searchsorted(np.sort(v), 0.0)
np.digitize(A, [0.0, 1.0]); np.unique(v); np.frexp(A); np.bincount([0, 1, 1], v); np.lexsort((v, w))
np.floor_divide(A, B); np.logical_and.reduce(A > 0); np.logical_or.reduce(A > 0, axis=1); np.ones_like(A)
np.zeros_like(A); np.full_like(A, 2); np.shape(A); np.ndim(A); np.size(A); np.isclose(A, B); np.allclose(A, A)
np.array_equal(A, B); np.iscomplexobj(A); np.isrealobj(A); np.result_type(A, np.float32); np.can_cast(A, np.float32)
np.min_scalar_type(s); np.common_type(A); np.array_equiv(A, A); np.broadcast_shapes(A.shape, v.shape)
np.may_share_memory(A, B); np.shares_memory(A, B); np.empty_like(A).shape; np.array_repr(A); np.array_str(A)
np.array2string(A); np.where(A > 0); np.isin(A, [1.0, 2.0]); np.spacing(A); np.nextafter(A, B)
np.unravel_index(np.argmax(A), A.shape); np.ravel_multi_index((np.argmax(A, 0), np.argmin(A, 0)), (2, 3))
np.diag_indices_from(M); np.tril_indices_from(M); np.triu_indices_from(M); np.ix_(v > 0); np.linalg.matrix_rank(M)
np.einsum_path('ij,j->i', A, v); np.histogram(A); np.histogramdd(D, 2); np.histogram_bin_edges(A)
np.unique(np.sign(A), True, True, True, axis=1); np.bitwise_and.reduce(A > 0)
np.bitwise_or.reduce(A > 0); np.bitwise_xor.reduce(A > 0); np.logical_xor.reduce(A > 0)
np.putmask(np.zeros(3), v > 0, 1.0); np.place(np.zeros(3), v > 0, 1.0); np.put(np.zeros(3), np.argmax(v), 1.0)
np.fill_diagonal(M.copy(), 2.0); np.put_along_axis(M.copy(), np.argmax(M, 1)[:, None], 0.0, 1)
np.copyto(np.zeros(3), v > 0); np.save(__import__('io').BytesIO(), A); np.savez(__import__('io').BytesIO(), A)
np.savez_compressed(__import__('io').BytesIO(), a=A); np.savetxt(__import__('io').BytesIO(), A)
"""


def calls(text: str) -> list[str]:
    """Take a list such as those above apart."""
    return [call.strip() for line in text.strip().splitlines() for call in line.split(";")]
