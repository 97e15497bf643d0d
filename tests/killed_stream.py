"""A process that streams hits and is killed in between; see test_stream_faults.py."""

import os
import signal
import sys

import motifbook as mb
from motifbook.stream.folder import Folder


def book_and_motifs():
    adata = mb.simulate(n=240, length=80, seed=0)
    every = mb.database.collection("JASPAR2026_vertebrates")
    return adata, [motif for motif in every if motif.width >= 8][:6]


def request(out):
    adata, motifs = book_and_motifs()
    return mb.stream_hits(motifs, adata, out, p_value=1e-3, rows_per_piece=30, progress=False)


def kill_me(*_):
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    where, number, out = sys.argv[1:]
    method, seen = getattr(Folder, where), []

    def counted(self, *given, **named):
        seen.append(given)
        if len(seen) == int(number):
            kill_me()
        return method(self, *given, **named)

    setattr(Folder, where, counted)
    request(out)
