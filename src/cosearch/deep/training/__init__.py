"""Training: a loop that knows tasks, and the plain task of naming the class.

`train(task, ...)` is the loop; `fit(module, ...)` the loop with the plain task.
"""

from cosearch.deep.training.classify import Classify
from cosearch.deep.training.diverged import DivergedError
from cosearch.deep.training.history import Epoch, History
from cosearch.deep.training.images import Images, class_weights, images_of_class
from cosearch.deep.training.loss import cross_entropy, divergence
from cosearch.deep.training.plans import PLANS, Plan, plan_for
from cosearch.deep.training.settings import TrainSettings
from cosearch.deep.training.task import Moment, Task
from cosearch.deep.training.train import fit, train

__all__ = [
    "PLANS",
    "Classify",
    "DivergedError",
    "Epoch",
    "History",
    "Images",
    "Moment",
    "Plan",
    "Task",
    "TrainSettings",
    "class_weights",
    "cross_entropy",
    "divergence",
    "fit",
    "images_of_class",
    "plan_for",
    "train",
]
