"""Where accuracies come from: protocol, memory. Torch-backed ones live in `deep`."""

from cosearch.accuracy.accuracy import Accuracy, Memoised

__all__ = ["Accuracy", "Memoised"]
