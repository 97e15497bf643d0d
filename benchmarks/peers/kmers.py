"""How often each sequence holds each word of up to k letters."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.match import Call, Match, Peer, same


def data(folder: Path, n: int, length: int, k: int) -> tuple[Any, int]:
    return np.random.default_rng(0).integers(0, 4, (n, length), dtype=np.uint8), k


def ours(given: tuple[Any, int]) -> Call:
    from motifbook.alphabet import DNA
    from motifbook.formula.kmers import word_counts

    letters, k = given
    return lambda: np.hstack(word_counts(letters, DNA, both_strands=False, longest=k))


def words(k: int) -> list[str]:
    return ["".join(word) for size in range(1, k + 1) for word in product("ACGT", repeat=size)]


def vectorizer(given: tuple[Any, int]) -> Call:
    from sklearn.feature_extraction.text import CountVectorizer

    from motifbook.onehot import decode

    letters, k = given
    counter = CountVectorizer(
        analyzer="char", ngram_range=(1, k), vocabulary=words(k), lowercase=False, dtype=np.float32
    )
    texts = decode(letters)
    return lambda: counter.transform(texts).toarray()


def by_dict(given: tuple[Any, int]) -> Call:
    from motifbook.onehot import decode

    letters, k = given
    texts, columns = decode(letters), {word: place for place, word in enumerate(words(k))}

    def count() -> Any:
        counts = np.zeros((len(texts), len(columns)), dtype=np.float32)
        for row, text in zip(counts, texts):
            for size in range(1, k + 1):
                for start in range(len(text) - size + 1):
                    row[columns[text[start : start + size]]] += 1
        return counts

    return count


PEERS = (
    Peer("scikit-learn", vectorizer, "sklearn", "scikit-learn"),
    Peer("dictionary", by_dict),
)
MATCHES = [
    Match(
        "words of 1 to {k} letters counted in {n:,} x {length}",
        data,
        ours,
        PEERS,
        {"n": 2000, "length": 200, "k": 6},
        {"n": 3, "length": 20, "k": 2},
        same,
    )
]
