"""Export the JASPAR CORE motifs to the file that the package carries.

    pip install "motifbook[export]"
    python scripts/export_jaspar.py

The newest version of every CORE profile is written, sorted by id. Counts are kept as float32:
whole numbers up to 16,777,216 are exact (the largest is 312,906), the fractions that about a
hundred profiles hold are true to a relative error of 6e-8.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pyjaspar import jaspardb

RELEASE = "JASPAR2026"
TARGET = Path(__file__).parents[1] / "motifbook" / "motif" / f"{RELEASE.lower()}.npz"


def main() -> None:
    """Write the file and say how large it is."""
    profiles = jaspardb(release=RELEASE).fetch_motifs(collection="CORE")
    profiles.sort(key=lambda profile: (len(profile.matrix_id), profile.matrix_id))
    np.savez_compressed(
        TARGET,
        release=np.array(RELEASE),
        ids=np.array([profile.matrix_id for profile in profiles]),
        names=np.array([profile.name for profile in profiles]),
        widths=np.array([profile.length for profile in profiles], dtype=np.uint8),
        counts=np.hstack([counts(profile) for profile in profiles]),
        **labels("taxon", [profile.tax_group for profile in profiles]),
        **labels("family", ["::".join(profile.tf_family or []) for profile in profiles]),
        **labels("class", ["::".join(profile.tf_class or []) for profile in profiles]),
    )
    print(f"{len(profiles)} motifs, {TARGET.stat().st_size:,} bytes: {TARGET}")


def counts(profile: Any) -> np.ndarray:
    """Letter counts of one profile, (4, width), rows A, C, G, T."""
    return np.array([profile.counts[letter] for letter in "ACGT"], dtype=np.float32)


def labels(name: str, values: list[str]) -> dict[str, np.ndarray]:
    """The distinct `values` and, per motif, which of them it has."""
    distinct, codes = np.unique(values, return_inverse=True)
    return {f"{name}_labels": distinct, name: codes.astype(np.uint8)}


if __name__ == "__main__":
    main()
