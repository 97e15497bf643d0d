"""What was measured, as rows and as a Markdown table."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.match import Match
from benchmarks.peers.turns import FailedError, Taken, check

BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"
HEAD = (
    "| job | peer | ours | theirs | times | CPU | ours, first | theirs, first | times | agrees |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Row:
    """One peer at one job; seconds are None where it is not installed or failed.

    Parameters
    ----------
    ours, theirs
        Median wall seconds of the later calls.
    ours_first, theirs_first
        Wall seconds of the first call of a process.
    cpu_ratio
        Their CPU seconds over ours, later calls.
    agrees
        Whether the results are the same; None where that is not defined.
    told
        How far apart they are, or why nothing was measured.
    """

    area: str
    job: str
    peer: str
    turns: int = 0
    ours: float | None = None
    theirs: float | None = None
    ours_first: float | None = None
    theirs_first: float | None = None
    cpu_ratio: float | None = None
    agrees: bool | None = None
    told: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long as ours; 1 or more: ours is ahead."""
        return self.theirs / self.ours if self.ours and self.theirs else None

    def line(self) -> str:
        cells = [self.job, self.peer]
        if self.ratio is None or self.ours_first is None or self.theirs_first is None:
            return "| " + " | ".join([*cells, *[""] * 7, self.told]) + " |"
        first = self.theirs_first / self.ours_first
        cells += [seconds(self.ours), seconds(self.theirs), times(self.ratio)]
        cells += [times(self.cpu_ratio), seconds(self.ours_first), seconds(self.theirs_first)]
        is_same = {True: "yes", False: "**no**", None: "not defined"}[self.agrees]
        told = f"{is_same}: {self.told}" if self.told else is_same
        return "| " + " | ".join([*cells, times(first), told]) + " |"


def rows(
    area: str, match: Match, is_small: bool, found: dict[int, Taken | FailedError]
) -> list[Row]:
    """One row per peer."""
    job = match.job.format(**match.sizes(is_small))
    numbers = range(1, len(match.peers) + 1)
    same = check(match, found, [n for n in numbers if n in found])
    made = []
    for n, peer in zip(numbers, match.peers):
        ours, theirs = found[0], found.get(n)
        if isinstance(ours, FailedError):
            made.append(Row(area, job, peer.name, told=f"ours failed: {ours}"))
        elif theirs is None:
            made.append(Row(area, job, peer.name, told="not installed"))
        elif isinstance(theirs, FailedError):
            made.append(Row(area, job, peer.name, told=f"failed: {theirs}"))
        else:
            cpu_ratio = theirs.warm_cpu / max(ours.warm_cpu, 1e-9)
            medians = ours.warm, theirs.warm, ours.first, theirs.first, cpu_ratio
            made.append(Row(area, job, peer.name, max(len(ours.wall) - 1, 1), *medians, *same[n]))
    return made


def seconds(value: float) -> str:
    """A time with two or three digits and its unit."""
    unit, size = next(
        (pair for pair in (("s", 1.0), ("ms", 1e-3)) if value >= pair[1]), ("µs", 1e-6)
    )
    number = value / size
    return f"{number:.{0 if number >= 99.5 else 1 if number >= 9.95 else 2}f} {unit}"


def times(ratio: float | None) -> str:
    """A ratio; bold where ours is behind."""
    if ratio is None:
        return ""
    text = f"{ratio:,.0f}" if ratio >= 9.95 else f"{ratio:.1f}" if ratio >= 1.05 else f"{ratio:.2f}"
    return text if ratio >= 1 else f"**{text}**"


def circumstances(matches: Sequence[Match], command: str, n_threads: int, load: float) -> str:
    """Machine, versions, command and date, in a sentence or two."""
    import motifbook

    peers = [peer for match in matches for peer in match.peers if peer.is_installed]
    versions = dict.fromkeys(sorted(peer.version for peer in peers if peer.version))
    return (
        f"`{command}`, {time.strftime('%Y-%m-%d')}: {_processor()}, {os.cpu_count()} cores, load "
        f"{load:.1f} before and {os.getloadavg()[0]:.1f} after; threads per program: {n_threads}. "
        f"Python {platform.python_version()}, motifbook {motifbook.__version__}, "
        f"{', '.join(versions)}."
    )


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    names = file.read_text().partition("model name")[2].partition("\n")[0] if file.exists() else ""
    return names.strip("\t :") or platform.processor() or platform.machine()


def put_between(page: Path, text: str) -> None:
    """Replace what stands between the two marker lines of `page`."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{page} lacks the lines {BEGIN} and {END}; put them back.")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
