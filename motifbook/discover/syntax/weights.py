"""Which motifs work together, at which distance, and what a better match does: from weights.

Reads the two parts of a `MotifSyntaxNet` that can be drawn: its table of pairs and its responses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from motifbook import _check
from motifbook.discover.use import filters_of, motif_network
from motifbook.discover.windows import Place, places_in_windows
from motifbook.models.network import MotifNetwork, Network
from motifbook.models.pair_reader import PairReader
from motifbook.models.pair_table import SHORTEST
from motifbook.motif.columns import motif_list
from motifbook.motif.matrix import Motif
from motifbook.train.evaluate import trained

_PLACE = ["motif_a", "motif_b", "orientation", "gap"]
_N_POINTS = 51  # of a response


def pair_table(model: Network, motifs: Sequence[Motif]) -> pd.DataFrame:
    """What pairs of motifs add at each distance, from the weights of a `MotifSyntaxNet`.

    Parameters
    ----------
    model
        Trained, with `syntax="pairs"`.
    motifs
        From `read_motifs` of this network, perhaps renamed or reverse-complemented.

    Returns
    -------
    DataFrame
        Strongest first: "motif_a", "motif_b", "orientation", "gap", "readout", "effect".
        `orientation` "+-" is motif_a as drawn, then motif_b on the other strand; where both
        strands are read, a row stands for its mirror image too. `gap` counts the letters between
        the two, negative where they overlap. `effect` is what a pair of strongest sites adds to
        what each adds alone: on the logit scale for binary readouts, in their own unit for
        continuous ones. Pairs that the network left out of its table have no rows.

    Raises
    ------
    InputError
        If the network has no table of pairs, or a motif was not read from its filters.

    Notes
    -----
    The effects of several filters that show one motif are summed. A motif that reads alike on both
    strands is listed in both orientations.
    """
    network, motifs = motif_network(model), motif_list(motifs)
    pairs, record = _reader(network).pairs, trained(network)
    sites = [site for site in places_in_windows(network, motifs) if pairs.in_use[site.filter]]
    effects = pairs.table().detach().cpu().double().permute(1, 2, 3, 0).numpy()
    rows = []
    for first in sites:
        for second in sites:
            for step, effect in enumerate(effects[first.channel, second.channel]):
                ordered = _ordered(first, second.moved(step + SHORTEST))
                if not network.motifs.reverse_complement or _is_told(*ordered):
                    rows.append((*_place(*ordered), *effect * record.scale))
    wide = pd.DataFrame(rows, columns=[*_PLACE, *record.readouts])
    table = wide.groupby(_PLACE).sum().reset_index().melt(_PLACE, None, "readout", "effect")
    names = {number: motif.name for number, motif in enumerate(motifs)}
    table = table.replace({"motif_a": names, "motif_b": names})
    return table.sort_values("effect", key=np.abs, ascending=False, ignore_index=True)


def response_curves(model: Network, motifs: Sequence[Motif], *, readout: int = 0) -> pd.DataFrame:
    """What one site of each motif adds to a readout, by its strength.

    Parameters
    ----------
    model, motifs
        As for `pair_table`.
    readout
        Number of the readout.

    Returns
    -------
    DataFrame
        One column per motif; the index, "strength", is the site's activation relative to the
        strongest one seen, 0 to 1. Values are on the logit scale for binary readouts, in their
        own unit for continuous ones. Curves of several filters that show one motif are summed.

    Raises
    ------
    InputError
        If the network has no such curves, or a motif was not read from its filters.
    """
    network, motifs = motif_network(model), motif_list(motifs)
    reader, record = _reader(network), trained(network)
    _check.whole_number(readout, "readout", low=0, high=network.n_readouts - 1)
    strength = torch.linspace(0, 1, _N_POINTS).to(reader.slope)
    with torch.no_grad():
        response = reader.response(strength)[readout].cpu().double().numpy()
    curves = response * record.scale[readout]
    table = {m.name: curves[filters_of(m, network)].sum(axis=0) for m in motifs}
    return pd.DataFrame(table, index=pd.Index(np.linspace(0, 1, _N_POINTS), name="strength"))


def _reader(network: MotifNetwork) -> PairReader:
    reader = getattr(network, "reader", None)
    if not isinstance(reader, PairReader):
        raise _check.InputError(
            f"This {type(network).__name__} has no responses and no table of pairs; expected "
            'mb.MotifSyntaxNet(…, syntax="pairs").'
        )
    return reader


def _ordered(first: Place, second: Place) -> tuple[Place, Place]:
    """The site whose center comes first, first."""
    is_turned = second.start + second.end < first.start + first.end
    return (second, first) if is_turned else (first, second)


def _is_told(first: Place, second: Place) -> bool:
    """Whether this pair is told, or its mirror image, which has the same effect."""
    if first.motif == second.motif:
        return (first.sign, second.sign) != (-1, -1)
    return first.motif < second.motif


def _place(first: Place, second: Place) -> tuple[int, int, str, int]:
    strands = "".join("+" if site.sign > 0 else "-" for site in (first, second))
    return first.motif, second.motif, strands, second.start - first.end
