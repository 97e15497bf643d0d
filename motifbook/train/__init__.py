"""Where data meets model: fit, predict, evaluate, save, load; and the one training loop."""

from motifbook.train.evaluate import evaluate, predict, score_table
from motifbook.train.files import load, save
from motifbook.train.fit import FitOptions, fit
from motifbook.train.loop import loop
from motifbook.train.plan import History, Plan, TrainingData

__all__ = [
    "FitOptions",
    "History",
    "Plan",
    "TrainingData",
    "evaluate",
    "fit",
    "load",
    "loop",
    "predict",
    "save",
    "score_table",
]
