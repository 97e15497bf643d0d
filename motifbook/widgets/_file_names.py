"""Names of files for what a picture shows."""

from __future__ import annotations

LONGEST = 50  # characters, of up to four bytes: names take 255 bytes, a part file some 30 more


def file_name(*words: str) -> str:
    """Return words as a name without suffix that any file system takes.

    What is neither letter nor digit becomes "_"; the middle of long names is left out.

    Examples
    --------
    >>> file_name("filter", "TRP63/73")
    'filter_TRP63_73'
    """
    name = "".join(letter if letter.isalnum() else "_" for letter in "_".join(words))
    if len(name) > LONGEST:
        half = LONGEST // 2
        name = f"{name[:half]}_{name[1 - half :]}"
    return name or "figure"
