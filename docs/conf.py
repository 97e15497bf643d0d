"""How the documentation is built: `.venv/bin/sphinx-build -c docs . site`.

The repository itself is the source, so that links between the README, the notebooks and the
tables of benchmarks work as they stand. Pages of the API are written from docstrings.
"""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

import motifbook
from motifbook.alphabet import DNA

project = "motifbook"
author = "The motifbook developers"
copyright = author
version = release = motifbook.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_nb",
]
root_doc = "docs/index"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/**",
    "notebooks/*.ipynb",
    "notebooks/*.md",
    "benchmarks/*.md",
]
exclude_patterns = ["docs/templates"]
templates_path = [str(Path(__file__).parent / "templates")]
html_theme = "pydata_sphinx_theme"
html_title = "motifbook"
html_static_path = ["looks"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_sidebars = {
    name: [] for name in ("docs/index", "docs/explorers", "README", "notebooks/glossary")
}
html_extra_path = ["static"]  # the front door sends readers on to docs/index.html
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": True,
    "navbar_persistent": ["search-button"],  # the wider one has a text that is not its name
}

nb_execution_mode = "off"  # shown as they were committed
nb_output_stderr = "remove"
nb_render_image_options = {"alt": "Figure; the words below it say what it shows."}
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]  # the picture of an explorer
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True
suppress_warnings = [
    "myst.header",  # entries of the glossary stand right below its title
    "myst.xref_missing",  # links to files that are no pages: LICENSE, sources
    "toc.not_included",  # tables that the page of benchmarks links to
    "mystnb.unknown_mime_type",  # widgets: their picture stands beside them
]

autosummary_generate = True
autodoc_typehints = "none"  # docstrings give shapes
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
nitpicky = True  # a name in a docstring that leads nowhere is a warning


def with_short_alphabet(*event: object) -> tuple[str, object] | None:
    """Write a default alphabet by its name, not by its letters."""
    signature, returned = event[-2:]
    return (signature.replace(repr(DNA), "DNA"), returned) if signature else None


def setup(app: Sphinx) -> None:
    """Ask Sphinx to show signatures to us first."""
    app.connect("autodoc-process-signature", with_short_alphabet)
