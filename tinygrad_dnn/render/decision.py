"""The former place of `decision_boundary`, which stands with the other plots."""

from .plots import decision_boundary as decision_boundary
