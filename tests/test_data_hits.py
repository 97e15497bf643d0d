import anndata as ad
import numpy as np
import pandas as pd
import pytest

from motifbook import InputError
from motifbook.alphabet import RNA
from motifbook.data import schema
from motifbook.data.hits import scan
from motifbook.motif.matrix import Motif
from motifbook.onehot import encode

AP1 = Motif.from_sites("AP-1", ["TGACTCA"])
SEQUENCES = ["GGTGACTCAGG", "NNTGACTCA", "CCTGAGTCACCCCCCCCCCCC", "NNNN"]
NAMES = ["a", "b", "c", "d"]


@pytest.fixture
def book():
    return ad.AnnData(obs=pd.DataFrame({"sequence": SEQUENCES}, index=NAMES))


def test_positions_count_in_the_sequence_as_given(book):
    hits = scan([AP1], book, background=[0.25] * 4)
    sites = [SEQUENCES[NAMES.index(hit.sequence)][hit.start : hit.end] for hit in hits.itertuples()]
    assert hits["sequence"].tolist() == ["a", "b", "c"]
    assert hits["strand"].tolist() == ["+", "+", "-"]
    assert sites == ["TGACTCA", "TGACTCA", "TGAGTCA"]


def test_letters_give_the_same_hits_without_their_padding(book):
    letters = ad.AnnData(obs=pd.DataFrame(index=NAMES))
    letters.obsm[schema.LETTERS] = encode(SEQUENCES)
    hits = scan([AP1], letters, background=[0.25] * 4)
    assert hits["start"].tolist() == [2, 0, 2]  # the N of b count as padding there


def test_no_hits_are_an_empty_table_of_the_same_columns(book):
    hits = scan([AP1], book[3:])
    assert list(hits) == [*schema.HIT_COLUMNS, "q_value"]
    assert len(hits) == 0


def test_one_motif_alone_is_scanned_too(book):
    options = {"background": [0.25] * 4, "strands": False}
    pd.testing.assert_frame_equal(scan(AP1, book, **options), scan([AP1], book, **options))


def test_other_things_and_other_letters_are_refused(book):
    with pytest.raises(InputError, match=r"`motifs` holds an ndarray; expected motifs. Make them"):
        scan([np.eye(4)], book)
    with pytest.raises(InputError, match="'rna' is written in RNA letters, the sequences in DNA"):
        scan([Motif("rna", np.eye(4), alphabet=RNA)], book)
