"""What is right in the exercises of the notebooks, with hints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exercise:
    """What is right: words, any of which will do, or the smallest and the largest number."""

    right: tuple[str, ...] | tuple[float, float]
    hint: str
    because: str


EXERCISES = {
    "00.1": Exercise(
        ("GATT", "AATC"),
        "Find GATA1 among the logos and read its tallest letters; then read them backwards.",
        "AATC on one strand is GATT on the other: both are the same motif.",
    ),
    "00.2": Exercise(
        (1, 1),
        "How many different motifs decide whether such a sequence is bound?",
        "The network has spare filters; those that it can do without are not shown.",
    ),
    "00.3": Exercise(
        ("no",),
        "Run sections 1 to 7 again with n=400 and read the last column of the table.",
        "More sequences help more than any setting.",
    ),
    "00.4": Exercise(
        ("fewer",),
        "Which sites still pass when a site must come nearer to the best one?",
        "Only sites near the best one remain; say which threshold you used.",
    ),
    "01.1": Exercise(
        (10, 10),
        "Read the sentence in section 2 that speaks of the blacklist.",
        "All windows that touch the first 12,000 letters of the chromosome are left out.",
    ),
    "01.2": Exercise(
        ("no",),
        "What does mb.split do with a sequence and its reverse complement?",
        "Copies and reverse complements stay together in every mode.",
    ),
    "01.3": Exercise(
        (0.79, 0.85),
        "The mean of two replicates is reliable to 2 r / (1 + r); the ceiling is its square root.",
        "No network can be better than the experiment: compare with 0.8, not with 1.",
    ),
    "01.4": Exercise(
        (12682, 12682),
        "The first letter of a chromosome is 0 in a BED file, and 1 in a browser.",
        "Starts differ by one, ends are the same number.",
    ),
    "02.1": Exercise(
        ("lower",),
        "Filters start at random. How many of 4 will come near a motif, how many of 32?",
        "Few of four random filters come near a motif.",
    ),
    "02.2": Exercise(
        (0.5, 0.5),
        "The readouts tell nothing. How often is a bound sequence ranked above an unbound one?",
        "It is a coin toss, and more data only bring the score nearer to 0.5.",
    ),
    "02.3": Exercise(
        ("up",),
        "Where is the twin of a test sequence?",
        "Most test sequences have a twin among the training ones; mb.split keeps them together.",
    ),
    "02.4": Exercise(
        ("Spi1",),
        "The sentence under the picture names the instances in the window.",
        "Nobody planted it there: letters that arose by chance look like a site, to proteins, too.",
    ),
    "03.1": Exercise(
        (10, 10),
        "Read the right end of the shaded distances.",
        "The planted gaps were 6 to 10.",
    ),
    "03.2": Exercise(
        ("down",),
        "A veto makes a sequence unbound: what does it do to the odds of bound?",
        "A motif can be in use because it forbids.",
    ),
    "03.3": Exercise(
        ("never seen",),
        "Which sequences of this rule hold TAL1 and GATA1 far apart?",
        "Without decoys, a weight of zero is no evidence of no effect.",
    ),
    "03.4": Exercise(
        ("no",),
        "Which lines rise above zero: what do the second arrows of the others show?",
        "Order and strand belong to the rule, not only the distance.",
    ),
    "04.1": Exercise(
        (1, 1),
        "Find its row: which color stands away from zero?",
        "Elsewhere its interval holds zero.",
    ),
    "04.2": Exercise(
        ("lower",),
        "Which of the two lets the other motifs make up for what is missing?",
        "Fitted anew, the others take over part of its work.",
    ),
    "04.3": Exercise(
        ("no",),
        "What would change in the counts if the other one did the work?",
        "Nothing in such data tells them apart; intervals become wide.",
    ),
    "04.4": Exercise(
        (0.89, 0.91),
        "Number of sites times what one site adds, summed: 2 x NRF1 + 1 x YY2.",
        "2 x 0.8 - 0.7 = 0.9: that is all a formula is.",
    ),
    "05.1": Exercise(
        ("exclusion",),
        "Which one asks what the prediction cannot do without?",
        "Inclusion finds letters that suffice, exclusion letters that are necessary.",
    ),
    "05.2": Exercise(
        ("nothing", "0"),
        "The other copy still stands there. What happens to the prediction?",
        "That is why changing one letter at a time is blind to copies.",
    ),
    "05.3": Exercise(
        ("up",),
        "Fewer bits keep fewer letters. Do their draws agree better or worse with the prediction?",
        "The divergence rises from right to left, steeply where a motif is cut.",
    ),
    "06.1": Exercise(
        ("larger",),
        "Which stands out more: the best of 32, or the best of 2,080?",
        "The best of few is less extreme; valid p-values allow for it.",
    ),
    "06.2": Exercise(
        (50, 50),
        "How often does a valid p-value fall to .05 or below where nothing is to be found?",
        "That is what a p-value means, and what .qq() checks.",
    ),
    "06.3": Exercise(
        (0, 0),
        "Simulate with n=50, test, and count the filled dots.",
        "Few sequences hide what is there; not kept is not absent.",
    ),
    "06.4": Exercise(
        ("another question",),
        "Among pieces with GATA1, which are bound: all, or those with TAL1 beside it?",
        "The test asks whether pieces that hold it are bound more often; 07 asks about pairs.",
    ),
    "07.1": Exercise(
        ("TAL1", "TAL1::TCF3"),
        "Which motif was planted beside it?",
        "In bound sequences TAL1 is near, and without GATA1 it does nothing either.",
    ),
    "07.2": Exercise(
        ("no",),
        "What does the pair add beyond both alone: more than nothing, or less?",
        "One site is enough; the effect beyond both alone is negative.",
    ),
    "07.3": Exercise(
        (7.2, 7.6),
        "One unit on this scale multiplies the odds by 2.72; two units do so twice.",
        "2.72 x 2.72 = 7.4. From 1 : 1 that is a probability of 88 %.",
    ),
    "07.4": Exercise(
        (8, 8),
        "Run it, and compare the column effect of the two gaps.",
        "The planted gaps were 6 to 10; 20 letters apart they do not work together.",
    ),
    "08.1": Exercise(
        ("remove",),
        "Read its effect on readout0 in section 1, and find GATA1 among the edits.",
        "Each copy takes 1 away; where the start holds one, removing it is an edit that pays.",
    ),
    "08.2": Exercise(
        ("judge",),
        "Which of the two was the design made to please?",
        "The network that designs also finds its own mistakes; the judge has others.",
    ),
    "08.3": Exercise(
        ("without Spi1",),
        "Which control differs from the design in nothing but these sites?",
        "Shuffling takes everything away at once; one motif at a time tells which one did it.",
    ),
    "09.1": Exercise(
        ("pdf", "svg"),
        "In which of the three files are words still words?",
        "A PNG holds dots, and nobody can change a word in it.",
    ),
    "09.2": Exercise(
        (89, 89),
        "Section 7 says it, where a table of tests does not fit.",
        "Two columns are 183 wide.",
    ),
    "09.3": Exercise(
        ("size",),
        "How small may letters be in print?",
        "Smaller letters would be read by nobody; give the panel more room.",
    ),
    "09.4": Exercise(
        ("BLOOD2",),
        "Change `place` and the two numbers in the line below it, and read the lowest track.",
        "Its arrows point to the left: it lies on the other strand.",
    ),
    "10.1": Exercise(
        (3, 3),
        "What does a network that guesses know about motifs?",
        "A network that cannot predict has nothing to be read from it.",
    ),
    "10.2": Exercise(
        ("not shown",),
        "How many test rows hold it, and how large would its effect have to be?",
        "Absence of evidence; more sequences may show it.",
    ),
    "10.3": Exercise(
        ("similarity",),
        "Which of them looks at the letters?",
        "Overlapping peaks share letters, and stay together.",
    ),
    "10.4": Exercise(
        (6, 6),
        "Run sections 2 and 4 on the 60 sequences, and read the column n.",
        "Their auROC of 0.89 is worth little: one pair in another order changes it by a tenth.",
    ),
}
