"""The likeliest mistakes of the four kinds of people who come, each with the words of the remedy in its message.

A row is ``program -> words``: the program is run with `t`, a Tensor of shape (3,), `W` of shape (2, 3), `x`, an array
of shape (3,), and `f`, the sum of squares, and its error or warning holds the words.
"""

STUDENT = """
import tinygrad_dnn as td; td.tensor([1.0]) -> give the data to Tensor: Tensor(data)
import tinygrad_dnn as td; td.exp(t) -> np.exp
t.relu() -> write relu(t)
t.sigmoid() -> write sigmoid(t)
t.exp() -> write np.exp(t)
Tensor.zeros((2, 3)) -> Tensor(np.zeros(...))
Tensor.randn(2, 3) -> rng.standard_normal(shape)
z = t * 2; np.sum(z).backward(); z.grad -> Call .retain_grad() on it before backward()
w = Tensor(2.0); J = w * w; J.backward(); w = w - 0.1 * w.grad; J = w * w; J.backward(); w.grad -> write W.data -=
w = Tensor(2.0); (w * w).backward(); w -= 0.1 * w.grad; (w * w).backward(); w.grad -> write W.data -=
t.add_(1) -> t.data -=
t.zero_() -> t.data -=
(t * 2).backward() -> reduce it (np.sum, np.mean) to a cost
math.exp(Tensor(1.0)) -> compute with np.<function>
float(np.sum(t)) -> .item() only shows the number
np.asarray(t * 2) -> make an array of several with np.stack
t[0] = 5.0 -> write to a copy, t = t.copy()
W @ np.ones((5, 2)) -> a.T @ b.T or b @ a would fit
W + np.ones(7) -> shapes (2, 3) and (7,) do not fit
bool(t > 0) -> np.where(condition, a, b)
max(t, 0) -> np.where(condition, a, b)
plt.plot(t) -> to plot or keep them
t.data = np.ones(7) -> make a new Tensor
Tensor("abc") -> convert it with .astype(float)
Tensor([[1, 2], [3]]) -> inhomogeneous
Tensor(t) -> use the tensor itself, or .detach()
t.named(3) -> give a str
np.sum(t).backwards() -> write t.backward()
h = np.zeros(3); h += t -> write h = h + x
t.sort() -> write to a copy, t = t.copy()
t.gradient -> it is .grad after backward()
t.append(1.0) -> write np.append(t, x)
if not t: pass -> np.where(condition, a, b)
"%.2f" % t[0] -> .item() only shows the number
"""

TEACHER = """
import tinygrad_dnn as td; td.check("a.ipynb") -> import it from tinygrad_dnn.referee
draw(f(t)).show() -> write .save_as("graph.svg")
draw(f(t)).savefig("x.png") -> write .save_as("graph.svg")
draw(f(t)).to_svg() -> write .svg()
draw(f(t)).save_as("x.jpg") -> .svg, .png, .pdf
draw(f(t), depth="0") -> a whole number, at least 0, or None
draw(f(t), direction="left") -> LR or TB or RL or BT
draw(f(t), theme="blue") -> light or dark
draw(f(t), constants="some") -> all or named or none
draw(f(x)) -> give the Tensor that was computed
draw([]) -> give the Tensor that was computed
draw(f(t), against={"q": x}) -> allowed: dt, t
explore(f(t)).show() -> write .save("page.html")
explore(f(t)).save_as("x.html") -> write .save("page.html")
explore(f(t), theme="blue") -> auto or light or dark
explore(f(t)).save("/no/such/folder/x.html") -> there is no folder
derive(f(t)).show() -> elsewhere print it
derive(f(t)).save("x.tex") -> .latex
derive(f(t)).to_latex() -> it is the attribute .latex
derive(f(t)).to_numpy() -> .run() runs it
derive(x) -> give one that was computed from Tensors, such as a cost
derive([f(t)]) -> give one that was computed from Tensors, such as a cost
derive(f(t), wrt="t") -> name Tensors that require one
derive(f(t), Tensor(1.0)) -> does not depend on
derive(Tensor(1.0, requires_grad=False) * 2) -> make the arrays to differentiate Tensors
scope(3) -> give a str
check(check) -> give a path, or check(globals())
compare({"W1": np.ones((3, 2))}, np.ones((2, 4)), np.ones((1, 4))) -> initialize_parameters_deep makes such a dictionary
compare(initialize_parameters_deep([2, 3, 1]), np.ones((2, 4)), np.ones((4, 1))) -> Y.T has that shape
load("irys") -> did you mean 'iris'?
load("x.h5") -> there is no file x.h5
"""

ENGINEER = """
import tinygrad_dnn as td; td.nn.Linear(2, 3) -> the course's stand in tinygrad_dnn.dnn
import tinygrad_dnn as td; td.optim.Adam -> tinygrad_dnn.dnn.optimisers
grad(lambda x: x * x)(x) -> use jacobian, vjp or elementwise_grad
grad(lambda x: np.sum(x).item())(x) -> compute with the Tensors themselves
grad(lambda x: float(np.sum(x)))(x) -> compute with np.<function>
grad(lambda x: None)(x) -> it must return numbers, arrays or Tensors
grad(f, 2)(x) -> was called with 1 positional arguments
check_gradients(f, None, (x,)) -> return one gradient for each
assert_gradients(f, lambda x: 3 * x, (x,)) -> It is 1.5 times what it must be
jit(f, backend="cuda") -> allowed are
jit(lambda x: np.sum(x) if x[0] > 0 else -np.sum(x))(x) -> choose with np.where(condition, a, b)
jit(lambda x: x[x > 0])(x) -> keep the shape with np.where(mask, a, b)
jit(lambda x: np.sum(x[np.where(x > 0)]))(x) -> index by the mask itself (a[mask] *= c, np.sum(a[mask]))
jit(lambda x: x + np.random.rand())(x) -> random numbers (a dropout mask)
jit(3) -> is not a callable object
np.linalg.eig(W @ W.T) -> docs/operations.md lists them
np.exp(t, out=np.zeros(3)) -> assign the result instead
np.add(t, 1, dtype=np.float32) -> convert with .astype
t.astype(complex) -> legal on Tensors are floating point, integer and boolean
Tensor(1 + 2j) -> the real and the imaginary part as two real Tensors
copy.deepcopy(t * 2) -> only a leaf can be copied or pickled
pickle.dumps(t * 2) -> .numpy() or .detach()
t.requires_grad_(False) -> set t.requires_grad
t.clone() -> write t.copy()
t.mse_loss(x) -> np.mean((t - y) ** 2)
t.register_hook(print) -> gradients(J, [t])
t.add(1) -> write np.add(t, other)
t.sum(dim=0) -> legal here: sum(a
import tinygrad_dnn as td; td.assert_gradients -> import it from tinygrad_dnn.referee
t.to("cuda") -> everything runs in NumPy
t.cpu() -> everything runs in NumPy
t.view(3, 1) -> write t.reshape(shape)
t.unsqueeze(0) -> t[:, None]
t.permute(0) -> np.transpose(t, axes)
t.numel() -> write t.size or len(t)
np.sum(t).grad_fn -> t.record
np.maximum(t, "a") -> convert it with .astype(float)
"""

RESEARCHER = """
import tinygrad_dnn as td; td.GradientTape() -> value_and_grad(f)
import tinygrad_dnn as td; td.vmap(f) -> np.stack([f(x) for x in X])
import tinygrad_dnn as td; td.value_and_gradient(f) -> value_and_grad(f)
t.stack(t) -> write np.stack([t, other])
t.values -> write t.numpy()
grad(f(x)) -> give the function, not its result
hvp(f, x, np.ones(4)) -> it must have the shape of what it belongs to
vjp(f, x)[1](x) -> it must have the shape of what it belongs to
hessian(lambda x: x * x)(x) -> reduce it (np.sum, np.mean)
np.stack([t, np.ones(4)]) -> arrays of equal shapes
np.einsum("ij,jk->ik", W, np.ones((5, 2))) -> equal sizes, or 1, wherever a subscript stands again
np.concatenate([W, t]) -> arrays whose shapes differ at most in the axis
np.linalg.inv(W) -> a square matrix or a stack of them
np.linalg.cholesky(-np.eye(3) * Tensor(1.0)) -> a symmetric positive definite matrix
np.convolve(t, t, mode="foo") -> allowed: 'full', 'same', 'valid'
list(map(float, t)) -> compute with np.<function>
range(Tensor(3.0)) -> is not an integer
[1, 2, 3][Tensor(1.0)] -> is not an integer
t in [x] -> ask np.all(condition) or np.any(condition)
t.norm() -> write np.linalg.norm(t)
t.log1p() -> write np.log1p(t)
t.cat(t) -> np.concatenate or np.stack
t.expand(3, 3) -> np.broadcast_to(t, shape)
t.clamp(0, 1) -> np.clip(t, low, high)
t.numpy()[0] = 1 -> read-only
t.eval() -> write t.numpy() for the values
Tensor.linspace(0, 1, 5) -> Tensor(np.linspace(...))
Tensor.from_numpy(x) -> Tensor(data)
gradients(t * 2, [t]) -> reduce it (np.sum, np.mean)
primitive(lambda x: x) -> vjp
Adam().step([x], [x], [x]) -> step
J = f(t); t.data[0] = 7; J.backward(); J = derive(J) -> has been given another value since
"""

PEOPLE = {"student": STUDENT, "teacher": TEACHER, "engineer": ENGINEER, "researcher": RESEARCHER}
