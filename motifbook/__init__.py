"""motifbook: which DNA motifs drive your measurements, how sure you can be, and the figure.

Every public name is loaded on first use, so that `import motifbook` is quick.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "about": "about:about",
    "examples": "data.examples.examples:examples",
    "exercises": "exercises",
    "plot": "plot",
    "widgets": "widgets",
    "models": "models",
    # data
    "read": "data.store:read",
    "write": "data.store:write",
    "read_fasta": "data.text.fasta:read_fasta",
    "read_table": "data.text.table:read_table",
    "read_selex": "data.text.selex:read_selex",
    "Counts": "data.text.readouts:Counts",
    "Alleles": "data.text.readouts:Alleles",
    "Cycles": "data.text.readouts:Cycles",
    "read_bed": "data.genomes.bed:read_bed",
    "read_vcf": "data.genomes.vcf:read_vcf",
    "read_genes": "data.genomes.genes:read_genes",
    "read_signal": "data.genomes.signals:read_signal",
    "Signal": "data.genomes.signals:Signal",
    "simulate": "data.simulation.simulate:simulate",
    "SimulateOptions": "data.simulation.simulate:SimulateOptions",
    "simulate_partners": "data.simulation.partners:simulate_partners",
    "PartnerRule": "data.simulation.partners:PartnerRule",
    "UorfRule": "data.simulation.uorf:UorfRule",
    "split": "data.splits.split:split",
    "check": "data.quality.check:check",
    "leakage": "data.splits.leakage:leakage",
    "LeakageWarning": "data.splits.leakage:LeakageWarning",
    # motifs
    "Motif": "motif.matrix:Motif",
    "read_motif_file": "motif.files:read_motif_file",
    "write_motif_file": "motif.files:write_motif_file",
    "database": "motif.database",
    "cluster_motifs": "motif.cluster:cluster_motifs",
    "InputError": "_check:InputError",
    "Alphabet": "alphabet:Alphabet",
    # networks
    "MotifSyntaxNet": "models:MotifSyntaxNet",
    "CNN": "models:CNN",
    "ContextualRegression": "models:ContextualRegression",
    "ContextOptions": "models:ContextOptions",
    "Foreign": "models:Foreign",
    "FitOptions": "train:FitOptions",
    "SyntaxOptions": "models:SyntaxOptions",
    "fit": "train:fit",
    "fit_repeats": "train.repeat:fit_repeats",
    "predict": "train:predict",
    "predict_spread": "train.repeat:predict_spread",
    "evaluate": "train:evaluate",
    "save": "train:save",
    "load": "train:load",
    # experiments on a network
    "backgrounds": "experiment:backgrounds",
    "marginalize": "experiment:marginalize",
    "ablate": "experiment:ablate",
    "space": "experiment:space",
    # what the network learned
    "read_motifs": "discover.filters:read_motifs",
    "call_instances": "discover.instances.call:call_instances",
    "read_syntax": "discover.syntax.read:read_syntax",
    "preview_syntax": "discover.syntax.preview:preview_syntax",
    "pair_table": "discover.syntax.weights:pair_table",
    "response_curves": "discover.syntax.weights:response_curves",
    "motifs_of": "discover.consensus:motifs_of",
    "compare_use": "discover.compare_use:compare_use",
    "identify": "motif.compare:identify",
    "name_motifs": "motif.compare:name_motifs",
    "scan": "data.hits:scan",
    # which letters matter
    "attribute": "attribution.attribute:attribute",
    "Attribution": "attribution.letters:Attribution",
    "AttributeOptions": "attribution.options:AttributeOptions",
    "fidelity": "attribution.fidelity:fidelity",
    "fidelity_table": "attribution.fidelity:fidelity_table",
    "FidelityOptions": "attribution.fidelity:FidelityOptions",
    "logic_recovery": "attribution.recovery:logic_recovery",
    "seqlets": "attribution.seqlets:seqlets",
    "write_modisco": "attribution.modisco:write_modisco",
    "fit_scrambler": "attribution.scrambler.fit:fit_scrambler",
    "load_scrambler": "attribution.scrambler.load:load_scrambler",
    "optimize_masks": "attribution.scrambler.optimize:optimize_masks",
    "ScramblerOptions": "attribution.scrambler.options:ScramblerOptions",
    "ScramblerWarning": "attribution.scrambler.checks:ScramblerWarning",
    # the linear formula
    "fit_formula": "formula.fit:fit_formula",
    "FormulaOptions": "formula.fit:FormulaOptions",
    "DiscoverOptions": "formula.discover:DiscoverOptions",
    "save_formula": "formula.files:save_formula",
    "read_formula": "formula.files:read_formula",
    # is it real?
    "test_motifs": "significance.motif_tests:test_motifs",
    "test_selector": "significance.selector:test_selector",
    "TestOptions": "significance.options:TestOptions",
    "enrichment": "data.enrichment:enrichment",
    "halve_readout": "significance.halves:halve_readout",
    "score_variants": "variants.score:score_variants",
    "compare_alleles": "variants.compare:compare_alleles",
    # new sequences
    "design": "design.design:design",
    "DesignOptions": "design.options:DesignOptions",
    "Constraints": "design.constraints:Constraints",
    "check_order": "design.check:check_order",
    "halve_rows": "design.judge:halve_rows",
    "fit_judge": "design.judge:fit_judge",
    "to_bed": "data.export:to_bed",
    "to_track": "data.tracks:to_track",
    # beyond one machine
    "panel": "stream.panel:panel",
    "stream_attribution": "stream.attribution:stream_attribution",
    "read_attribution": "stream.streamed_attribution:read_attribution",
    "StreamedAttribution": "stream.streamed_attribution:StreamedAttribution",
    "stream_hits": "stream.hits:stream_hits",
    "read_hits": "stream.streamed_hits:read_hits",
    "StreamedHits": "stream.streamed_hits:StreamedHits",
    "report": "report:report",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        import difflib  # only now: this is the one path that needs it

        by_lower = {public.lower(): public for public in _HOMES}
        near = difflib.get_close_matches(name.lower(), by_lower, n=1)
        hint = f"Did you mean {by_lower[near[0]]!r}?" if near else "dir(motifbook) lists its names."
        raise AttributeError(f"motifbook has no {name!r}. {hint}")
    module, _, attribute = _HOMES[name].partition(":")
    found: Any = importlib.import_module(f"motifbook.{module}")
    if attribute:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)


class _Book(ModuleType):
    """Keeps `mb.about` the function when Python imports the file about.py and binds its name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and ":" in _HOMES.get(name, "")):
            super().__setattr__(name, value)

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        """Let functions of a notebook that use `mb` travel to other processes (joblib, Dask)."""
        return importlib.import_module, (__name__,)


sys.modules[__name__].__class__ = _Book
