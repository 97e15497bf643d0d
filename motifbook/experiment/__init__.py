"""What does this motif do? Put it into sequences, take it out, move it: and ask the network."""

from motifbook.experiment.ablate import ablate
from motifbook.experiment.marginalize import marginalize
from motifbook.experiment.place import backgrounds
from motifbook.experiment.space import space

__all__ = ["ablate", "backgrounds", "marginalize", "space"]
