"""Networks: (n, n_letters, length) -> (n, n_readouts); torch and nothing else."""

from motifbook.models.cnn import CNN
from motifbook.models.contextual_regression import ContextOptions, ContextualRegression
from motifbook.models.foreign import Foreign
from motifbook.models.foreign_inputs import Input
from motifbook.models.motif_layer import MotifLayer
from motifbook.models.motif_syntax_net import MotifSyntaxNet, SyntaxOptions
from motifbook.models.network import MotifNetwork, Network, Phase, Record
from motifbook.models.one_layer import OneLayer
from motifbook.models.site_layer import SiteLayer

# What needs nothing but its settings to be made; `Foreign` needs your own network.
ALL: tuple[type[Network], ...] = (CNN, MotifSyntaxNet, ContextualRegression)

__all__ = [
    "ALL",
    "CNN",
    "ContextOptions",
    "ContextualRegression",
    "Foreign",
    "Input",
    "MotifLayer",
    "MotifNetwork",
    "MotifSyntaxNet",
    "Network",
    "OneLayer",
    "Phase",
    "Record",
    "SiteLayer",
    "SyntaxOptions",
]
