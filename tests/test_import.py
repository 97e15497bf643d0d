"""`import motifbook` is quick and loads nothing that its user has not asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import motifbook as mb


def in_fresh_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_loads_no_other_library():
    loaded = "{name.partition('.')[0] for name in sys.modules}"
    heavy = "{'anndata', 'lightning', 'matplotlib', 'numpy', 'pandas', 'scipy', 'torch'}"
    code = f"import sys, motifbook; print(sorted({loaded} & {heavy}))"
    assert in_fresh_python(code) == "[]"


def test_motifs_and_data_load_no_network_library():
    code = (
        "import sys, motifbook as mb; mb.Motif, mb.read_fasta, mb.simulate, mb.plot.logo; "
        "print('torch' in sys.modules, 'lightning' in sys.modules)"
    )
    assert in_fresh_python(code) == "False False"


@pytest.mark.parametrize("name", mb.__all__)
def test_every_public_name_is_there(name):
    assert getattr(mb, name) is not None


def test_dir_lists_the_public_names():
    assert {"read_fasta", "fit", "read_motifs", "report", "__version__"} <= set(dir(mb))


def test_a_name_is_looked_up_once():
    assert mb.Motif is mb.Motif
    assert "Motif" in vars(mb)


@pytest.mark.parametrize("name", ["about", "report"])
def test_a_file_does_not_hide_the_function_of_its_name(name):
    code = f"import motifbook as mb, motifbook.{name}; print(type(mb.{name}).__name__)"
    assert in_fresh_python(code) == "function"


@pytest.mark.parametrize(
    ("typed", "meant"), [("read_fast", "read_fasta"), ("readmotifs", "read_motifs"), ("cnn", "CNN")]
)
def test_a_misspelt_name_is_answered_with_the_nearest(typed, meant):
    with pytest.raises(AttributeError, match=f"motifbook has no '{typed}'. Did you mean '{meant}'"):
        getattr(mb, typed)


def test_a_name_like_no_other_points_to_the_list():
    with pytest.raises(AttributeError, match=r"has no 'qqq'. dir\(motifbook\) lists"):
        mb.qqq  # noqa: B018


def test_functions_that_use_the_package_travel_to_other_processes():
    import joblib

    import motifbook as mb

    def read(sequence):
        return mb.Motif.from_sites("site", [sequence]).consensus

    [consensus] = joblib.Parallel(n_jobs=2)(joblib.delayed(read)(word) for word in ["GATA"])
    assert consensus == "GATA"
