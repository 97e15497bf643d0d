"""Known motifs as candidates beside the learned ones."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from motifbook import _check
from motifbook.alphabet import Alphabet
from motifbook.data.splits.copies import sequence_hashes
from motifbook.formula.counting import CountedMotif, count_sites
from motifbook.formula.positions import Positions
from motifbook.motif.cluster import cluster_motifs
from motifbook.motif.columns import motif_list
from motifbook.motif.compare import align_all
from motifbook.motif.compare import known_motifs as read_known
from motifbook.motif.distribution import STEP, score_distribution
from motifbook.motif.learned import LEARNED_FROM, share_seen
from motifbook.motif.matrix import Motif
from motifbook.motif.scan import letter_shares
from motifbook.onehot import Letters

P_VALUE = 1e-4  # of a window of random sequence: one site in 10,000 letters of each strand
ALIKE = 0.8  # similarity from which a known motif is a copy
FEWEST = 0.005  # share of the sequences that must hold a site
SAMPLE = 4000  # sequences in which sites are looked for
SEEN = 0.01  # share of the testing sequences that a motif may know: copies
MIXED = 0.01  # share of background in every column, as in `Motif.pssm`


def known_motifs(
    collection: str | os.PathLike[str] | Sequence[Motif],
    letters: Letters,
    alphabet: Alphabet,
    *,
    learned: Sequence[Motif] = (),
    p_value: float = P_VALUE,
    both_strands: bool = True,
) -> list[CountedMotif]:
    """Choose known motifs that say something beside the learned ones.

    Parameters
    ----------
    collection
        Name of a packaged collection (`mb.database.names()`), path of a motif file, or motifs.
    letters : (n, length)
        Letter codes of the sequences that the motifs are chosen for; at most 4,000 of them,
        evenly spaced, are looked at.
    alphabet
        Of the letters.
    learned
        Known motifs at least 0.8 similar to one of these are left out. Those that are alike to
        each other become one, see `cluster_motifs`.
    p_value
        How rare a site is: the probability that a window of random sequence scores as high, with
        the letter frequencies at hand; motifs too short to be so rare count where they match
        best. Each window counts 1 or 0.

    Returns
    -------
    list of CountedMotif
        By name; a name that comes again, or that a learned motif has, is followed by its id.
        Motifs with sites in less than one of 200 sequences are left out.

    Raises
    ------
    InputError
        If there is no such collection or file, or its motifs are written in another alphabet.

    Examples
    --------
    >>> from motifbook.alphabet import DNA
    >>> from motifbook.onehot import encode
    >>> ap1 = Motif.from_sites("AP-1", ["TGACTCA", "TGAGTCA"])
    >>> letters = encode(["ACCTTGACTCAGGTC", "CTTCCTGAGTCAAAG", "GATTACCCATTGGAA"])
    >>> [counted.motif.name for counted in known_motifs([ap1], letters, DNA)]
    ['AP-1']
    """
    motifs = cluster_motifs(read_known(collection), similarity=ALIKE)
    some = letters[:: max(1, -(-len(letters) // SAMPLE))]
    counted = count_motifs(
        _unlike(motifs, learned), some, alphabet, p_value=p_value, both_strands=both_strands
    )
    if not counted or not len(some):
        return []
    everywhere = Positions.named("anywhere", some.shape[1])
    counts = count_sites(counted, some, everywhere, both_strands=both_strands)
    occurs = (counts > 0).mean(axis=0) >= FEWEST
    return _named([motif for motif, often in zip(counted, occurs) if often], learned)


def count_motifs(
    motifs: Sequence[Motif],
    letters: Letters,
    alphabet: Alphabet,
    *,
    p_value: float = P_VALUE,
    both_strands: bool = True,
) -> list[CountedMotif]:
    """Make motifs countable, each as it is: thresholds as in `known_motifs`, none left out.

    Raises
    ------
    InputError
        If they are no motifs, or are written in another alphabet.
    """
    _check.number(p_value, "p_value", low=1e-12, high=0.5, what="a probability")
    listed = motif_list(motifs)
    if not listed:
        return []
    if listed[0].alphabet != alphabet:
        raise _check.InputError(
            f"Motif {listed[0].name!r} is written in {listed[0].alphabet.name}, the sequences in "
            f"{alphabet.name}; expected one alphabet. Read it with "
            f"`mb.read_motif_file(path, alphabet={alphabet.name!r})`."
        )
    both = both_strands and alphabet.has_strands
    shares = tuple(letter_shares(listed[0], letters[:SAMPLE], None, both).tolist())
    return [_counted(replace(motif, background=shares), p_value) for motif in listed]


def refuse_seen(motifs: Sequence[Motif], letters: Letters, alphabet: Alphabet) -> None:
    """Refuse motifs that were learned from the sequences whose readouts are to test them.

    Raises
    ------
    InputError
        If that is so, as far as motifs remember what they were learned from.
    """
    learned = [motif for motif in motif_list(motifs) if LEARNED_FROM in motif.info]
    hashes = sequence_hashes(letters if learned else letters[:0], alphabet)
    for motif in learned:
        share = share_seen(motif, hashes)
        if share > SEEN:
            raise _check.InputError(
                f"Motif {motif.name!r} was learned from about {share:.0%} of the sequences of "
                'split "test", so its interval would be too narrow; expected sequences it was not '
                'learned from. Make `adata.obs["split"]` before learning motifs, and keep it.'
            )


def _unlike(motifs: Sequence[Motif], learned: Sequence[Motif]) -> list[Motif]:
    if not learned:
        return list(motifs)
    return [
        motif
        for motif in motifs
        if max(alignment.score for alignment in align_all(motif, learned)) < ALIKE
    ]


def _counted(motif: Motif, p_value: float) -> CountedMotif:
    """Count windows as rare as `p_value`; a letter never seen is unlikely, not impossible."""
    background = np.array(motif.background)[:, None]
    softened = replace(motif, ppm=(1 - MIXED) * motif.ppm + MIXED * background)
    counted = CountedMotif(softened, np.inf)
    distribution = score_distribution(counted.weights() / np.log(2), motif.background)
    best = (distribution.lowest + len(distribution.tails) - 1) * STEP
    threshold = min(distribution.threshold(p_value), best) - STEP * motif.width / 2  # rounding
    return replace(counted, threshold=threshold * float(np.log(2)))


def _named(counted: Sequence[CountedMotif], learned: Sequence[Motif]) -> list[CountedMotif]:
    """Sorted by name; names that are taken are followed by the id, else by a number."""
    times = Counter(motif.name for motif in learned)
    named = []
    for one in sorted(counted, key=lambda one: one.motif.name):
        name = one.motif.name
        times[name] += 1
        if times[name] > 1:
            name = f"{name} {one.motif.info.get('id', times[name])}"
        named.append(replace(one, motif=one.motif.renamed(name)))
    return named
