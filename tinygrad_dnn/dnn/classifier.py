"""The network as a scikit-learn classifier."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..support.optional import needed
from .data.dataset import stratified_split, targets
from .settings import Settings
from .training import Training

with needed('DNNClassifier needs scikit-learn: pip install "tinygrad-dnn[sklearn]"'):
    from sklearn.base import BaseEstimator, ClassifierMixin  # type: ignore[import-untyped]
    from sklearn.utils import check_random_state  # type: ignore[import-untyped]
    from sklearn.utils.multiclass import check_classification_targets  # type: ignore[import-untyped]
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data  # type: ignore
Array = np.ndarray


@dataclass(eq=False, repr=False)
class DNNClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A deep network for two classes (sigmoid) or more (softmax), trained with cross-entropy.

    It follows scikit-learn's conventions: rows are examples, parameters are set here and checked by `fit`, and it works
    in pipelines, grid searches and cross-validation.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
    activation : str
        Of the hidden layers: "relu", "tanh", "sigmoid" or "leaky_relu".
    optimiser, learning_rate, decay, epochs, batch_size, keep_prob, patience, gradients
        As for `Settings`; `patience` sets `validation_fraction` of the examples aside.
    l2, validation_fraction : float
        The weight of the L2 penalty; the share of the examples that `patience` looks at.
    random_state : int, RandomState or None
        Decides the first weights, the mini-batches, what is dropped and what is set aside.
    verbose : bool
        Show a progress bar.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    n_features_in_ : int
    n_iter_, loss_curve_ : int, list of float
        How many epochs there were, and the cost of each.
    training_ : Training
        With ``.parameters``, ``.history``, ``.settings``.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> network = DNNClassifier((16,), learning_rate=0.01, epochs=100, random_state=1)
    >>> X, y = load_iris(return_X_y=True)
    >>> bool(cross_val_score(make_pipeline(StandardScaler(), network), X, y, cv=3).mean() > 0.9)
    True
    """

    hidden_layer_sizes: int | Sequence[int] = (100,)
    _: KW_ONLY
    activation: str = "relu"
    optimiser: str = "adam"
    learning_rate: float | None = None
    decay: float = 0.0
    epochs: int = 200
    batch_size: int | None = 200
    l2: float = 0.0
    keep_prob: float = 1.0
    patience: int | None = None
    validation_fraction: float = 0.1
    gradients: str = "autodiff"
    random_state: object = None
    verbose: bool = False

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "DNNClassifier":
        """Train a new network, and return this classifier.

        ValueError is raised if X and y do not fit or hold a NaN, y is of one class, or a parameter is not allowed.

        Parameters
        ----------
        X, y : array_like, shapes (m, n) and (m,)
            Features, float32 or else learnt from in float64, and classes, numbers or text.
        sample_weight : array_like, shape (m,), optional
            How much each example counts: whole numbers repeat it; else each epoch draws examples in proportion.
        """
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"DNNClassifier: y holds one class only, {self.classes_[0]!r}; at least two are needed")
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        X, Y = X.T, targets(labels, len(self.classes_))
        settings = self._begun(X, Y)
        share = self.validation_fraction if self.patience is not None else 0
        learnt, held_out = stratified_split(labels, share, settings.seed)
        validation = (X[:, held_out], Y[:, held_out]) if held_out.size else None
        weights = None if weights is None else weights[learnt]
        return self._trained(X[:, learnt], Y[:, learnt], validation, weights=weights)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> "DNNClassifier":
        """Go on learning from some more examples, for one epoch of them, and return this classifier.

        ValueError is raised if the first call names no classes, a later one others, or y holds one not named.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; y may hold any of the classes.
        classes : array_like, shape (n_classes,)
            All classes there are, needed by the first call: examples of some may come later.
        """
        first = not hasattr(self, "training_")
        if first and classes is None:
            raise ValueError("partial_fit: the first call needs classes, all that y will ever hold")
        if classes is not None and not (first or np.array_equal(np.unique(classes), self.classes_)):
            raise ValueError(f"partial_fit: classes {classes!r} are not those of the first call, {self.classes_!r}")
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), reset=first)
        known = np.unique(classes) if first else self.classes_
        unknown = np.setdiff1d(y, known)
        if unknown.size:
            raise ValueError(f"partial_fit: y holds {unknown.tolist()}, not among the classes {known.tolist()}")
        self.classes_ = known
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        X, Y = X.T, targets(np.searchsorted(known, y), len(known))
        settings = self._begun(X, Y) if first else self.training_.settings
        self.training_.settings = replace(settings, epochs=self.training_.state.epoch + 1, patience=None)
        return self._trained(X, Y, weights=weights)

    def _begun(self, X: Array, Y: Array) -> Settings:
        """Begin a new training and return its settings."""
        seed = int(check_random_state(self.random_state).randint(2**31))
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        same = ("optimiser", "learning_rate", "decay", "epochs", "batch_size", "keep_prob", "patience", "gradients")
        settings = Settings(
            layers=(len(X), *hidden, len(Y)), lambd=self.l2, evaluate_every=0, seed=seed, dtype=str(X.dtype),
            activations=(*[self.activation] * len(hidden), "sigmoid" if len(Y) == 1 else "softmax"),
            **{name: getattr(self, name) for name in same},
        )  # fmt: skip
        self.training_ = Training(settings)
        return settings

    def _trained(self, *examples: Any, weights: Array | None) -> "DNNClassifier":
        self.training_.run(*examples, weights=weights, progress=self.verbose)
        self.loss_curve_ = [epoch.cost for epoch in self.training_.history]
        self.n_iter_ = len(self.loss_curve_)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class, shape (m, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        A = self.training_.probabilities(X.T)
        return np.transpose([1 - A[0], A[0]] if len(A) == 1 else A)

    def predict(self, X: ArrayLike) -> Array:
        """Return the most probable class of each row, shape (m,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])
