"""Words that the notebooks link are explained, and links into pages lead to a heading."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
PAGES = sorted([*FOLDER.rglob("[!.]*.ipynb"), *FOLDER.glob("*.md")])


def text_of(page):
    if page.suffix == ".md":
        return page.read_text()
    return "\n".join(cell.source for cell in nbformat.read(page, 4).cells)


def anchors(page):
    """What GitHub makes of each heading."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_headings_lead_somewhere(page):
    links = re.findall(r"\]\(([^)\s:]*\.md)?#([\w-]+)\)", text_of(page))
    dead = [
        f"{target}#{anchor}"
        for target, anchor in links
        if anchor not in anchors((page.parent / target) if target else page)
    ]
    assert dead == []


def test_words_stand_in_the_order_of_the_alphabet():
    words = re.findall(r"^### (.+)$", text_of(FOLDER / "glossary.md"), flags=re.MULTILINE)
    assert len(words) > 20
    assert words == sorted(words, key=str.lower)
