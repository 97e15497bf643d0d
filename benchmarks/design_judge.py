"""What simulated sequences are truly worth, and whether stated edits are true: for `design_truth`.

A site of a planted motif is a window that its true matrix scores at a threshold or more, on either
strand. The threshold is the score that random letters reach 0.05 times per sequence, but at most
the median of the planted sites and at least their lowest tenth; `TrueSites.agreement` says how
often that agrees with what was planted.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy.ndimage import maximum_filter1d

import motifbook as mb
from motifbook.data import schema, store
from motifbook.data.simulation.rules import RULES, AdditiveRule, Rule
from motifbook.data.simulation.uorf import true_load
from motifbook.motif.compare import align, similarity
from motifbook.motif.scan import prepare, score_positions

CHANCE = 0.05  # sites of a motif per random sequence
LEAST, MOST = 0.5, 0.9  # of planted sites that are called sites
NAMED = 0.7  # similarity to a planted motif from which a motif of the network bears its name
JUDGED = ["named", "there", "sign", "as said", "idle"]
PLACE = r"at (?P<start>\d+) \((?P<strand>.)\)"
SAID = (
    rf"(?P<verb>makes|destroys|strengthens|weakens) (?P<name>\S+) {PLACE}",
    rf"(?P<name>\S+) (?P<verb>added) {PLACE}",
    rf"(?P<name>\S+) {PLACE} (?P<verb>removed|strengthened|weakened)",
)
KINDS = {
    "made": ("makes", "added"),
    "destroyed": ("destroys", "removed"),
    "strengthened": ("strengthens", "strengthened"),
    "weakened": ("weakens", "weakened"),
}
SHIFT = 2  # letters between a stated site and the true one
NEVER = -1000.0  # score of unknown letters, and where a window would end outside


class TrueSites:
    """Sites of the planted motifs in any sequence."""

    def __init__(self, adata):
        truth = adata.uns[schema.TRUTH]
        self.motifs = [mb.Motif(name, ppm) for name, ppm in truth["motifs"].items()]
        self.names = [motif.name for motif in self.motifs]
        self.letters = store.get_letters(adata)
        self.planted = truth["sites"].assign(
            row=adata.obs_names.get_indexer(truth["sites"].sequence)
        )
        random = np.random.default_rng(0).integers(4, size=(2000, self.letters.shape[1]))
        found, drawn = self.scores(self.letters), self.scores(random.astype(np.uint8))
        self.thresholds = np.zeros(len(self.motifs))
        for number, name in enumerate(self.names):
            own = self.planted[self.planted.motif == name]
            high, low = np.quantile(self._best(found[number], own), [1 - LEAST, 1 - MOST])
            allowed = round(CHANCE * len(random))
            by_chance = np.sort(drawn[number].max(axis=0).ravel())[-allowed]
            self.thresholds[number] = np.clip(by_chance, low, high)

    def scores(self, letters):
        """Of every motif, strand and start, (n_motifs, 2, n, length)."""
        words, length = prepare(letters), letters.shape[1]
        found = np.full((len(self.motifs), 2, *letters.shape), NEVER, dtype=np.float32)
        for number, motif in enumerate(self.motifs):
            for strand, one in enumerate((motif, motif.reverse_complement())):
                own = score_positions(one.pssm(), words, unknown=NEVER)
                found[number, strand, :, : length - motif.width + 1] = own
        return found

    def _best(self, scores, sites):
        """The better strand's score of each planted site."""
        return scores.max(axis=0)[sites.row.to_numpy(), sites.start.to_numpy()]

    def counts(self, letters):
        """Sites of each motif, (n, n_motifs); of overlapping windows only the best is one."""
        found = self.scores(letters).max(axis=1)
        columns = []
        for motif, one, threshold in zip(self.motifs, found, self.thresholds):
            peak = one == maximum_filter1d(one, 2 * (motif.width // 2) + 1, axis=1)
            columns.append((peak & (one >= threshold)).sum(axis=1))
        return np.column_stack(columns)

    def planted_counts(self):
        """Planted copies, (n, n_motifs)."""
        counts = np.zeros((len(self.letters), len(self.motifs)))
        numbers = [self.names.index(name) for name in self.planted.motif]
        np.add.at(counts, (self.planted.row.to_numpy(), numbers), 1)
        return counts

    def agreement(self):
        """Share of planted sites at the threshold, and other sites per sequence, by motif."""
        found, counts = self.scores(self.letters), self.counts(self.letters)
        rows = []
        for number, name in enumerate(self.names):
            own = self.planted[self.planted.motif == name]
            reached = self._best(found[number], own) >= self.thresholds[number]
            others = (counts[:, number].sum() - reached.sum()) / len(counts)
            rows.append((name, self.thresholds[number], reached.mean(), others))
        return pd.DataFrame(rows, columns=["motif", "threshold, bits", "planted found", "others"])


class Truth:
    """The rule's own score of any sequence, for the first readout."""

    def __init__(self, rule, adata):
        self.rule, self.sites = RULES[rule], TrueSites(adata)
        effects = adata.uns[schema.TRUTH]["effects"]
        first = effects[(effects.readout == adata.var_names[0]) & (effects.effect != 0)]
        self.effects = dict.fromkeys(self.sites.names, 0.0)
        for column in ("motif", "partner"):
            named = first[first[column] != ""]
            self.effects |= dict(zip(named[column], named.effect))

    def score(self, letters, capped=True):
        """(n,); `capped`: no more copies of a motif count than the rule ever plants."""
        if isinstance(self.rule, Rule):
            return self._configured(letters)
        if not isinstance(self.rule, AdditiveRule):
            return true_load(letters, self.rule)
        return self._added(self.sites.counts(letters), capped)

    def planted_score(self):
        """Of the sequences of the data, from what was planted."""
        if isinstance(self.rule, AdditiveRule):
            return self._added(self.sites.planted_counts(), capped=False)
        return self.score(self.sites.letters)

    def _added(self, counts, capped):
        counts = np.minimum(counts, self.rule.copies) if capped else counts
        return counts @ np.array([self.effects[name] for name in self.sites.names])

    def _configured(self, letters):
        """1 where a configuration with readout 1 is there, on either strand; else 0."""
        is_site = self.sites.scores(letters) >= self.sites.thresholds[:, None, None, None]
        positive = np.zeros(len(letters), dtype=bool)
        for one in self.rule.configurations:
            if one.readouts[0]:
                positive |= self._holds(is_site, one, 0) | self._holds(is_site, one, 1)
        return positive.astype(float)

    def _holds(self, is_site, configuration, strand):
        """Whether each sequence, (n,), holds the chain of a configuration on one strand."""
        numbers = [self.sites.names.index(name) for name in configuration.motifs]
        gaps = list(configuration.gaps)
        if strand:
            numbers, gaps = numbers[::-1], gaps[::-1]
        chain = is_site[numbers[0], strand]  # ends of chains so far, by start of their last motif
        for before, after, (least, most) in zip(numbers, numbers[1:], gaps):
            reached = np.zeros_like(chain)
            for gap in range(least, most + 1):
                step = self.sites.motifs[before].width + gap
                reached[:, step:] |= chain[:, :-step]
            chain = reached & is_site[after, strand]
        return chain.any(axis=1)


class EditJudge:
    """Whether what edits say of sites is true."""

    def __init__(self, truth, motifs):
        self.truth, self.named, self.offsets = truth, {}, {}
        for motif in motifs:
            alike = [similarity(motif, planted) for planted in truth.sites.motifs]
            best = int(np.argmax(alike))
            self.named[motif.name] = best if alike[best] >= NAMED else None
            if alike[best] >= NAMED:
                offset, width = align(motif, truth.sites.motifs[best]).offset, motif.width
                other = width - offset - truth.sites.motifs[best].width
                self.offsets[motif.name] = {"+": offset, "-": other}

    def judge(self, designs):
        """One row per statement in `designs.edits`, such as "GATA1 added at 62 (+)".

        named: the motif is one that was planted. there: the true matrix sees the site come, go, or
        change its score that way. sign: the effect has the sign of the motif's true one (edits with
        one statement, and a true effect). as said: all of these. idle: the motif was planted and
        has no true effect.
        """
        edits = designs.edits.drop_duplicates(["design", "step"])
        if not len(edits):
            return pd.DataFrame(columns=["kind", "motif", *JUDGED])
        before = np.concatenate([path.letters[:-1] for path in designs.paths])
        after = np.concatenate([path.letters[1:] for path in designs.paths])
        best = [self.truth.sites.scores(letters).max(axis=1) for letters in (before, after)]
        scores, rows = np.stack(best, axis=1), []  # (n_motifs, 2, n_edits, length)
        for number, edit in enumerate(edits.itertuples()):
            said = statements(edit.edit)
            effect = edit.effect if len(said) == 1 else np.nan
            rows += [self._verdict(one, scores[:, :, number], effect) for one in said]
        return pd.DataFrame(rows, columns=["kind", "motif", *JUDGED])

    def _verdict(self, said, scores, effect):
        """`scores`, (n_motifs, 2, length), before and after the edit."""
        kind, name, start, strand = said
        number = self.named.get(name)
        if number is None:
            return kind, name, False, np.nan, np.nan, False, False
        threshold = self.truth.sites.thresholds[number]
        place = start + self.offsets[name][strand]
        window = slice(max(0, place - SHIFT), max(0, place + SHIFT + 1))
        was, now = scores[number, :, window].max(axis=1, initial=NEVER)
        there = {
            "made": now >= threshold and now > was,
            "destroyed": was >= threshold > now,
            "strengthened": now > was,
            "weakened": now < was,
        }[kind]
        true = self.truth.effects[self.truth.sites.names[number]]
        true *= 1 if kind in ("made", "strengthened") else -1
        sign = float(effect * true > 0) if true and np.isfinite(effect) else np.nan
        return kind, name, True, there, sign, bool(there and sign != 0), true == 0


def statements(words):
    """What an edit in words says of sites: kind, motif, start and strand of each.

    >>> statements("GATA1 added at 62 (+), directly after TAL1 (+); destroys SP1 at 3 (-)")
    [('made', 'GATA1', 62, '+'), ('destroyed', 'SP1', 3, '-')]
    """
    told = []
    for part in words.split(";"):
        for pattern in SAID:
            found = re.search(pattern, part)
            if found:
                kind = next(kind for kind, verbs in KINDS.items() if found["verb"] in verbs)
                told.append((kind, found["name"], int(found["start"]), found["strand"]))
                break
    return told
