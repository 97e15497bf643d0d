"""Networks: (n, n_letters, length) -> (n, n_readouts); torch and nothing else."""

from motifbook.models.cnn import CNN
from motifbook.models.foreign import Foreign
from motifbook.models.motif_layer import MotifLayer
from motifbook.models.motif_syntax_net import MotifSyntaxNet, SyntaxOptions
from motifbook.models.network import MotifNetwork, Network, Phase, Record

# What needs nothing but its settings to be made; `Foreign` needs your own network.
ALL: tuple[type[Network], ...] = (CNN, MotifSyntaxNet)

__all__ = [
    "ALL",
    "CNN",
    "Foreign",
    "MotifLayer",
    "MotifNetwork",
    "MotifSyntaxNet",
    "Network",
    "Phase",
    "Record",
    "SyntaxOptions",
]
