"""Networks: (n, n_letters, length) -> (n, n_readouts); torch and nothing else."""

from motifbook.models.cnn import CNN
from motifbook.models.motif_layer import MotifLayer
from motifbook.models.motif_syntax_net import MotifSyntaxNet, SyntaxOptions
from motifbook.models.network import MotifNetwork, Network, Phase, Record

ALL: tuple[type[Network], ...] = (CNN, MotifSyntaxNet)

__all__ = [
    "ALL",
    "CNN",
    "MotifLayer",
    "MotifNetwork",
    "MotifSyntaxNet",
    "Network",
    "Phase",
    "Record",
    "SyntaxOptions",
]
