"""Few rows in place of every combination."""

from itertools import combinations, product


def pairwise(*choices):
    """Rows with one of each of `choices` in which any two values of different columns meet."""

    def pairs(row):
        return set(combinations(enumerate(row), 2))

    every, rows = list(product(*choices)), []
    missing = set().union(*map(pairs, every))
    while missing:
        rows.append(max(every, key=lambda row: len(missing & pairs(row))))
        missing -= pairs(rows[-1])
    return rows
