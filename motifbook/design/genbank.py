"""Designs as GenBank records: what was changed, and where the motifs are."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from motifbook import __version__, _check
from motifbook.data.export import write_text
from motifbook.design.assemble import stretches
from motifbook.design.motif_hits import STRANDS, HitFinder, Hits
from motifbook.design.problem import Path, final
from motifbook.motif.matrix import Motif
from motifbook.onehot import decode

if TYPE_CHECKING:
    from motifbook.design.designs import Designs

_LONGEST_NAME = 16  # letters of a name in the LOCUS line
_LONGEST_REPLACED = 40  # letters of /replace; readers put blanks where longer lines are wrapped
_MOLECULES = ("DNA", "RNA", "protein")
_COUNTED = "In notes, the first letter of the design has number 0; flanks are not counted."


def write_genbank(designs: Designs, path: str | os.PathLike[str]) -> None:
    """Write one GenBank record per design, as it is ordered, with its features.

    Parameters
    ----------
    path
        Usually .gb; with .gz behind it: packed.

    Raises
    ------
    InputError
        If Biopython is missing, or nothing can be written there.

    Notes
    -----
    Features: flanks (misc_feature), hits of the motifs, as in the words of edits (protein_bind; RNA
    and proteins: misc_feature), and every edit (variation), at the letters that it changed, with
    the letters before it as /replace if they are 40 or fewer. Files are the same every time; their
    date is 01-JAN-1980.
    """
    bio = _biopython()
    hits = HitFinder(designs.motifs).find(final(designs.paths))
    records = [
        _record(designs, row, name, hits.take(hits.row == row))
        for row, name in enumerate(_locus_names(designs))
    ]
    text = io.StringIO()
    bio.SeqIO.write(records, text, "genbank")
    write_text(path, text.getvalue())


def _biopython() -> Any:
    try:
        import Bio.Seq
        import Bio.SeqFeature
        import Bio.SeqIO
        import Bio.SeqRecord
    except ImportError:
        raise _check.InputError(
            "GenBank files need Biopython, which is not installed. Use "
            '`pip install "motifbook[design]"`, or `designs.write_fasta`.'
        ) from None
    return Bio


def _record(designs: Designs, row: int, name: str, hits: Hits) -> Any:
    """One design as a Biopython record."""
    alphabet = designs.models[0].alphabet
    left, right = designs.constraints.flanks
    path, sequence = designs.paths[row], designs.sequences[row]
    shift = len(left) - _padding(path, alphabet.n_letters)
    made = f"{designs.table['design'].iloc[row]}: {designs.goal.words}"
    molecule = alphabet.name if alphabet.name in _MOLECULES else "DNA"
    features = [
        *_flank_features(len(left), len(sequence), len(right)),
        *_site_features(hits, designs.motifs, shift, molecule),
        *_edit_features(designs, row, shift),
    ]
    bio = _biopython()
    return bio.SeqRecord.SeqRecord(
        bio.Seq.Seq(f"{left}{sequence}{right}"),
        id=name,
        name=name,
        description=made,
        annotations={
            "molecule_type": molecule,
            "topology": "linear",
            "data_file_division": "SYN",
            "source": "synthetic construct",
            "organism": "synthetic construct",
            "taxonomy": ["other sequences", "artificial sequences"],
            "comment": f"Designed with motifbook {__version__}. {_COUNTED}",
        },
        features=sorted(features, key=lambda one: int(one.location.start)),
    )


def _padding(path: Path, n_letters: int) -> int:
    """Unknown letters before the first letter of a design."""
    return int((path.letters[-1] < n_letters).argmax())


def _feature(start: int, end: int, strand: int | None, kind: str, **qualifiers: str) -> Any:
    bio = _biopython().SeqFeature
    listed = {key: [words] for key, words in qualifiers.items()}
    return bio.SeqFeature(bio.SimpleLocation(start, end, strand), kind, qualifiers=listed)


def _flank_features(left: int, length: int, right: int) -> list[Any]:
    spans = [("left flank", 0, left), ("right flank", left + length, left + length + right)]
    return [
        _feature(start, end, 1, "misc_feature", label=name, note=name)
        for name, start, end in spans
        if start < end
    ]


def _site_features(hits: Hits, motifs: Sequence[Motif], shift: int, molecule: str) -> list[Any]:
    """The motifs where they lie."""
    features = []
    for number, start, strand, bits in zip(hits.motif, hits.start, hits.strand, hits.bits):
        motif, first = motifs[number], int(start) + shift
        kind, said = "misc_feature", {"label": motif.name}
        if molecule == "DNA":
            kind, said = "protein_bind", {"bound_moiety": motif.name, **said}
        note = f"motif {motif.name}, {STRANDS[strand]} strand, {bits:.1f} bits"
        sign = -1 if strand else 1
        features.append(_feature(first, first + motif.width, sign, kind, **said, note=note))
    return features


def _edit_features(designs: Designs, row: int, shift: int) -> list[Any]:
    """Each edit, at the letters that it changed."""
    name, path = designs.table["design"].iloc[row], designs.paths[row]
    texts = decode(path.letters, designs.models[0].alphabet)
    own = designs.edits[designs.edits["design"] == name]
    features = []
    for step, (before, after) in enumerate(zip(path.letters[:-1], path.letters[1:])):
        spans = stretches(before, after)
        if not spans:
            continue
        told = own[own["step"] == step + 1]
        effects = [
            f"{one['readout']} {one['before']:.4g} to {one['after']:.4g}"
            for one in told.to_dict("records")
        ]
        words = str(told["edit"].iloc[0]) if len(told) else "changed"
        start, end = spans[0][0], spans[-1][1]
        said = {
            "label": f"edit {step + 1}",
            "note": "; ".join([f"edit {step + 1}: {words}", *effects]),
        }
        if end - start <= _LONGEST_REPLACED:
            said["replace"] = texts[step][start:end].lower()
        features.append(_feature(start + shift, end + shift, 1, "variation", **said))
    return features


def _locus_names(designs: Designs) -> list[str]:
    """Names that a LOCUS line holds: unique, without blanks, at most 16 letters."""
    clean = [re.sub(r"[^\w.-]+", "_", str(name)) for name in designs.table["design"]]
    short: list[str] = []
    for number, name in enumerate(clean):
        cut = name[:_LONGEST_NAME]
        if cut in short or len(name) > _LONGEST_NAME:
            ending = f"_{number + 1}"
            cut = name[: _LONGEST_NAME - len(ending)] + ending
        short.append(cut)
    return short
