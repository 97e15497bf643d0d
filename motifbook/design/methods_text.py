"""The paragraph for a paper: what was designed, and how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from motifbook import __version__
from motifbook.data.words import counted, percent
from motifbook.design.constraints import Constraints
from motifbook.design.judge import judges_of, shared_training
from motifbook.models.network import Network
from motifbook.train.evaluate import training_hashes

if TYPE_CHECKING:
    from motifbook.design.designs import Designs

METHODS = {
    "motifs": "by placing, removing, moving and strengthening motifs that the network reads, one "
    "edit at a time (interpretable design as in ARGMINN; Tseng et al. 2024, arXiv 2410.06211)",
    "greedy": "by changing the letters that gain most, one or several at a time, again and again",
    "evolve": "by evolution: mutation, recombination and selection of the best",
    "gradient": "by gradient ascent on relaxed sequences with a straight-through estimator (Linder "
    "and Seelig 2021, BMC Bioinformatics 22:510; without normalization of logits)",
    "ledidi": "with Ledidi (Schreiber et al. 2020, bioRxiv 2020.05.21.109686), which weighs each "
    "edit against the goal",
    "random": "by random letters of which the best were kept, as a baseline",
}


def methods_text(designs: Designs, judge: Network | Sequence[Network] | None = None) -> str:
    """Write a paragraph for a paper, with all numbers.

    Parameters
    ----------
    judge
        Networks that judged the designs, if any.

    Raises
    ------
    InputError
        If the judge predicts other readouts, or reads another alphabet.
    """
    details = designs.details
    sentences = [
        f"{counted(len(designs), 'sequence')} of {_lengths(designs)} letters "
        f"{'was' if len(designs) == 1 else 'were'} designed for {designs.goal.words}, "
        f"as predicted by {_networks(designs.models)}.",
        _agreement(designs),
        _search(details),
        _edits(designs),
        _constraints(designs.constraints, has_strands=designs.models[0].alphabet.has_strands),
        _refused(designs),
    ]
    if judge is not None:
        sentences.append(_judged(designs, judges_of(designs, judge)))
    version = details.get("motifbook", __version__)
    seed = details.get("seed")
    seeded = "without a seed" if seed is None else f"seed {seed}"
    sentences.append(f"Designs were made with motifbook {version}, {seeded}.")
    return " ".join(filter(None, sentences))


def _lengths(designs: Designs) -> str:
    lengths = sorted({len(one) for one in designs.sequences})
    return f"{lengths[0]}" if len(lengths) == 1 else f"{lengths[0]} to {lengths[-1]}"


def _networks(models: Sequence[Network]) -> str:
    """What the networks are, and on how many sequences they were trained."""
    kinds = list(dict.fromkeys(type(model).__name__ for model in models))
    named = f"{counted(len(models), 'network')} ({', '.join(kinds)}"
    sizes = sorted({len(set(training_hashes(model).tolist())) for model in models})
    if sizes[0] == 0:
        return f"{named})"
    trained_on = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
    return f"{named}, trained on {trained_on} different sequences)"


def _agreement(designs: Designs) -> str:
    """How several networks made one score."""
    if len(designs.models) == 1:
        return ""
    caution = float(designs.details.get("caution", 0.0))
    less = f", less {caution:g} standard deviations between them" if caution else ""
    return f"What counted was the mean of the networks{less}."


def _search(details: dict[str, Any]) -> str:
    method = str(details.get("method"))
    said = f"The search went {METHODS.get(method, f'by {method}')}"
    n_calls = details.get("n_calls")
    return f"{said}; {n_calls:,} sequences were scored." if n_calls else f"{said}."


def _edits(designs: Designs) -> str:
    table = designs.table
    starts = table["start"].astype(str)
    origin = counted(starts.nunique(), "given sequence")
    if (starts == "random").all():
        origin = "random letters"
    n_edits, n_changed = table["n_edits"].median(), table["n_changed"].median()
    edits = f"{n_edits:g} {'edit' if n_edits == 1 else 'edits'}"
    letters = f"{n_changed:g} {'letter' if n_changed == 1 else 'letters'}"
    medians = "" if len(table) == 1 else " (medians)"
    began, differ = ("It", "differs") if len(table) == 1 else ("Designs", "differ")
    what = "these" if (starts == "random").all() or starts.nunique() > 1 else "it"
    return (
        f"{began} began with {origin} and {differ} from {what} by {edits}, or {letters}{medians}."
    )


def _constraints(asked: Constraints, *, has_strands: bool) -> str:
    """What was kept to, flanks included."""
    said = []
    if asked.gc is not None:
        low, high = map(percent, asked.gc)
        said.append(f"{low} to {high} of G and C")
    if asked.gc_window is not None:
        said.append(
            f"windows of {asked.gc_window[0]} letters that differ in G and C by at most "
            f"{percent(asked.gc_window[1])}"
        )
    if isinstance(asked.homopolymer, dict):
        runs = ", ".join(f"{most} {letter}" for letter, most in asked.homopolymer.items())
        said.append(f"at most {runs} in a row")
    elif asked.homopolymer is not None:
        said.append(f"at most {asked.homopolymer} equal letters in a row")
    if asked.repeat is not None:
        where = " on either strand" if has_strands else ""
        said.append(f"no repeat of {asked.repeat} letters{where}")
    said += _words(asked)
    if asked.n_edits is not None:
        said.append(f"at most {asked.n_edits} changed letters")
    flanks = " and ".join(filter(None, asked.flanks))
    tail = f" The flanks {flanks} count in these." if flanks else ""
    return f"The search kept to: {'; '.join(said)}.{tail}" if said else tail.strip()


def _words(asked: Constraints) -> list[str]:
    """The words and motifs among the constraints."""
    said = []
    if asked.avoid_sites:
        said.append(f"no site of {', '.join(asked.avoid_sites)}")
    if asked.avoid:
        said.append(f"without {', '.join(asked.avoid)}")
    if not asked.start_codons:
        said.append("no start codon")
    for verb, motifs in (("no", asked.forbid), ("a", asked.require)):
        if motifs:
            said.append(f"{verb} site of {', '.join(motif.name for motif in motifs)}")
    if asked.n_letters is not None:
        said.append(f"{asked.n_letters[0]} to {asked.n_letters[1]} letters")
    if asked.fixed or asked.edit_mask is not None:
        said.append("given letters unchanged")
    return said


def _refused(designs: Designs) -> str:
    """How many edits were refused, and whether that broke constraints."""
    n_refused = int(designs.details.get("n_refused", 0))
    if not n_refused:
        return ""
    broken = "" if designs.check().empty else ", which broke constraints"
    return f"Afterwards, edits were refused by hand: {n_refused}{broken}."


def _judged(designs: Designs, judges: Sequence[Network]) -> str:
    share = shared_training(designs.models, judges)
    apart = f"of whose training sequences {percent(share)} had trained the former, too"
    if math.isnan(share):
        apart = "which are not known to have learned from other sequences"
    elif share == 0:
        apart = "which had learned from none of the sequences that taught the former"
    return f"Designs were judged by other networks: {_networks(judges)}, {apart}."
