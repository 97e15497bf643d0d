"""Figures: values in, matplotlib Axes or SVG text out; only `save` writes files.

Every figure comes twice: `logo` draws on matplotlib Axes, for print and for changes by hand;
`logo_svg` returns the same picture as SVG text, for notebooks and web pages, in a millisecond.
"""

from motifbook.plot.attribution import attribution, attribution_svg
from motifbook.plot.bars import motif_use, motif_use_svg, pairs, pairs_svg
from motifbook.plot.coefficients import coefficients, coefficients_svg
from motifbook.plot.contributions import contributions, contributions_svg
from motifbook.plot.curves import (
    agreement,
    agreement_svg,
    history,
    history_svg,
    response,
    response_svg,
    roc,
    roc_svg,
)
from motifbook.plot.design_page import design_page_figure, design_page_svg
from motifbook.plot.design_steps import design_steps, design_steps_svg
from motifbook.plot.designs import designs, designs_svg
from motifbook.plot.distortion import distortion, distortion_svg, draws, draws_svg
from motifbook.plot.effects import effects, effects_svg
from motifbook.plot.enrichment import enrichment, enrichment_svg
from motifbook.plot.explained import explained, explained_svg
from motifbook.plot.fidelity import fidelity, fidelity_svg
from motifbook.plot.filter_page import filter_figure, filter_svg
from motifbook.plot.formula import formula, formula_svg
from motifbook.plot.formula_page import formula_page_figure, formula_page_svg
from motifbook.plot.gallery import gallery
from motifbook.plot.genes import genes, genes_svg
from motifbook.plot.instances import instances, instances_svg
from motifbook.plot.logo import gallery_svg, logo, logo_svg
from motifbook.plot.null_distribution import null_distribution, null_distribution_svg
from motifbook.plot.pair_page import pair_figure, pair_svg
from motifbook.plot.position_curve import position_curve, position_curve_svg
from motifbook.plot.position_page import Scrambled, position_figure, position_svg
from motifbook.plot.positions import positions, positions_svg
from motifbook.plot.qq import qq, qq_svg
from motifbook.plot.region import region, region_svg
from motifbook.plot.relaxed import relaxed, relaxed_svg
from motifbook.plot.save import save
from motifbook.plot.scrambler_training import (
    scrambler_training_figure,
    scrambler_training_svg,
)
from motifbook.plot.sheet import Sheet, sheet
from motifbook.plot.significance import tests, tests_svg
from motifbook.plot.syntax import syntax, syntax_svg
from motifbook.plot.tests_page import tests_page_figure, tests_page_svg
from motifbook.plot.tracks import tracks, tracks_svg
from motifbook.plot.variants import variants, variants_svg

__all__ = [
    "Scrambled",
    "Sheet",
    "agreement",
    "agreement_svg",
    "attribution",
    "attribution_svg",
    "coefficients",
    "coefficients_svg",
    "contributions",
    "contributions_svg",
    "design_page_figure",
    "design_page_svg",
    "design_steps",
    "design_steps_svg",
    "designs",
    "designs_svg",
    "distortion",
    "distortion_svg",
    "draws",
    "draws_svg",
    "effects",
    "effects_svg",
    "enrichment",
    "enrichment_svg",
    "explained",
    "explained_svg",
    "fidelity",
    "fidelity_svg",
    "filter_figure",
    "filter_svg",
    "formula",
    "formula_page_figure",
    "formula_page_svg",
    "formula_svg",
    "gallery",
    "gallery_svg",
    "genes",
    "genes_svg",
    "history",
    "history_svg",
    "instances",
    "instances_svg",
    "logo",
    "logo_svg",
    "motif_use",
    "motif_use_svg",
    "null_distribution",
    "null_distribution_svg",
    "pair_figure",
    "pair_svg",
    "pairs",
    "pairs_svg",
    "position_curve",
    "position_curve_svg",
    "position_figure",
    "position_svg",
    "positions",
    "positions_svg",
    "qq",
    "qq_svg",
    "region",
    "region_svg",
    "relaxed",
    "relaxed_svg",
    "response",
    "response_svg",
    "roc",
    "roc_svg",
    "save",
    "scrambler_training_figure",
    "scrambler_training_svg",
    "sheet",
    "syntax",
    "syntax_svg",
    "tests",
    "tests_page_figure",
    "tests_page_svg",
    "tests_svg",
    "tracks",
    "tracks_svg",
    "variants",
    "variants_svg",
]
