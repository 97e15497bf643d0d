"""How much does a network use a filter? Silence it and see how much worse the prediction gets."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from motifbook import _check
from motifbook.data import schema, store
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.matrix import Motif
from motifbook.onehot import Letters
from motifbook.train.batches import encode_batch, evaluating, pick_device, row_batches, threads
from motifbook.train.evaluate import measured, trained, unseen
from motifbook.train.fit import scaled
from motifbook.train.inputs import refuse_other_alphabet
from motifbook.train.losses import make_loss

if TYPE_CHECKING:
    from anndata import AnnData

NETWORK = "network"  # in `Motif.info`: fingerprint of the network it was read from
SMALLEST_USE = 0.005  # rise of the loss below which a filter counts as unused
MOST_ROWS = 4000
FEWEST_JUDGES = 1000  # validation rows that judge alone; from fewer, weak motifs would be lost
RESAMPLES = 400

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Use:
    """Rise of the held-out loss when groups of filters are silenced and the constant is refit.

    Parameters
    ----------
    use : (n_groups,)
        Mean rise, in nats per value for binary readouts and in shares of the variance for
        continuous ones.
    lower : (n_groups,)
        Bootstrap bound: 2.5 % of resampled sequences give less.
    rows : (n_rows,)
        Numbers of the rows it was measured on.
    judges
        What these are: "validation" rows, all "held-out" rows or "training" rows.
    """

    use: FloatArray
    lower: FloatArray
    rows: npt.NDArray[np.int64]
    judges: str

    @property
    def n_rows(self) -> int:
        """How many rows it was measured on."""
        return len(self.rows)

    @property
    def held_out(self) -> bool:
        """Whether training did not see the rows that judge."""
        return self.judges != "training"

    @property
    def is_used(self) -> npt.NDArray[np.bool_]:
        """Groups whose use is above 0.005 and whose bound is above 0, (n_groups,)."""
        used: npt.NDArray[np.bool_] = (self.use > SMALLEST_USE) & (self.lower > 0)
        return used


def motif_network(model: Network) -> MotifNetwork:
    """Return `model` if it reads motifs and is trained; refuse it otherwise."""
    trained(model)
    if not isinstance(model, MotifNetwork):
        raise _check.InputError(
            f"{type(model).__name__} has no motif layer; expected a network such as "
            "mb.MotifSyntaxNet or mb.CNN."
        )
    return model


def fingerprint(network: MotifNetwork) -> str:
    """Sixteen letters that change with the weights of the motif layer."""
    digest = hashlib.blake2b(digest_size=8)
    for values in network.motifs.state_dict().values():
        digest.update(values.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def is_own(motif: Motif, network: MotifNetwork) -> bool:
    """Whether a motif names filters and was read from this network, as far as it says."""
    made_by = motif.info.get(NETWORK)
    return "filters" in motif.info and made_by in (None, fingerprint(network))


def filters_of(motif: Motif, network: MotifNetwork) -> list[int]:
    """Numbers of the filters of `network` that show `motif`, as `read_motifs` noted them.

    Raises
    ------
    InputError
        If the motif does not say, was read from another network or pooled from several.
    """
    filters = [int(number) for number in motif.info.get("filters", ())]
    if filters and not is_own(motif, network):
        raise _check.InputError(
            f"Motif {motif.name!r} was read from another network, or before this one was trained "
            "again; expected motifs of mb.read_motifs(model, adata)."
        )
    if filters and max(filters) < network.motifs.n_filters:
        return filters
    if "n_networks" in motif.info:
        raise _check.InputError(
            f"Motif {motif.name!r} was pooled from {motif.info['n_networks']} networks; expected "
            "motifs of this one. Take those of the network models[i] with "
            "`mb.motifs_of(motifs, i)`."
        )
    raise _check.InputError(
        f"Motif {motif.name!r} does not say which filters of this network it was read from; "
        "expected motifs of mb.read_motifs(model, adata)."
    )


def held_out_rows(model: Network, adata: AnnData) -> tuple[npt.NDArray[np.int64], bool]:
    """Rows with measurements whose sequences training has not seen, (n_rows,), and True.

    If there are fewer than 20: all rows with measurements, and False.

    Raises
    ------
    InputError
        If nothing was measured.
    """
    values = measured(model, adata) if adata.n_vars else store.get_readouts(adata)
    has_value = ~np.isnan(values).all(axis=1)
    if not has_value.any():
        raise _check.InputError(
            "`adata` has no measured values; expected some to judge by which filters are used. "
            "Read the motifs from the training data, and hand them over as `motifs=`."
        )
    rows = np.flatnonzero(has_value & unseen(model, adata))
    if len(rows) >= 20:
        return rows, True
    return np.flatnonzero(has_value), False


def judging_rows(model: Network, adata: AnnData) -> tuple[npt.NDArray[np.int64], str]:
    """Rows that judge which filters are used, (n_rows,), and what they are called.

    "validation" if `adata` has 1,000 such rows or more with measurements, so that those of "test"
    choose no motif and may test them; else "held-out" or "training", see `held_out_rows`.
    """
    rows, held_out = held_out_rows(model, adata)
    if not held_out:
        return rows, "training"
    if schema.SPLIT in adata.obs:
        is_validation = (adata.obs[schema.SPLIT].astype(str) == "validation").to_numpy()
        if is_validation[rows].sum() >= FEWEST_JUDGES:
            return rows[is_validation[rows]], "validation"
    return rows, "held-out"


def measure_use(
    model: Network,
    adata: AnnData,
    groups: Sequence[Sequence[int]],
    *,
    device: str = "auto",
    batch_size: int = 256,
) -> Use:
    """Silence each group of filters in turn and measure the rise of the loss.

    Parameters
    ----------
    groups
        Filter numbers; filters of one group are silenced together, on both strands.

    Returns
    -------
    Use
        Measured on up to 4,000 rows, the same in every call.

    Raises
    ------
    InputError
        If the network is untrained, reads no motifs or another alphabet, or nothing was measured.
    """
    network = motif_network(model)
    refuse_other_alphabet(network, adata)
    rows, judges = judging_rows(network, adata)
    rng = np.random.default_rng(0)
    if len(rows) > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
    letters = store.get_letters(adata)[rows]
    outputs = silenced_outputs(network, letters, groups, batch_size=batch_size, device=device)
    record = trained(network)
    readout = scaled(measured(network, adata)[rows], record)
    rises = loss_rises(outputs, torch.as_tensor(readout), record.kinds)
    lower = np.quantile(resampled_means(rises, rng), 0.025, axis=0)
    return Use(rises.mean(axis=0), lower, rows, judges)


@torch.no_grad()
def silenced_outputs(
    network: MotifNetwork,
    letters: Letters,
    groups: Sequence[Sequence[int]],
    *,
    device: str,
    batch_size: int,
) -> torch.Tensor:
    """Outputs with nothing and with each group of filters silenced, (1 + n_groups, n, n_readouts).

    `letters` are letter codes, (n, length); outputs are as the network gives them.
    """
    _check.whole_number(batch_size, "batch_size")
    target = pick_device(device)
    outputs = torch.zeros(1 + len(groups), len(letters), network.n_readouts)
    with evaluating(network, target), threads():
        for part in row_batches(letters.shape, batch_size, target):
            batch = torch.as_tensor(letters[part]).to(target)
            onehot = encode_batch(batch, network.alphabet.n_letters)
            activation, blocked = network.motifs.strands(onehot), network.motifs.blocked(onehot)
            outputs[0, part] = network.head(activation, blocked).cpu()
            for number, group in enumerate(groups, start=1):
                silent = activation.clone()
                silent[:, network.motifs.channels_of(group)] = 0
                outputs[number, part] = network.head(silent, blocked).cpu()
    return outputs


def loss_rises(outputs: torch.Tensor, readout: torch.Tensor, kinds: list[str]) -> FloatArray:
    """Loss with each group silenced minus loss with none, per row, (n_rows, n_groups).

    `outputs` are those of `silenced_outputs`; `readout`, (n_rows, n_readouts), is on their scale.
    """
    loss = make_loss(kinds, reduce=False)
    losses = [loss(recentered(output, readout, kinds), readout) for output in outputs]
    return (torch.stack(losses, dim=1)[:, 1:] - losses[0][:, None]).double().numpy()


def resampled_means(values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Bootstrap: means over rows drawn with replacement, (RESAMPLES, n_groups)."""
    n = len(values)
    times = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES)
    means: FloatArray = times @ values / n
    return means


def recentered(output: torch.Tensor, readout: torch.Tensor, kinds: list[str]) -> torch.Tensor:
    """Outputs plus the constant per readout that fits best, (n, n_readouts).

    A filter that fires everywhere adds a constant; to miss that is no use of the motif.
    """
    measured = ~torch.isnan(readout)
    is_binary = torch.tensor([kind == "binary" for kind in kinds])
    count = measured.sum(dim=0).clamp_min(1)
    constant = output.new_zeros(output.shape[1])
    for _ in range(10):  # Newton; exact after one step for continuous readouts
        expected = torch.where(is_binary, torch.sigmoid(output + constant), output + constant)
        slope = torch.where(is_binary, expected * (1 - expected), 1.0)
        missing = torch.where(measured, readout - expected, 0.0).sum(dim=0) / count
        spread = torch.where(measured, slope, 0.0).sum(dim=0) / count
        constant = constant + (missing / spread.clamp_min(1e-3)).clamp(-2, 2)
    return output + constant
