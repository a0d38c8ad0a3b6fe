"""Gradient boosting on what a correction leaves: worth it with hundreds of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from cosearch.cost.learned.correction import Correction
from cosearch.cost.learned.operator_times import OperatorTimes
from cosearch.errors import CosearchError

_SETTINGS: Final = {"max_iter": 200, "learning_rate": 0.05, "max_leaf_nodes": 10, "random_state": 0}


@dataclass(frozen=True)
class BoostedCorrection:
    """A correction times what trees make of a network's own features, its choices say."""

    correction: Correction
    trees: Any  # a fitted regressor of the logarithm of what remains

    def predict(
        self, networks: OperatorTimes, features: Float[ndarray, "n f"]
    ) -> Float[ndarray, " n"]:
        """Seconds."""
        seconds, _ = self.correction.predict(networks)
        return seconds * np.exp(self.trees.predict(_columns(seconds, features)))


def boost(correction: Correction, features: Float[ndarray, "m f"]) -> BoostedCorrection:
    """Fit to the errors of the correction on its measurements, each predicted from the others."""
    try:
        from sklearn.ensemble import HistGradientBoostingRegressor
    except ImportError as error:
        raise CosearchError(
            "boosting needs scikit-learn: pip install 'cosearch[search]'"
        ) from error

    errors = correction.left_out_errors
    seconds = correction.measured_s * np.exp(-errors)
    trees = HistGradientBoostingRegressor(**_SETTINGS)
    return BoostedCorrection(correction, trees.fit(_columns(seconds, features), errors))


def _columns(seconds: Float[ndarray, " n"], features: ndarray) -> Float[ndarray, "n g"]:
    return np.column_stack([np.log(seconds), features])
