"""Filters of a trained network as motifs, read from its activations or from its weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from motifbook import _check
from motifbook.data import schema, store
from motifbook.data.splits.copies import sequence_hashes
from motifbook.discover.consensus import SAME, pool
from motifbook.discover.use import NETWORK, Use, fingerprint, measure_use, motif_network
from motifbook.models.network import MotifNetwork, Network
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.learned import JUDGED_ON, LEARNED_FROM, PART, sketch
from motifbook.motif.matrix import Motif, count_letters
from motifbook.onehot import Letters, shuffle
from motifbook.train.batches import (
    as_tensor,
    encode_batch,
    evaluating,
    pick_device,
    row_batches,
    threads,
)
from motifbook.train.evaluate import trained, training_hashes
from motifbook.train.inputs import refuse_other_alphabet
from motifbook.train.repeat import alike

if TYPE_CHECKING:
    from anndata import AnnData

SITE = 0.6  # of a filter's largest activation: windows above it are its sites
LEAST_BEYOND = 0.1  # of a filter's sites, to subtract those expected by chance
TYPICAL = 0.75  # of the best possible score: what a motif read from weights scores on average
FLANK = 0.1  # bits below which outer columns are cut: what Tomtom still gains from
MOST_ROWS = 5000

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FilterView:
    """Activations of all filters along some sequences, for looking at.

    Parameters
    ----------
    motifs
        One per filter, in the filters' order; `info` holds "use", "used" and "filters".
    activation : (n, n_filters, n_starts) float32
        On the better strand, at the window's start.
    strand : (n, n_filters, n_starts) int8
        +1 or -1: which strand that was.
    letters : (n, length) uint8
        Letter codes.
    names
        One per sequence.
    readout : (n, n_readouts)
        Measured values.
    """

    motifs: list[Motif]
    activation: npt.NDArray[np.float32]
    strand: npt.NDArray[np.int8]
    letters: Letters
    names: list[str]
    readout: npt.NDArray[np.float32]


def read_motifs(
    model: Network | Sequence[Network],
    adata: AnnData,
    *,
    source: str = "activations",
    include_unused: bool = False,
    device: str = "auto",
    batch_size: int = 256,
) -> list[Motif]:
    """Read the motifs that a network uses from its filters, most used first.

    Filters that show the same motif (shifted, on the other strand, or a near copy) are one motif.
    It counts as used if silencing its filters raises the loss on held-out rows by more than 0.005
    and by more than chance (bootstrap); what is not used is not shown, because a warm start plants
    motifs that the data may not need.

    Parameters
    ----------
    model
        One network, or several trained on the same readouts (seeds, folds of a cross-validation;
        see `mb.fit_repeats`), whose motifs are pooled.
    source
        "activations": letters under the windows where the filter fires above 0.6 of its largest
        activation, less those under such windows in shuffled sequences. "weights": the filter's
        weights as probabilities; needs no firing.
    include_unused
        Return filters that are not used as well; their `info["used"]` is False.

    Returns
    -------
    list of Motif
        Trimmed. `n_sites` is the number of windows found in up to 5,000 sequences beyond those in
        their shuffles; `info` holds "use" (rise of the held-out loss; nats for binary readouts,
        shares of the variance for continuous ones), "use_lower" (bootstrap bound), "used",
        "held_out" (whether unseen rows were there to measure it), "judged_on" ("validation" where
        there are 1,000 such rows, so that test rows choose no motif; else all "held-out" rows, or
        "training"), "filters" (their numbers), "network" (a fingerprint, so that motifs of another
        network are refused where these filters are asked for), "share" (of sequences with a site),
        "source", "learned_from" (a sample of the training and validation sequences, as hashes, so
        that a test on the same sequences can be refused), and "part" (of a network trained on one
        half of a readout, if `adata` is that half, see `mb.halve_readout`).

        Pooled motifs have "support" (how many of the "n_networks" use the motif), "use" (mean over
        all networks, 0 where one does not show it), "use_low" and "use_high" (the smallest and the
        largest of them) and "filters_by_network" in place of "filters"; for the motifs of one
        network see `mb.motifs_of`. What a single network uses is listed too.
        Support is agreement of networks that saw the same data, never significance.

    Raises
    ------
    InputError
        If a network is untrained or has no motif layer, or several differ in readouts or alphabet.

    Notes
    -----
    Share-of-largest rule and ablation: Tseng et al. 2024, who take 0.5. Ours are the grouping, the
    bound, and that what shuffled sequences hold as well is subtracted. Planted motifs are so
    recovered best (similarity), and 0 to 2.5 bits too sharp, because their weakest sites lie
    below 0.6.
    A motif from weights has columns proportional to ``exp(b w)`` with b such that its average
    score is 0.75 of the best possible.
    """
    _check.one_of(source, "source", ("activations", "weights"))
    if isinstance(model, Sequence):
        networks = alike(model)
        read = partial(read_motifs, adata=adata, source=source, include_unused=include_unused)
        each = [read(one, batch_size=batch_size, device=device) for one in networks]
        return pool(networks, each, adata, batch_size=batch_size, device=device)
    network = motif_network(model)
    alone = measure_use(
        network,
        adata,
        [[f] for f in range(network.motifs.n_filters)],
        batch_size=batch_size,
        device=device,
    )
    motifs = filter_motifs(network, adata, source=source, batch_size=batch_size, device=device)
    firing = [
        replace(motif, info={**motif.info, "use": float(use)})
        for motif, use in zip(motifs, alone.use)
        if motif.n_sites
    ]
    if not firing:
        return []
    merged = cluster_motifs([motif.trim(FLANK) for motif in firing], similarity=SAME)
    groups = [list(motif.info["filters"]) for motif in merged]
    together = measure_use(network, adata, groups, batch_size=batch_size, device=device)
    return _ranked(merged, together, _chosen_by(network, adata, together), include_unused)


def _chosen_by(network: MotifNetwork, adata: AnnData, use: Use) -> npt.NDArray[np.uint64]:
    """Sketch of the sequences that trained the network, and of those that alone judged it."""
    hashes = training_hashes(network)
    if use.judges == "validation":
        judges = sequence_hashes(store.get_letters(adata)[use.rows], network.alphabet)
        hashes = np.concatenate([hashes, judges])
    return sketch(hashes)


def _ranked(
    merged: list[Motif], use: Use, learned_from: npt.NDArray[np.uint64], include_unused: bool
) -> list[Motif]:
    order = np.argsort(-use.use, kind="stable")
    chosen = [int(i) for i in order if include_unused or use.is_used[i]]
    return [
        replace(
            merged[i],
            name=f"motif_{number}",
            info={
                **merged[i].info,
                "use": float(use.use[i]),
                "use_lower": float(use.lower[i]),
                "used": bool(use.is_used[i]),
                "held_out": use.held_out,
                JUDGED_ON: use.judges,
                LEARNED_FROM: learned_from,
            },
        )
        for number, i in enumerate(chosen, start=1)
    ]


def filter_motifs(
    model: Network,
    adata: AnnData,
    *,
    source: str = "activations",
    device: str = "auto",
    batch_size: int = 256,
) -> list[Motif]:
    """One motif per filter, in their order, untrimmed; see `read_motifs`.

    A filter that fires nowhere has `n_sites` 0 and the motif of its weights.
    """
    network = motif_network(model)
    refuse_other_alphabet(network, adata)
    letters = _some_letters(adata)
    from_weights = weight_ppms(network)
    best = _largest(network, letters, batch_size=batch_size, device=device)
    sites = _sites(network, letters, SITE * best, batch_size=batch_size, device=device)
    chance = shuffle(letters, network.alphabet.n_letters, seed=0)
    chance_sites = _sites(network, chance, SITE * best, batch_size=batch_size, device=device)
    seen, made_by, motifs = sketch(training_hashes(network)), fingerprint(network), []
    half = trained(network).details.get(schema.PART)
    is_half = half is not None and adata.uns.get(schema.PART) == half  # else others choose as well
    for number, ((rows, windows), (_, by_chance)) in enumerate(zip(sites, chance_sites)):
        ppm = from_weights[number]
        if source == "activations" and len(windows):
            ppm = _beyond_chance(windows, by_chance, network.alphabet.n_letters)
        info = {
            "filters": [number],
            NETWORK: made_by,
            "source": source,
            "share": len(np.unique(rows)) / max(len(letters), 1),
            LEARNED_FROM: seen,
            **({PART: half} if is_half else {}),
        }
        motifs.append(
            Motif(
                f"filter_{number}",
                ppm,
                n_sites=_n_beyond_chance(len(windows), len(by_chance)),
                alphabet=network.alphabet,
                info=info,
            )
        )
    return motifs


def _n_beyond_chance(n_sites: int, n_by_chance: int) -> float:
    """Sites beyond those of shuffled sequences; 1 at least if there are any."""
    return float(max(n_sites - n_by_chance, min(n_sites, 1)))


def _beyond_chance(windows: Letters, by_chance: Letters, n_letters: int) -> FloatArray:
    """Shares of letters in windows, less those expected by chance, (n_letters, width).

    A short motif turns up by chance, and best where a filter is content with less than all of it:
    those windows would blur it. Where hardly a tenth is beyond chance, all windows count.
    """
    counts = count_letters(windows, n_letters)
    if len(windows) - len(by_chance) > LEAST_BEYOND * len(windows):
        counts = np.maximum(counts - count_letters(by_chance, n_letters), 0)
    counts = counts + 0.1
    shares: FloatArray = counts / counts.sum(axis=0)
    return shares


def _some_letters(adata: AnnData) -> Letters:
    letters = store.get_letters(adata)
    if len(letters) <= MOST_ROWS:
        return letters
    rows = np.random.default_rng(0).choice(len(letters), MOST_ROWS, replace=False)
    return letters[np.sort(rows)]


@torch.no_grad()
def _batches(
    network: MotifNetwork, letters: Letters, *, device: str, batch_size: int
) -> Iterator[tuple[int, torch.Tensor]]:
    """First row and activation, (n, n_channels, n_starts), of each batch."""
    layer, target = network.motifs, pick_device(device)
    with evaluating(network, target), threads():
        for rows in row_batches(letters.shape, batch_size, target):
            batch = as_tensor(letters[rows]).to(target)
            yield rows.start, layer.strands(encode_batch(batch, network.alphabet.n_letters)).cpu()


def _largest(
    network: MotifNetwork, letters: Letters, *, device: str, batch_size: int
) -> torch.Tensor:
    """Largest activation of each filter on either strand, (n_filters,)."""
    largest = torch.zeros(network.motifs.n_channels)
    for _, activation in _batches(network, letters, batch_size=batch_size, device=device):
        largest = torch.maximum(largest, activation.amax(dim=(0, 2)))
    return largest.view(-1, network.motifs.n_filters).amax(dim=0)


def _sites(
    network: MotifNetwork, letters: Letters, cuts: torch.Tensor, *, device: str, batch_size: int
) -> list[tuple[npt.NDArray[np.int64], Letters]]:
    """Per filter the row and the letters, (n_sites, width), of windows beyond its cut."""
    layer = network.motifs
    found: list[list[tuple[torch.Tensor, ...]]] = [[] for _ in range(layer.n_filters)]
    for first, activation in _batches(network, letters, batch_size=batch_size, device=device):
        for number in range(layer.n_filters):
            for channel in layer.channels_of([number]):
                rows, starts = torch.nonzero(activation[:, channel] > cuts[number], as_tuple=True)
                is_reverse = torch.full_like(rows, channel >= layer.n_filters)
                found[number].append((rows + first, starts, is_reverse))
    return [_windows(network, letters, parts) for parts in found]


def _windows(
    network: MotifNetwork, letters: Letters, parts: list[tuple[torch.Tensor, ...]]
) -> tuple[npt.NDArray[np.int64], Letters]:
    rows, starts, is_reverse = (torch.cat(column).numpy() for column in zip(*parts))
    windows = letters[rows[:, None], starts[:, None] + np.arange(network.motifs.width)]
    turned = is_reverse.astype(bool)
    if turned.any():
        windows[turned] = network.alphabet.complement_codes[windows[turned, ::-1]]
    return rows, windows


def weight_ppms(network: MotifNetwork) -> npt.NDArray[np.float64]:
    """Filters as probabilities, (n_filters, n_letters, width)."""
    weights = network.motifs.filters().detach().cpu().double().numpy()
    bias = network.motifs.bias.detach().cpu().double().numpy()
    best = weights.max(axis=1).sum(axis=1)
    wanted = TYPICAL * np.maximum(best + bias, 0.1 * best) - bias
    low, high = np.zeros(len(weights)), np.full(len(weights), 1e3)
    for _ in range(60):  # bisection: the average score grows with the sharpness
        sharpness = (low + high) / 2
        ppms = _softmax(sharpness[:, None, None] * weights)
        is_low = (ppms * weights).sum(axis=(1, 2)) < np.minimum(wanted, 0.999 * best)
        low, high = np.where(is_low, sharpness, low), np.where(is_low, high, sharpness)
    return ppms


def _softmax(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = raised / raised.sum(axis=1, keepdims=True)
    return shares


@torch.no_grad()
def explore(
    model: Network,
    adata: AnnData,
    *,
    n: int = 500,
    device: str = "auto",
) -> FilterView:
    """Activations of all filters along `n` sequences, spread evenly over `adata`.

    Raises
    ------
    InputError
        If the network is untrained or has no motif layer.
    """
    network = motif_network(model)
    refuse_other_alphabet(network, adata)
    rows = np.unique(np.linspace(0, adata.n_obs - 1, min(n, adata.n_obs)).astype(int))
    letters = store.get_letters(adata)[rows]
    target, layer = pick_device(device), network.motifs
    with evaluating(network, target), threads():
        batch = encode_batch(torch.as_tensor(letters).to(target), network.alphabet.n_letters)
        channels = layer.strands(batch).cpu().numpy()
    per_strand = channels.reshape(len(rows), -1, layer.n_filters, channels.shape[2])
    use = measure_use(network, adata, [[f] for f in range(layer.n_filters)], device=device)
    motifs = [
        replace(motif.trim(FLANK), info={**motif.info, "use": float(u), "used": bool(is_used)})
        for motif, u, is_used in zip(
            filter_motifs(network, adata, device=device), use.use, use.is_used
        )
    ]
    return FilterView(
        motifs=motifs,
        activation=per_strand.max(axis=1),
        strand=(1 - 2 * per_strand.argmax(axis=1)).astype(np.int8),
        letters=letters,
        names=[str(name) for name in adata.obs_names[rows]],
        readout=store.get_readouts(adata)[rows],
    )
