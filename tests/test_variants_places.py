"""Variants of a genome: windows, references that do not fit, groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from motifbook import InputError
from motifbook.variants.find import find_alleles
from tests import toys
from tests.genomes import LETTERS, write_fasta
from tests.test_data_vcf import HEADER, write

LENGTH = 40


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Keep indexes out of the user's cache."""
    monkeypatch.setenv("MOTIFBOOK_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def genome(tmp_path):
    lower = {name: letters[:300].lower() + letters[300:] for name, letters in LETTERS.items()}
    return write_fasta(tmp_path / "genome.fa", lower)


def other(letter):
    return "ACGT"["ACGT".index(letter) - 1]


def line(chrom, position, n_ref=1, alt=None, name="."):
    """A line of VCF that fits the genome; `position` counts from 0."""
    ref = LETTERS[chrom][position : position + n_ref]
    return f"{chrom}\t{position + 1}\t{name}\t{ref}\t{alt or other(ref)}\n"


def find(path, genome, **options):
    return find_alleles(toys.words(LENGTH), path, genome=genome, **options)


def done(alleles):
    return " ".join(alleles.done)


def test_the_variant_is_in_the_middle_of_its_window(tmp_path, genome):
    alleles = find(write(tmp_path, line("chrI", 100) + line("chrIV", 1000)), genome)
    expected = [LETTERS["chrI"][80:120], LETTERS["chrIV"][980:1020]]
    assert alleles.reference() == expected
    changed = [text[:20] + other(text[20]) + text[21:] for text in expected]
    assert alleles.alternative() == changed
    assert alleles.origins.tolist() == [80, 980]


def test_length_is_that_of_the_training_unless_it_is_given(tmp_path, genome):
    path = write(tmp_path, line("chrI", 100))
    assert [len(find(path, genome, length=n).reference()[0]) for n in (None, 61)] == [40, 61]
    assert find(path, genome, length=61).reference() == [LETTERS["chrI"][70:131]]


def test_indels_are_refilled_from_the_genome(tmp_path, genome):
    chrom, at = LETTERS["chrI"], 200
    deletion = line("chrI", at, 7, chrom[at])
    insertion = line("chrI", at, 1, chrom[at] + "ACGTAC")
    alleles = find(write(tmp_path, deletion + insertion), genome)
    start = alleles.origins[0]
    whole = chrom[start : at + 1] + chrom[at + 7 :]
    assert alleles.alternative()[0] == whole[:LENGTH]
    start = alleles.origins[1]
    whole = chrom[start : at + 1] + "ACGTAC" + chrom[at + 1 :]
    assert alleles.alternative()[1] == whole[:LENGTH]
    middles = [
        np.mean([alleles.changes[i][0].start, alleles.changes[i][0].start + 6]) for i in (0, 1)
    ]
    assert middles == [20, 20]


def test_windows_over_the_end_of_a_chromosome_are_filled(tmp_path, genome):
    alleles = find(write(tmp_path, line("chrX", 5) + line("chrX", 299)), genome)
    letters = LETTERS["chrX"]
    assert alleles.reference() == ["N" * 15 + letters[:25], letters[279:] + "N" * 18]
    assert "filled with N beyond the end of their chromosome: 2." in done(alleles)


def test_a_table_is_as_good_as_a_file(tmp_path, genome):
    lines = line("chrI", 100, name="a") + line("chrIV", 1000, 3, "G", name="b")
    columns = {"chrom": [], "position": [], "ref": [], "alt": [], "name": []}
    for text in lines.splitlines():
        chrom, place, name, ref, alt = text.split("\t")
        for column, cell in zip(columns, (chrom, int(place) - 1, ref, alt, name)):
            columns[column].append(cell)
    from_file = find(write(tmp_path, lines), genome)
    from_table = find(pd.DataFrame(columns), genome)
    pd.testing.assert_frame_equal(from_file.table, from_table.table)
    assert from_file.alternative() == from_table.alternative()


def test_references_that_do_not_fit_are_left_out_and_counted(tmp_path, genome):
    right = line("chrI", 100) + line("chrI", 120) + line("chrI", 140)
    letter = LETTERS["chrI"][160]
    swapped = f"chrI\t161\t.\t{other(letter)}\t{letter}\n"
    beyond = "chrX\t400\t.\tA\tC\n"
    alleles = find(write(tmp_path, right + swapped + beyond), genome)
    assert len(alleles.table) == 3
    assert "Left out 2 of 5 variants of x.vcf whose reference is not what genome.fa has" in done(
        alleles
    )
    assert "'line 6', 'line 7'. In 1 of them the alternative is what it has." in done(alleles)


def moved(by):
    """Lines whose references stand `by` letters away."""
    texts = [line("chrIV", at + by, 5, "A").split("\t") for at in range(500, 600, 10)]
    return "".join("\t".join([c, str(int(p) - by), *rest]) for c, p, *rest in texts)


def swapped():
    texts = [line("chrI", at).rstrip().split("\t") for at in range(100, 200, 10)]
    return "".join("\t".join([*one[:3], one[4], one[3]]) + "\n" for one in texts)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (moved(1), r"They fit one letter later: add 1 to POS"),
        (moved(-1), r"They fit one letter earlier: take 1 from `position`"),
        (swapped(), r"Reference and alternative seem to be swapped"),
        (moved(50), r"Is it the right version \(assembly\)"),
    ],
)
def test_another_genome_is_refused_with_a_guess(tmp_path, genome, lines, says):
    with pytest.raises(InputError, match=rf"x.vcf, line 3: the reference is .* 10 of 10 .*{says}"):
        find(write(tmp_path, lines), genome)


def test_unknown_letters_fit_any(tmp_path, genome):
    text = line("chrI", 100, 3, "A").split("\t")
    text[3] = text[3][0] + "NR"
    ref = LETTERS["chrI"][102]
    alleles = find(write(tmp_path, "\t".join(text)), genome)
    assert alleles.reference()[0][20 + 1] in (ref, LETTERS["chrI"][101])


def test_chromosomes_under_other_names_get_the_fix(tmp_path, genome):
    path = write(tmp_path, line("chrIV", 1000).replace("chrIV", "4"))
    with pytest.raises(InputError, match=r'rename=\{"4": "chrIV"\}'):
        find(path, genome)
    alleles = find(path, genome, rename={"4": "chrIV"})
    assert alleles.reference() == [LETTERS["chrIV"][980:1020]]


def test_chromosomes_that_the_genome_lacks_are_left_out(tmp_path, genome):
    alleles = find(write(tmp_path, line("chrI", 100) + "scaffold_7\t5\t.\tA\tC\n"), genome)
    assert len(alleles.table) == 1
    assert "Left out 1 variant on chromosomes that genome.fa does not have" in done(alleles)


def test_variants_longer_than_the_window_are_left_out(tmp_path, genome):
    long = line("chrI", 300, 60, LETTERS["chrI"][300])
    alleles = find(write(tmp_path, line("chrI", 100) + long), genome)
    assert len(alleles.table) == 1
    assert "Left out 1 variant longer than the window of 40 letters: 'line 4'." in done(alleles)
    with pytest.raises(InputError, match="No variant can be scored"):
        find(write(tmp_path, long), genome)


def test_near_variants_of_a_group_share_a_window(tmp_path, genome):
    lines = "".join(line("chrI", at, name="h") for at in (100, 110, 400)) + line("chrI", 105)
    alleles = find(write(tmp_path, lines), genome, together="name")
    assert alleles.table["name"].tolist() == [
        "h+h",
        "h",
        f"chrI:106:{lines.split()[-2]}>{lines.split()[-1]}",
    ]
    assert [len(changes) for changes in alleles.changes] == [2, 1, 1]
    reference, alternative = alleles.reference()[0], alleles.alternative()[0]
    start = alleles.origins[0]
    differ = [i + start for i in range(LENGTH) if reference[i] != alternative[i]]
    assert differ == [100, 110]
    assert "Groups that span more than half a window (20 letters): 1" in done(alleles)


def test_overlapping_variants_of_a_group_are_left_out(tmp_path, genome):
    lines = line("chrI", 100, 5, LETTERS["chrI"][100], "h") + line("chrI", 102, name="h")
    alleles = find(write(tmp_path, lines), genome, together="name")
    assert [len(changes) for changes in alleles.changes] == [1]
    assert "Left out 1 variant that overlap an earlier one of their group: 'line 4'" in done(
        alleles
    )


def test_a_variant_on_both_haplotypes_is_scored_once(tmp_path, genome):
    header = HEADER + "\tFORMAT\ts\n"
    lines = [line("chrI", at).rstrip() + "\t.\t.\t.\tGT\t" for at in (100, 110)]
    both = write(tmp_path, "".join(one + "1|1\n" for one in lines), header)
    assert find(both, genome, together="phase").table["ref"].str.count(",").tolist() == [1]
    one = write(tmp_path, lines[0] + "1|1\n" + lines[1] + "0|1\n", header)
    assert find(one, genome, together="phase").table["ref"].str.count(",").tolist() == [0, 1]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("position", 1.5, r"row 1: `position` is .*1.5.*; expected a whole number"),
        ("position", "x", r"row 1: `position` is 'x'"),
        ("position", -1, r"row 1: `position` is "),
        ("alt", "<DEL>", r"row 1: `alt` is '<DEL>'; expected letters"),
        ("ref", "A-", r"row 1: `ref` is 'A-'"),
    ],
)
def test_tables_with_odd_cells_are_refused(genome, column, value, says):
    table = pd.DataFrame({"chrom": "chrI", "position": [1, 2], "ref": "A", "alt": "C"}).astype(
        object
    )
    table.loc[1, column] = value
    with pytest.raises(InputError, match=says):
        find(table, genome)


def test_columns_of_categories_are_read(genome):
    refs = [LETTERS["chrI"][place] for place in (100, 104)]
    table = pd.DataFrame({"chrom": "chrI", "position": [100, 104], "ref": refs})
    table = table.assign(alt=[other(ref) for ref in refs], haplotype=["a", None])
    packed = table.astype(dict.fromkeys(["chrom", "ref", "alt", "haplotype"], "category"))
    for one in (table, packed):
        alleles = find(one, genome, together="haplotype")
        assert [len(changes) for changes in alleles.changes] == [1, 1]


def test_tables_without_a_column_are_refused(genome):
    with pytest.raises(InputError, match="The table of variants has no column 'position'"):
        find(pd.DataFrame({"chrom": ["chrI"], "pos": [1]}), genome)
    table = pd.DataFrame({"chrom": ["chrI"], "position": [1], "ref": ["A"], "alt": ["C"]})
    with pytest.raises(InputError, match="has no column 'haplotype'"):
        find(table, genome, together="haplotype")


def test_what_does_not_go_together_is_refused(tmp_path, genome):
    path = write(tmp_path, line("chrI", 100))
    model = toys.words(LENGTH)
    with pytest.raises(InputError, match=r"holds places in a genome; expected the genome"):
        find_alleles(model, path)
    with pytest.raises(InputError, match=r"holds places in a genome"):
        find_alleles(model, pd.DataFrame({"chrom": ["chrI"], "position": [4], "ref": ["A"]}))
    with pytest.raises(InputError, match=r"`together` is 'phase' without `genome`"):
        find_alleles(model, pd.DataFrame({"ref": ["A"], "alt": ["C"]}), together="phase")
    with pytest.raises(InputError, match=r"Pairs of sequences need no genome"):
        find(toys.book(["ACGT"]), genome)
    with pytest.raises(InputError, match=r"`variants` is 7; expected a VCF file"):
        find_alleles(model, 7)
    with pytest.raises(InputError, match=r"missing.fa was not found"):
        find(path, tmp_path / "missing.fa")
