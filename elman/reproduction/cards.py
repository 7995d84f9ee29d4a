"""The stored measurements as tidy frames and sentences; nothing is drawn, nothing trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from elman.analysis import outcomes
from elman.reproduction import paper
from elman.reproduction.measure import templates_of, word_ends
from elman.reproduction.rules import BY_KEY, CARDS, CHANGED, VERDICTS, Card, Check, Values
from elman.settings import refuse
from elman.tasks import TASKS, sentences


def count_verdicts(cards: dict[str, Values]) -> dict[str, int]:
    """How many cards have each verdict."""
    given = [card.verdict(cards[card.key]) for card in CARDS]
    return {verdict: given.count(verdict) for verdict in VERDICTS}


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def checks_table(card: Card, values: Values) -> pd.DataFrame:
    """The checks of a card in words, the main one first, then what is only reported.

    Columns: compared, elman, seed_0, seeds (median with lowest and highest, or the share of
    seeds with its 95 % interval), allowed and holds ("yes", "no", `rules.UNKNOWN` or
    empty) and unknown (why it cannot be checked).
    """
    rows = []
    for check in card.checks:
        of_seeds = values[check.name]
        if check.share:
            first = "yes" if of_seeds[0] else "no"
            spread = first if len(of_seeds) == 1 else _share(of_seeds)
        else:
            first, spread = _number(of_seeds[0]), _spread(of_seeds)
        printed = "" if check.paper is None else _number(check.paper)
        if check.share and check.paper is not None:
            printed = "yes" if check.paper else "no"
        outcome = check.outcome(of_seeds)
        rows.append((check.words, printed, first, spread, check.allowed, outcome, check.unknown))
    for name, words in card.reported.items():
        of_seeds = values[name]
        rows.append((words, "", _number(of_seeds[0]), _spread(of_seeds), "", "", ""))
    columns = ["compared", "elman", "seed_0", "seeds", "allowed", "holds", "unknown"]
    return pd.DataFrame(rows, columns=columns)


def held(card: Card, values: Values) -> str:
    """The main check in words, with its limit and outcome, and how many checks hold."""
    holding = [check.holds(values[check.name]) for check in card.checks]
    main = checks_table(card, values).iloc[0]
    verb = "holds" if holding[0] else "fails"
    sentence = (
        f"Main check: {main['compared']}. Allowed: {main['allowed']}. Here: {main['seeds']}. "
        f"It {verb}"
    )
    if len(holding) == 1:
        return sentence + "."
    number, unknown = sum(holding), sum(bool(check.unknown) for check in card.checks)
    sentence += f"; {number} of {len(holding)} checks hold{'s' if number == 1 else ''}"
    return sentence + (f", {unknown} cannot be checked." if unknown else ".")


def _share(values: Sequence[float]) -> str:
    found = outcomes.share(round(sum(values)), len(values))
    return f"{found.successes} of {found.runs} seeds ({found.low:.0%} to {found.high:.0%})"


def main_numbers(check: Check, values: Sequence[float]) -> str:
    """The number of seeds with its interval, or the median with lowest and highest, in words."""
    return _share(values) if check.share else _spread(values)


def changes(cards: dict[str, Values]) -> pd.DataFrame:
    """Verdicts under the first rules and under these. Columns: card, first, now, why."""
    rows = [
        (BY_KEY[key].title, first, BY_KEY[key].verdict(cards[key]), why)
        for key, (first, why) in CHANGED.items()
    ]
    return pd.DataFrame(rows, columns=["card", "first", "now", "why"])


def _spread(values: Sequence[float]) -> str:
    if min(values) == max(values):
        return _number(values[0])
    return f"{_number(np.median(values))} ({_number(min(values))} to {_number(max(values))})"


def _curve(printed: Sequence[float | None], values: Values) -> pd.DataFrame:
    curves = np.array(values["curve"])
    return pd.DataFrame(
        {
            "step": np.arange(1, curves.shape[1] + 1),
            "paper": np.array([np.nan if value is None else value for value in printed]),
            "ours": curves[0],
            "low": curves.min(axis=0),
            "high": curves.max(axis=0),
        }
    )


def curve(key: str, values: Values) -> tuple[pd.DataFrame, str]:
    """The printed curve of a figure beside ours, and one letter a step (empty for Figure 3).

    In Figure 6 the first letter of each word is a capital.

    Columns: step (from 1), paper (missing where the figure cannot be read), ours (seed 0), and
    low and high, the lowest and highest of all seeds.
    """
    if key == "figure_3":
        return _curve(list(paper.FIGURE_3), values), ""
    if key == "figure_4":
        return _curve(list(paper.FIGURE_4), values), paper.LETTERS
    if key == "figure_6":
        letters = "".join(word.capitalize() for word in paper.PASSAGE.split()) + "M"
        first, last = word_ends()
        printed: list[float | None] = [None] * len(letters)
        for places, read in ((first, paper.FIGURE_6_FIRST), (last, paper.FIGURE_6_LAST)):
            for place, value in zip(places, read, strict=True):
                printed[place] = value
        return _curve(printed, values), letters
    if key not in ("figure_5a", "figure_5b"):
        raise refuse("key", "a figure with a curve", key)
    high: dict[int, float] = paper.FIGURE_5B if key == "figure_5b" else {}
    return _curve([high.get(n) for n in range(len(paper.LETTERS))], values), paper.LETTERS


def dots(card: Card, values: Values) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Every check and reported value of a card as rows of numbers, for one axis.

    Frames: values (row, value, seed), limits (row, low, high) and printed (row, value). Of a yes
    or no the share of seeds stands for all of them, with "all" as its seed.
    """
    shown, limits, printed = [], [], []
    for check in card.checks:
        of_seeds = values[check.name]
        if check.share:
            shown.append((check.words, check.statistic(of_seeds), "all"))
        else:
            shown += [(check.words, value, str(seed)) for seed, value in enumerate(of_seeds)]
        if not check.unknown:
            limits.append((check.words, check.low, check.high))
        if check.paper is not None:
            printed.append((check.words, check.paper))
    for name, words in card.reported.items():
        shown += [(words, value, str(seed)) for seed, value in enumerate(values[name])]
    return (
        pd.DataFrame(shown, columns=["row", "value", "seed"]),
        pd.DataFrame(limits, columns=["row", "low", "high"]),
        pd.DataFrame(printed, columns=["row", "value"]),
    )


def word_counts(values: Values) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Words in 10,000 sentences from 16 and from 15 templates, in the frames of `dots`."""
    rows = {"16 templates": "words", "15 templates": "words_fifteen"}
    shown = [
        (row, value, str(seed))
        for row, name in rows.items()
        for seed, value in enumerate(values[name])
    ]
    printed = [(row, count) for row in rows for count in paper.CORPUS_WORDS]
    check = next(c for card in CARDS if card.key == "table_4" for c in card.checks[1:])
    return (
        pd.DataFrame(shown, columns=["row", "value", "seed"]),
        pd.DataFrame([("16 templates", check.low, check.high)], columns=["row", "low", "high"]),
        pd.DataFrame(printed, columns=["row", "value"]),
    )


def contents(key: str) -> pd.DataFrame:
    """A table of the paper beside what this project uses; for Tables 1, 2, 3 and 5."""
    if key in ("table_1", "table_2"):
        task = TASKS["letters" if key == "table_1" else "words"]
        printed = paper.TABLE_1 if key == "table_1" else paper.TABLE_2
        rows = [
            (letter, code, "".join(f"{bit:.0f}" for bit in task.codes[task.symbols.index(letter)]))
            for letter, code in printed.items()
        ]
        return pd.DataFrame(rows, columns=["Letter", "Elman (1990)", "Here"])
    if key == "table_3":
        rows = [
            (name, ", ".join(examples), ", ".join(sentences.CLASSES[name]))
            for name, examples in paper.TABLE_3.items()
        ]
        return pd.DataFrame(rows, columns=["Class", "Elman (1990), examples", "Here, all words"])
    if key == "table_5":
        written = [
            (sentence, " ".join(template))
            for sentence in paper.TABLE_5
            for template in templates_of(sentence)
        ]
        return pd.DataFrame(written, columns=["Elman (1990)", "Written here by the template"])
    raise refuse("key", "table_1, table_2, table_3 or table_5", key)


def sentence_errors(values: Values) -> pd.DataFrame:
    """The errors that the text gives for the sentences beside ours in three measures.

    Columns: compared, elman (with its standard deviation, where given), and squares (sum of the
    squared errors of the 31 outputs), root (of that sum) and absolute (sum of the absolute
    errors): median over the seeds of the mean and, in brackets, of the standard deviation.
    """

    def ours(name: str) -> str:
        return f"{np.median(values[name]):.3f} ({np.median(values[f'{name}_sd']):.3f})"

    def printed(name: str) -> str:
        mean, deviation = paper.SENTENCE_ERRORS[name]
        return f"{mean:g}" if deviation is None else f"{mean:g} ({deviation:.3f})"

    compared = {
        "start": ("before training, to the word that came", printed("start")),
        "word": ("after it, to the word that came", printed("word")),
        "likelihood": ("after it, to the likelihoods counted in the corpus", printed("likelihood")),
        "exact": ("after it, to the likelihoods of the grammar", ""),
        "best": ("the counted likelihoods themselves, to the word that came", ""),
    }
    rows = [
        (words, elman, *(ours(f"{name}_{measure}") for measure in ("squares", "root", "absolute")))
        for name, (words, elman) in compared.items()
    ]
    return pd.DataFrame(rows, columns=["compared", "elman", "squares", "root", "absolute"])


def _seeds(values: Sequence[float]) -> str:
    return f"{round(sum(values))} of {len(values)}"


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _figure_3(v: Values) -> str:
    return (
        f"The dip at the XOR bits is there in {_seeds(v['dip'])} networks, at "
        f"{_median(v['xor_bits']):.2f} against Elman's 0.17. At the other bits ours have "
        f"{_median(v['other_bits']):.2f} and his 0.31: his network answered the coin flips more "
        "boldly. Always answering 0.5 gives 0.25."
    )


def _figure_4(v: Values) -> str:
    return (
        f"The pattern is there in {_seeds(v['separated'])} networks: errors at consonants only. "
        "The heights are not Elman's: his vowels keep an error of 0.14, ours "
        f"{_median(v['vowels']):.4f}; his consonants have 0.62, ours "
        f"{_median(v['consonants']):.2f} as a sum of squares, "
        f"{_median(v['consonants_root']):.2f} as its root and {_median(v['consonants_mean']):.2f} "
        "as a mean of six. No one measure fits all his values."
    )


def _figure_5a(v: Values) -> str:
    return (
        "That a consonant comes is foretold at every letter, and better than by Elman's network: "
        f"the largest error of all of ours is {max(v['largest']):.4f}, his 0.12."
    )


def _figure_5b(v: Values) -> str:
    return (
        f"Whether it is High is not: at d and g the error is {_median(v['consonants']):.2f}, "
        "Elman's 0.34. Guessing one chance in three gives 0.44 at a d and 0.11 at a g."
    )


def _figure_6(v: Values) -> str:
    return (
        f"First letters have more error than last ones, {_median(v['first']):.2f} against "
        f"{_median(v['last']):.2f}, but the stated gap of 0.5 is there in only {_seeds(v['gap'])} "
        "networks. Elman's 2.29 at first letters is more than the 1.25 of always answering 0.5: "
        "his network was sure, and wrong. Words and sentences are partly ours: of his fifteen "
        "words fourteen can be read, and none of his templates."
    )


def _figure_7(v: Values) -> str:
    return (
        f"Training makes the groups: {_median(v['branches']):.2f} against "
        f"{_median(v['branches_untrained']):.2f} before it, where 0.5 is chance (medians of all "
        f"seeds; with seed 0 alone, whose tree the button opens, {v['branches'][0]:.2f} against "
        f"{v['branches_untrained'][0]:.2f}). But the verbs do "
        f"not come together ({_median(v['noun_or_verb']):.2f}): smash and eat stand alone. Words "
        f"of the very same use in the grammar do ({_median(v['uses']):.2f}), and another "
        "linkage, tried afterwards, gives "
        f"{_median(v['branches_ward']):.2f} for the six branches."
    )


def _figure_8(v: Values) -> str:
    return (
        f"ZOG joins the humans first in {_seeds(v['humans'])} networks, too few by the rule. A "
        f"human is its nearest word in {_seeds(v['nearest'])}. Before training it joins them in "
        f"{_seeds(v['untrained'])}."
    )


def _figure_9(v: Values) -> str:
    return (
        "No two uses are identical. But the uses of a word share a branch of their own for "
        f"{_median(v['branches']):.0%} of the words only, and before training for "
        f"{_median(v['branches_untrained']):.0%}: learning brings the uses of different "
        "words of one kind together."
    )


def _table_1(v: Values) -> str:
    return "All 36 bits agree."


def _table_2(v: Values) -> str:
    return (
        "The codes compared agree, the misprints aside. Our sentences can contain the passage; "
        f"words have {_median(v['letters']):.2f} letters (Elman 3.91), sentences "
        f"{_median(v['sentence']):.2f} words (6.35), as their grammar was made to have."
    )


def _table_3(v: Values) -> str:
    return (
        f"All printed examples are in their class, {v['words'][0]:.0f} words in "
        f"{v['classes'][0]:.0f} classes. The thirteenth class is not printed anywhere and cannot "
        "be rebuilt; which other words belong to a class is partly inferred from Figure 9 "
        "and Table 5."
    )


def _table_4(v: Values) -> str:
    low, high = min(v["words_fifteen"]), max(v["words_fifteen"])
    return (
        f"Sixteen templates give {_median(v['words']):,.0f} words, so 27,534 is an ordinary "
        f"outcome. Fifteen give {low:,.0f} to {high:,.0f}: the table, not the text, was used."
    )


def _table_5(v: Values) -> str:
    number = len(paper.TABLE_5)
    return (
        f"Our grammar can write {v['sentences'][0] * number:.0f} of the {number} sentences, the "
        f"words printed in Table 3 alone only {v['printed'][0] * number:.0f}: move must be "
        "transitive for “dog move mouse”, and car a thing for “man break car”."
    )


_SENTENCES: dict[str, Callable[[Values], str]] = {
    "figure_3": _figure_3,
    "figure_4": _figure_4,
    "figure_5a": _figure_5a,
    "figure_5b": _figure_5b,
    "figure_6": _figure_6,
    "figure_7": _figure_7,
    "figure_8": _figure_8,
    "figure_9": _figure_9,
    "table_1": _table_1,
    "table_2": _table_2,
    "table_3": _table_3,
    "table_4": _table_4,
    "table_5": _table_5,
}


def result(card: Card, values: Values) -> str:
    """What came of a card, in a sentence or two made from its numbers."""
    return _SENTENCES[card.key](values)


def cosine(values: Values) -> tuple[float, float]:
    """Mean cosine to the counted likelihoods and its standard deviation, medians over seeds."""
    return _median(values["cosine"]), _median(values["cosine_sd"])
