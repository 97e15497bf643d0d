"""Train the network of the notebooks' locus, which the package carries.

    python scripts/train_locus.py

It is the network that notebook 00 trains: default settings, seed 0. Run it again after a change of
training or of the file's format; a test compares the two.
"""

from __future__ import annotations

import motifbook as mb


def main() -> None:
    """Train, say how good it is on the test rows, write the file."""
    path = mb.examples.network("locus")
    adata = mb.examples.load("locus")
    model = mb.MotifSyntaxNet(n_readouts=1)
    mb.fit(model, adata, seed=0)
    mb.save(model, path)
    print(mb.evaluate(model, adata).round(3))
    print(f"{path.stat().st_size:,} bytes: {path}")


if __name__ == "__main__":
    main()
