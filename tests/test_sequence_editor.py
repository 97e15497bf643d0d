"""The sequence editor without a browser: a click is a call, and every edit is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import toys

import motifbook as mb
from motifbook import InputError, plot
from motifbook.alphabet import DNA, RNA
from motifbook.train.fit import FitOptions
from motifbook.widgets import SequenceEditor
from motifbook.widgets._undo import Versions
from motifbook.widgets.written import Written, shuffle_window, to_fasta, write_motif

START = "CACACACACACACACACACACACACACACACACACACACA"  # 40 letters
GATA = mb.Motif.from_sites("GATA1", ["GATA"] * 50)
TTT = mb.Motif.from_sites("TTT", ["TTT"] * 50)


@pytest.fixture
def editor():
    """Of a network that gives 1 + 2 [GATA] - 3 [TTT] + ..., and counts Gs."""
    return SequenceEditor(toys.words(), START, motifs=[GATA, TTT])


def buttons(editor):
    """All buttons, by what they say and by their tooltips."""
    found, left = {}, [editor.widget]
    while left:
        one = left.pop()
        left += getattr(one, "children", ())
        if type(one).__name__ == "Button":
            found |= {one.description: one, one.tooltip: one}
    return found


def effects(editor, readout="bound"):
    own = editor.history
    return own.loc[own["readout"] == readout, "effect"].tolist()


# ---- edits


def test_a_motif_that_is_written_does_what_the_network_says(editor):
    editor.write_motif("GATA1", 10)
    assert editor.sequence == START[:10] + "GATA" + START[14:]
    assert effects(editor) == pytest.approx([2.0])
    assert effects(editor, "n_g") == pytest.approx([1.0])
    assert editor.history["edit"].iloc[0] == "GATA1 written at 10, + strand"
    editor.write_motif("TTT", 30, "-")
    assert editor.sequence[30:33] == "AAA"
    assert effects(editor) == pytest.approx([2.0, 0.0])
    editor.write_motif("TTT", 18)  # four letters after GATA: -3 and 1.5 for the pair
    assert effects(editor) == pytest.approx([2.0, 0.0, -1.5])


def test_typed_changes_are_made_and_the_box_is_emptied(editor):
    editor._typed.value = "1 a>g, 3 A>G"
    assert editor.sequence.startswith("CGCGCA")
    assert editor._typed.value == ""
    assert editor.last_error is None
    assert editor.history["edit"].unique().tolist() == ["1 A>G, 3 A>G"]
    editor._typed.value = START[::-1]
    assert editor.sequence == START[::-1]
    assert editor.history["edit"].iloc[-1] == "40 letters changed as typed"


def test_a_letter_is_written_at_the_position_and_the_next_one_is_selected(editor):
    editor._row._buttons[6].click()
    assert editor._position.value == 6
    for letter in "GATA":
        buttons(editor)[f"Write {letter} here and step to the right"].click()
    assert editor.sequence[6:10] == "GATA"
    assert editor._position.value == 10
    assert editor.history["edit"].unique().tolist() == ["6 C>G", "8 C>T"]  # As stood there
    assert effects(editor)[-1] == pytest.approx(2.0)


def test_undo_and_redo_walk_through_the_versions(editor):
    editor.change("0 C>G")
    editor.change("2 C>G")
    assert (editor._undo.disabled, editor._redo.disabled) == (False, True)
    editor.undo()
    assert editor.sequence == "G" + START[1:]
    assert len(editor.history) == 2  # one edit, two readouts
    editor.redo()
    assert editor.sequence == "GAG" + START[3:]
    editor.undo()
    editor.change("4 C>G")  # what was undone is forgotten
    with pytest.raises(InputError, match="There is nothing to redo: this is edit 2"):
        editor.redo()
    editor._undo.click()
    editor._undo.click()
    assert editor.sequence == START
    editor._undo.click()
    assert "There is nothing to undo" in editor._status.value


def test_shuffling_keeps_the_letters_and_the_start_can_be_had_again(editor):
    editor.change("0 C>G, 2 C>T, 4 C>G")
    before = editor.sequence
    buttons(editor)["Shuffle the window"].click()
    assert editor.sequence != before
    assert sorted(editor.sequence) == sorted(before)
    buttons(editor)["Back to the start"].click()
    assert editor.sequence == START
    assert editor.history["edit"].iloc[-1] == "back to the start"
    editor.undo()
    assert sorted(editor.sequence) == sorted(before)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0 G&gt;T", "is no change; expected one such as"),
        ("0 G>T", "at position 0 (counted from 0) is C; expected G"),
        ("0 C>Z", "holds Z; expected ACGT"),
        (START, "changes nothing"),
        (START + "A", "or a whole sequence of 40 letters"),
    ],
)
def test_what_is_no_change_is_said_and_nothing_happens(editor, typed, said):
    before = editor._picture.value
    editor._typed.value = typed
    assert said in editor._status.value
    assert isinstance(editor.last_error, InputError)
    assert (editor._picture.value, editor.sequence) == (before, START)
    assert editor._typed.value == typed  # to be mended
    with pytest.raises(InputError):
        editor.change(typed)
    with pytest.raises(InputError, match="`text` is 3; expected a change"):
        editor.change(3)


def test_a_motif_that_does_not_fit_is_said(editor):
    editor._position.value = 38
    buttons(editor)["Write motif"].click()
    assert "GATA1 has 4 letters and would lie at 38 to 41; expected room" in editor._status.value
    with pytest.raises(InputError, match="`name` is 'GATA2'"):
        editor.write_motif("GATA2", 3)


# ---- what is shown


def test_words_tell_prediction_effects_and_instances(editor):
    assert editor.summary().startswith("The start: prediction of bound 0.731. Motif")
    editor.write_motif("GATA1", 10)
    assert editor.summary() == (
        "Edit 1 of 1, GATA1 written at 10, + strand: prediction of bound 0.953, +2.00 by this "
        "edit, +2.00 by all. Motif instances: GATA1 10 to 13 (+)."
    )
    assert '<td style="padding:0 0.5em">+2.00</td>' in editor.details()
    assert "GATA1 written at 10, + strand: bound +2.00, n_g +1.00" in editor.details()
    editor.undo()
    assert "<s>GATA1 written at 10" in editor.details()


def test_another_readout_is_drawn(editor):
    editor.change("0 C>G")
    editor._readout.value = 1
    assert "What each edit does to n_g" in editor.svg()
    assert "prediction of n_g 1, +1.00 by this edit" in editor.summary()


def test_code_draws_the_same_picture(editor):
    editor.write_motif("GATA1", 10)
    editor.change("0 C>G")
    editor.undo()
    scope = {"model": toys.words(), "motifs": [GATA, TTT]}
    for method in ("mutagenesis", "none"):
        editor._method.value = method
        exec(editor.code(), scope)
        assert scope["svg"] == editor.svg()


def test_the_row_shows_the_stretch_around_the_position():
    editor = SequenceEditor(toys.linear(length=90), "ACGTACGTA" * 10)
    shown = [button.description for button in editor._row._buttons]
    assert "".join(shown) == ("ACGTACGTA" * 10)[:40]
    editor._position.value = 85
    row = editor._row
    assert row.window == (80, 90)
    assert "".join(b.description for b in row._buttons) == ("ACGTACGTA" * 10)[80:]
    assert row._buttons[5].tooltip == f"position 85: {editor.sequence[85]}"
    assert [b.disabled for b in row._buttons] == [False] * 10 + [True] * 30
    assert [i for i, b in enumerate(row._buttons) if "#222222" in b.layout.border_top] == [5]


def test_only_what_changed_is_made_again(editor, monkeypatch):
    editor.change("0 C>G")
    made = []
    for name in ("outputs", "instances", "attribution"):
        monkeypatch.setattr(editor._reading, name, lambda *_, name=name: made.append(name))
    editor._position.value = 20
    editor._shows_code.value = True
    assert made == []


def test_gradients_are_those_of_the_network():
    editor = SequenceEditor(toys.linear(), START)
    assert editor._method.value == "gradient"
    weight = toys.linear().network[1].weight.detach().numpy().reshape(4, 40)
    shown = editor._page()["attribution"]
    expected = weight - weight.mean(axis=0)
    code = ["ACGT".index(letter) for letter in START]
    np.testing.assert_allclose(shown[code, range(40)], expected[code, range(40)], atol=1e-5)


class CountG(torch.nn.Module):
    @torch.no_grad()
    def forward(self, onehot):
        return onehot[:, 2].sum(dim=1, keepdim=True)


def test_a_network_without_gradients_is_explained_by_mutagenesis():
    model = mb.Foreign(CountG(), readouts=["n_g"], kinds="continuous", length=40)
    editor = SequenceEditor(model, START)
    assert editor._method.value == "mutagenesis"
    before = editor._picture.value
    editor._method.value = "gradient"
    assert "gives no gradients" in editor._status.value
    assert editor._picture.value == before
    editor._method.value = "none"
    assert editor.last_error is None


# ---- sequences and networks


def test_sequences_are_saved_with_what_led_to_them(editor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    editor.change("0 C>G")
    editor.change("2 C>G")
    editor.undo()
    buttons(editor)["Save sequences"].click()
    assert "Saved 2 sequences in results/edited_sequences.fasta." in editor._status.value
    text = (tmp_path / "results" / "edited_sequences.fasta").read_text()
    assert text == f">start\n{START}\n>edit_1 0 C>G\nG{START[1:]}\n"
    assert [path.suffix for path in editor.save()] == [".svg", ".pdf", ".png"]


def test_sequences_are_saved_only_where_there_can_be_a_file(editor, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"The folder .*file cannot be made"):
        editor.save_sequences(tmp_path / "file" / "x.fasta")
    with pytest.raises(InputError, match="`path` is 3; expected the path of a file"):
        editor.save_sequences(3)


def test_it_begins_with_a_row_the_best_row_or_random_letters():
    adata = toys.book([START, START[:20] + "GATA" + START[24:]])
    assert SequenceEditor(toys.words(), adata[0]).sequence == START
    assert "GATA" in SequenceEditor(toys.words(), adata=adata).sequence
    drawn = SequenceEditor(toys.words()).sequence
    assert (len(drawn), set(drawn)) == (40, set("ACGT"))
    with pytest.raises(InputError, match=r"`sequence` is .*; expected letters or one row"):
        SequenceEditor(toys.words(), adata)
    with pytest.raises(InputError, match="`adata` has no rows; expected sequences to look at"):
        SequenceEditor(toys.words(), adata=adata[:0])
    with pytest.raises(InputError, match="`sequence` has no known letter in row 0"):
        SequenceEditor(toys.words(), "N" * 40)


def test_a_sequence_that_the_network_cannot_read_is_refused_at_once():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(80, 1))
    model = mb.Foreign(network, readouts=["a"], kinds="continuous", length=20)
    with pytest.raises(InputError, match="The sequences have 21 letters, the network reads 20"):
        SequenceEditor(model, "ACG" * 7)


def test_rna_is_written_on_its_own_strand():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(80, 1))
    model = mb.Foreign(
        network, readouts=["half_life"], kinds="continuous", length=20, alphabet="RNA"
    )
    motif = mb.Motif.from_sites("ARE", ["AUUUA"] * 20, alphabet=RNA)
    editor = SequenceEditor(model, "GC" * 10, motifs=[motif])
    editor.write_motif("ARE", 3)
    assert editor.sequence[3:8] == "AUUUA"
    assert editor._strand.options == ("+",)
    editor.change("0 G>U")
    assert editor.last_error is None


@pytest.fixture(scope="module")
def adata():
    return mb.simulate(n=400, length=80, rule="single", seed=0)


@pytest.fixture(scope="module")
def model(adata):
    network = mb.MotifSyntaxNet(n_readouts=1, width=15)
    mb.fit(network, adata, seed=0, progress=False, options=FitOptions(n_steps=100))
    return network


@pytest.mark.parametrize("has_data", [True, False], ids=["data", "no data"])
def test_instances_of_a_motif_network_follow(adata, model, has_data):
    quiet = mb.onehot.decode(mb.backgrounds(adata, n=1, seed=1))[0]
    given = {"adata": adata} if has_data else {}
    editor = SequenceEditor(model, quiet, **given)
    motif = editor._reading.motifs[0]
    editor.write_motif(motif.name, 30)
    found = editor._page()["instances"]
    own = found[(found["step"] == 1) & (found["motif"] == motif.name)]
    assert ((own["start"] < 30 + motif.width) & (own["end"] > 30)).any()
    scope = {"model": model, **given}
    exec(editor.code(), scope)
    assert scope["svg"] == editor.svg()


def test_a_network_of_two_sequences_is_refused():
    both = {"sequence": mb.models.Input(20), "partner": mb.models.Input(10)}
    network = torch.nn.Linear(1, 1)
    model = mb.Foreign(network, readouts=["x"], kinds="continuous", inputs=both)
    with pytest.raises(InputError, match="reads sequence, partner; expected one that reads"):
        SequenceEditor(model, START)


def test_two_motifs_of_one_name_are_refused():
    with pytest.raises(InputError, match="two motifs called 'TTT'"):
        SequenceEditor(toys.words(), START, motifs=[TTT, TTT])


# ---- versions


def test_versions_forget_what_was_undone():
    kept = Versions((Written("A"),)).then(Written("C", "one")).then(Written("G", "two"))
    kept = kept.at(1).then(Written("T", "three"))
    assert [one.sequence for one in kept.states] == ["A", "C", "T"]
    assert (kept.now, kept.last) == (2, 2)
    assert to_fasta(kept) == ">start\nA\n>edit_1 one\nC\n>edit_2 three\nT\n"
    assert to_fasta(kept.at(1)) == ">start\nA\n>edit_1 one\nC\n"


def test_letters_without_preference_stay_and_strands_are_complements():
    flat = mb.Motif("GnA", np.array([[0, 0.25, 1], [0, 0.25, 0], [1, 0.25, 0], [0, 0.25, 0]]))
    assert write_motif("CCCCC", flat, 1, alphabet=DNA) == "CGCAC"
    assert write_motif("CCCCC", flat, 1, "-", alphabet=DNA) == "CTCCC"


def test_a_shuffled_window_keeps_its_pairs_of_letters():
    sequence = "".join(np.random.default_rng(0).choice(list("ACGT"), 60))
    shuffled = shuffle_window(sequence, (10, 50), alphabet=DNA, seed=0)
    assert (shuffled[:10], shuffled[50:]) == (sequence[:10], sequence[50:])
    pairs = [sorted(s[i : i + 2] for i in range(10, 49)) for s in (sequence, shuffled)]
    assert pairs[0] == pairs[1]
    assert shuffled != sequence


def test_a_typed_change_that_cannot_be_drawn_is_said(monkeypatch):
    editor = SequenceEditor(toys.words(), "CACACACACACACACACACACACACACACACACACACACA")

    def fails(**_):
        raise InputError("It cannot be drawn.")

    monkeypatch.setattr(plot, "design_page_svg", fails)
    editor._typed.value = "2 C>G"
    assert editor._typed.value == ""
    assert "It cannot be drawn." in editor._status.value
    with pytest.raises(InputError, match="`path` is 3; expected the path of a file"):
        editor.save(3)
