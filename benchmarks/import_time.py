"""How long `import motifbook` takes in a fresh process, and how long its names take after that.

python benchmarks/import_time.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys

STEPS = {
    "import motifbook": "import motifbook",
    "mb.Motif": "import motifbook as mb; mb.Motif",
    "mb.read_fasta": "import motifbook as mb; mb.read_fasta",
    "mb.plot.logo": "import motifbook as mb; mb.plot.logo",
    "mb.fit": "import motifbook as mb; mb.fit",
    "mb.about()": "import motifbook as mb; mb.about()",
}
TIMED = """
import time
start = time.perf_counter()
{code}
print(time.perf_counter() - start)
"""


def seconds(code: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(code=code)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main(repeats: int = 7) -> None:
    print("| line | seconds in a fresh process (median of 7) | slowest |\n|---|---|---|")
    for label, code in STEPS.items():
        took = [seconds(code) for _ in range(repeats)]
        print(f"| `{label}` | {statistics.median(took):.3f} | {max(took):.3f} |")


if __name__ == "__main__":
    main()
