"""Tidy frames to Altair charts, one module for each lens; `parts` has what they share.

A role has one colour in every figure. The colours keep a contrast of at least 3 to 1 on white and
on the dark page, and stay apart for colour-blind readers; where two lines share a figure, their
dashes and labels differ too.
"""

ROLES = {
    "input": "#0072B2",
    "context": "#CC79A7",
    "hidden": "#009E73",
    "output": "#C87F00",
    "target": "#1F8FD1",
    "error": "#D55E00",
    "floor": "#7F8790",
    "baseline": "#8D6FD1",
    "pinned1": "#7F8500",
    "pinned2": "#0B8A8F",
    "pinned3": "#B0578D",
    "pinned4": "#96703A",
}

# Runs that may be pinned, by the ends of the columns that tables of errors have of them.
PINNED = ("pinned1", "pinned2", "pinned3", "pinned4")

# Colours of weights, deltas and their changes: blue below zero, vermilion above.
NEGATIVE, POSITIVE = ROLES["input"], ROLES["error"]

# Dashes of lines, in pixels drawn and left out; "target" is a level that the reader chose.
DASHES = {
    "baseline": [2, 3],
    "floor": [6, 4],
    "target": [9, 3, 2, 3],
    "pinned1": [6, 3],
    "pinned2": [3, 2],
    "pinned3": [12, 3],
    "pinned4": [8, 2, 2, 2],
}

# A symbol's name up to this length fits above a point or into a narrow cell.
SHORT_NAME = 2
