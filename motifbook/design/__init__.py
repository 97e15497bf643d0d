"""Write new sequences: search, explain every edit, check what a company can make, order.

`design` reads from top to bottom what happens, in this order; each step is a file or a few:

* asked: `goal`, `options`, `constraints` (with `enzymes`), `starts`
* networks as one score: `scorer`; `problem`, what every search is handed and hands back
* constraints while searching: `limits` over `ordered` and the `rule` files; `repair` of starts;
  `prepare` puts all this together
* searches in motifs: `motif_edits` makes the rounds; `vocabulary`, `lexicon`, `motif_hits`: motifs,
  their words, where they stand; `motif_effects`: what words do, by experiment; `repertoire` and
  `motif_state` hold these; `motif_additions`, `motif_changes` (with `unmake`): what could be done
* searches by letters: `greedy`, `evolve`, `relax`, `ledidi`, `random_search`; what these share:
  `climb`, `prune`, and `assemble`, which divides what they propose into edits that pay
* results: `choose`; `tables`; `explain`, from `site_changes` to `words`; `replay`, which leaves
  edits out; `caveats`: what to keep in mind
* the check, by other code: `check` with `broken`
* `designs`, which holds all, and what can be done with it: `refuse`, `outlook` (with `judge`,
  `answers`, `known_data`, `novelty`, `outlook_words`), `controls` (with `disable`), `order`,
  `genbank`, `rows`, `methods_text`

`mb.design` is the function, so these files are imported as ``from motifbook.design import order``;
``import motifbook.design.order as order`` would look for them in it.
"""
