"""Give the project another address, everywhere it stands.

    python scripts/set_address.py OWNER/NAME [BRANCH]

The address stands in pyproject.toml; from there come the badges of notebooks, what Colab installs,
and links. BRANCH is "main" if it is not given. Notebooks need not be run again.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WHERE = ["*.toml", "*.md", "*.cff", "docs/*.*", "notebooks/*.*", "notebooks/extra/*.ipynb"]
TEXTS = {".toml", ".md", ".cff", ".rst", ".py", ".ipynb"}


def stated(pyproject: str) -> str:
    """Return the address that pyproject.toml states, as OWNER/NAME.

    Examples
    --------
    >>> stated('Repository = "https://github.com/lab/motifs"')
    'lab/motifs'
    """
    found = re.search(r'^Repository = "https://github\.com/([^"]+)"', pyproject, re.MULTILINE)
    if found is None:
        raise SystemExit("pyproject.toml has no line 'Repository = \"https://github.com/...\"'")
    return found[1]


def readdressed(text: str, old: str, new: str, branch: str) -> str:
    """Return a text with the new address in the place of the old one.

    Examples
    --------
    >>> readdressed("pip install git+https://github.com/a/b", "a/b", "c/d", "trunk")
    'pip install git+https://github.com/c/d@trunk'
    """
    at = "" if branch == "main" else f"@{branch}"  # pip takes the main branch if none is named
    old = re.escape(old)
    for pattern, filled in (
        (rf"(colab\.research\.google\.com/github/){old}/blob/[\w.-]+/", f"{new}/blob/{branch}/"),
        (rf"(mybinder\.org/v2/gh/){old}/[\w.-]+", f"{new}/{branch}"),
        (rf"(git\+https://github\.com/){old}(?:@[\w.-]+)?(?![\w.@-])", new + at),
        (rf"(https://github\.com/){old}(?![\w.-])", new),
    ):
        text = re.sub(pattern, lambda found, filled=filled: found[1] + filled, text)
    return text


def main() -> None:
    """Rewrite the files and name them."""
    usage = "python scripts/set_address.py OWNER/NAME [BRANCH]"
    given = re.fullmatch(r"([\w-]+/[\w.-]+?)(?:\.git)?(?: ([\w.-]+))?", " ".join(sys.argv[1:]))
    if given is None:
        raise SystemExit(f"got {sys.argv[1:]}, expected: {usage}")
    new, branch = given[1], given[2] or "main"
    old = stated((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for path in sorted(path for pattern in WHERE for path in ROOT.glob(pattern)):
        if path.suffix in TEXTS:
            before = path.read_text(encoding="utf-8")
            after = readdressed(before, old, new, branch)
            if after != before:
                path.write_text(after, encoding="utf-8", newline="\n")
                print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
