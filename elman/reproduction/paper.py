"""What Elman (1990) prints: numbers of his figures and tables, with page and uncertainty.

Values of figures were read off the printed graphs by pixel position: about ±0.02, in Figure 6
about ±0.05. All pages are of Cognitive Science 14:179-211.
"""

from __future__ import annotations

# Figure 3, p. 186: error at cycles 1 to 12. At 2, 5, 8 and 11 the XOR bit is being predicted.
FIGURE_3 = (0.33, 0.16, 0.31, 0.28, 0.18, 0.34, 0.32, 0.17, 0.32, 0.32, 0.16, 0.29)
XOR_CYCLES = (2, 5, 8, 11)

# Figures 4 and 5, p. 189-190: the first 20 letters of his test sequence, and the error at each of
# them in Figure 4 (no point is drawn at the last d).
LETTERS = "adiiguuubaguuudiidii"
FIGURE_4 = (
    0.13, 0.61, 0.20, 0.21, 0.77, 0.07, 0.05, 0.26, 0.44, 0.12,
    0.61, 0.02, 0.04, 0.20, 0.66, 0.05, 0.16, None, 0.07, 0.36,
)  # fmt: skip

FIGURE_5A_LARGEST = 0.12

# Figure 5b: what can be read, by the place (from 0) among the 20 letters. Of the vowels only those
# of the first "dii" stand out; most of the others lie below 0.1.
FIGURE_5B = {1: 0.38, 2: 0.19, 3: 0.20, 4: 0.18, 10: 0.38, 14: 0.08, 17: 0.68}

# Figure 6, p. 194: error at the first letter of each word, the m of a next word included, and at
# the last letter of each word but "a".
PASSAGE = "many years ago a boy and girl lived by the sea they played happily"
FIGURE_6_FIRST = (2.4, 3.0, 2.9, 2.8, 1.8, 2.2, 2.5, 1.8, 1.9, 2.1, 2.9, 1.8, 1.8, 2.6, 1.8)
FIGURE_6_LAST = (0.5, 0.06, 1.0, 0.2, 1.5, 0.8, 0.2, 0.8, 0.8, 0.8, 1.25, 0.1, 0.01)

# Table 1, p. 188: Consonant, Vowel, Interrupted, High, Back, Voiced.
TABLE_1 = {
    "b": "101001", "d": "101101", "g": "101011",
    "a": "010011", "i": "010101", "u": "010111",
}  # fmt: skip

# Table 2, p. 193: the codes compared with the print, and its two rows for i that contradict the
# rest of the table.
TABLE_2 = {"a": "00001", "b": "00010", "i": "01001", "m": "01101", "y": "11001"}
TABLE_2_MISPRINTS = ("01100", "11001")

# The corpus of the word task, p. 192 and note 4.
WORD_TASK = {"words": 1270, "sentences": 200, "letters": 4963, "lexicon": 15}

# Table 3, p. 196: examples of each class. "cookie, break" is read as cookie, bread.
TABLE_3 = {
    "NOUN-HUM": ("man", "woman"),
    "NOUN-ANIM": ("cat", "mouse"),
    "NOUN-INANIM": ("book", "rock"),
    "NOUN-AGRESS": ("dragon", "monster"),
    "NOUN-FRAG": ("glass", "plate"),
    "NOUN-FOOD": ("cookie", "bread"),
    "VERB-INTRAN": ("think", "sleep"),
    "VERB-TRAN": ("see", "chase"),
    "VERB-AGPAT": ("move", "break"),
    "VERB-PERCEPT": ("smell", "see"),
    "VERB-DESTROY": ("break", "smash"),
    "VERB-EAT": ("eat",),
}
CLASSES_IN_TEXT = 13
WORDS_IN_TEXT = 29

# Table 4, p. 196: one row a line.
TABLE_4 = (
    "NOUN-HUM VERB-EAT NOUN-FOOD",
    "NOUN-HUM VERB-PERCEPT NOUN-INANIM",
    "NOUN-HUM VERB-DESTROY NOUN-FRAG",
    "NOUN-HUM VERB-INTRAN",
    "NOUN-HUM VERB-TRAN NOUN-HUM",
    "NOUN-HUM VERB-AGPAT NOUN-INANIM",
    "NOUN-HUM VERB-AGPAT",
    "NOUN-ANIM VERB-EAT NOUN-FOOD",
    "NOUN-ANIM VERB-TRAN NOUN-ANIM",
    "NOUN-ANIM VERB-AGPAT NOUN-INANIM",
    "NOUN-ANIM VERB-AGPAT",
    "NOUN-INANIM VERB-AGPAT",
    "NOUN-AGRESS VERB-DESTROY NOUN-FRAG",
    "NOUN-AGRESS VERB-EAT NOUN-HUM",
    "NOUN-AGRESS VERB-EAT NOUN-ANIM",
    "NOUN-AGRESS VERB-EAT NOUN-FOOD",
)
TEMPLATES_IN_TEXT = 15
SENTENCES = 10_000

# The number of words in the 10,000 sentences, as printed on p. 195 and 197, p. 204 and 205, p. 196
# and 199.
CORPUS_WORDS = (27_534, 27_454, 27_354)

# Table 5, p. 197: the fragment's words, parted by the templates; of an eighth only "lion" is there.
TABLE_5 = (
    "woman smash plate", "cat move", "man break car", "boy move", "girl eat bread",
    "dog move mouse", "mouse move book",
)  # fmt: skip
TABLE_5_BITS = 31

# The branch that ZOG is the sister of in Figure 8, p. 202.
ZOG_SISTERS = ("woman", "girl", "boy")

# The errors of the sentence simulation that the text gives, p. 197-198: mean, standard deviation.
SENTENCE_ERRORS = {
    "start": (15.5, None),
    "word": (0.88, None),
    "likelihood": (0.053, 0.100),
    "cosine": (0.916, 0.123),
}

# What he leaves open or contradicts, and what stands for it here.
LEFT_OPEN = (
    (
        "Learning rate, momentum and first weights are not stated.",
        "0.1, none, and normal with a deviation of 0.1; the maps show what others give.",
    ),
    (
        "The error in Figures 3 to 6 is called root mean squared, but no root can have the values "
        "that are drawn (Figure 3: at most 0.34, where a coin flip costs at least 0.5).",
        "Squared errors, a sum over the outputs where the figure needs it.",
    ),
    (
        "Three errors of the sentences, 15.5, 0.88 and 0.053, are called root mean squared, and "
        "fit three different measures.",
        "All three measures, and no verdict.",
    ),
    (
        "13 classes of words in the text, 12 in Table 3; 15 templates in the text, 16 in Table 4.",
        "The tables.",
    ),
    (
        "The sentences have 27,534, 27,354 or 27,454 words.",
        "What the 16 templates give, near 27,534.",
    ),
    (
        "One of the fifteen words without spaces, and the templates of their sentences, are not "
        "printed.",
        "A word and templates of our own.",
    ),
    (
        "Distance and linkage of the trees are not stated, and an axis is misprinted.",
        "Euclidean, average linkage; which words join first is compared, no height.",
    ),
)
