"""Follow every link of the built documentation that does not leave it.

    python scripts/check_site.py site

A link must lead to a file of the site, and its #part to an element of that page.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

OF_THE_THEME = ("_static", "_sources", "_modules")  # their pages are not ours


class Page(HTMLParser):
    """The links and names of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.names: set[str] = {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a tag links to, and what it is called."""
        given = dict(attrs)
        self.names |= {given.get("id") or "", given.get("name") or ""}
        link = given.get("href") if tag in ("a", "link") else given.get("src")
        if link is not None:
            self.links.add(link)


def broken(site: Path) -> list[str]:
    """Return "page: link" for each link that leads nowhere."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        if path.relative_to(site).parts[0] in OF_THE_THEME:
            continue
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            end = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            names = pages[end].names if end in pages else {unquote(parts.fragment)}
            if not end.is_file() or unquote(parts.fragment) not in names:
                found.append(f"{path.relative_to(site)}: {link}")
    return found


def main() -> None:
    """Name what leads nowhere; then the exit status is 1."""
    site = Path(sys.argv[1]).resolve()
    found = broken(site)
    print("\n".join(found) or f"all links inside {site.name} lead somewhere")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
