"""The paragraph for a paper."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import toys
from designs_example import ANY, GATA, made, taught

import motifbook as mb
from motifbook import __version__
from motifbook._check import InputError
from motifbook.design.constraints import Constraints
from motifbook.design.design import METHODS as KNOWN
from motifbook.design.methods_text import METHODS, methods_text

QUIET = toys.quiet(30, 40, seed=3)
WAY = [QUIET[0], QUIET[0][:10] + "GATA" + QUIET[0][14:]]


def test_the_numbers_are_there():
    designs = made(
        [WAY, WAY], taught(toys.words(), QUIET[:20]), constraints=Constraints(flanks=("GG", "CC"))
    )
    text = methods_text(designs)
    assert text.startswith("2 sequences of 40 letters were designed for bound as high as possible")
    for words in (
        "1 network (Foreign, trained on 20 different sequences)",
        "1,234 sequences were scored",
        "Designs began with random letters",
        "25 % to 65 % of G and C",
        "at most 9 equal letters in a row",
        "no repeat of 20 letters",
        "The flanks GG and CC count in these.",
        f"motifbook {__version__}, seed 0.",
    ):
        assert words in text


def test_sequences_of_one_strand_and_no_seed_are_told_as_such():
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(20 * 9, 1))
    model = mb.Foreign(module, readouts=["n"], kinds="continuous", length=9, alphabet="protein")
    designs = made([["MKVLAEDGW", "MKVLAEDGY"]], model, motifs=(), constraints=Constraints())
    designs.details["seed"] = None
    text = methods_text(designs)
    assert "no repeat of 20 letters." in text
    assert text.endswith(", without a seed.")


def test_caution_between_networks_is_told():
    designs = made([WAY])
    assert "mean of the networks" not in methods_text(designs)
    three = dataclasses.replace(designs, models=designs.models * 3)
    assert "the mean of the networks." in methods_text(three)
    three.details["caution"] = 1.5
    assert "networks, less 1.5 standard deviations between them." in methods_text(three)


def test_asked_constraints_are_told():
    asked = dataclasses.replace(
        ANY, avoid_sites=["EcoRI"], avoid=["AATAAA"], start_codons=False, require=[GATA],
        n_edits=12, fixed=[(0, 5)], n_letters=(30, 60), homopolymer={"G": 4},
    )  # fmt: skip
    text = methods_text(made([WAY], constraints=asked))
    for words in (
        "no site of EcoRI", "without AATAAA", "no start codon", "a site of GATA1",
        "at most 12 changed letters", "given letters unchanged", "30 to 60 letters",
        "at most 4 G in a row",
    ):  # fmt: skip
        assert words in text
    assert "kept to" not in methods_text(made([WAY]))


def test_one_design_is_told_as_one():
    text = methods_text(made([WAY]))
    assert text.startswith("1 sequence of 40 letters was designed for")
    assert "It began with random letters and differs from these by 1 edit, or 2 letters." in text


@pytest.mark.parametrize(
    ("taught_by", "words"),
    [
        (QUIET[20:], "which had learned from none of the sequences that taught the former"),
        (QUIET[15:], "of whose training sequences 33 % had trained the former, too"),
        (None, "which are not known to have learned from other sequences"),
    ],
)
def test_the_judge_is_told_with_what_it_shares(taught_by, words):
    judge = toys.words() if taught_by is None else taught(toys.words(), taught_by)
    assert words in methods_text(made([WAY], taught(toys.words(), QUIET[:20])), judge)


def test_every_method_has_its_sentence_and_citation():
    assert set(KNOWN) <= set(METHODS)
    cited = {"motifs": "Tseng et al. 2024", "gradient": "Linder and Seelig 2021",
             "ledidi": "Schreiber et al. 2020"}  # fmt: skip
    for method, words in cited.items():
        designs = made([WAY])
        designs.details["method"] = method
        assert words in methods_text(designs)


def test_a_wrong_judge_is_refused():
    with pytest.raises(InputError, match="`judge` predicts"):
        methods_text(made([WAY]), toys.linear())
