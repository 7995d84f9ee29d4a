"""The measurements of one seed: what `rules` compares, and the curves of the figures.

A group of seeds has one function here, of a trained network or, where nothing is trained, of a
seed. It measures all cards of the group: card key -> values by name, and a `curve` where the
figure has one. Networks go on from the context that training left, in one unbroken stream.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from collections.abc import Sequence as Ordered
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from elman.analysis import clusters, separation
from elman.analysis.replay import Tested, replay
from elman.experiment import Experiment
from elman.reproduction import paper
from elman.reproduction.rules import READING
from elman.tasks import (
    TASKS,
    Sequence,
    Task,
    new_sequence,
    preset,
    sentences,
    task_of,
    training_sequence,
    words,
)
from elman.tasks.sequence import predict_next
from elman.training import Run, predict, run
from elman.training.batches import blocks, run_batch

Measured = dict[str, dict[str, Any]]

TOKENS_OF_EACH, TOKENS_OF_ONE = 10, 30


def experiment_of(task: str, seed: int) -> Experiment:
    """The task's "paper" preset with other first weights and another sequence; seed 0: as it is."""
    experiment = preset(task, "paper")
    return experiment.replace(seed=seed, data_seed=experiment.data_seed + seed)


def _stream(task: Task, symbols: np.ndarray) -> Sequence:
    """A sequence of these symbols of which nothing is asked but the network's answers."""
    inputs, targets = predict_next(task.codes, symbols)
    unknown = np.full(len(symbols), np.nan)
    return Sequence(
        symbols=symbols,
        inputs=inputs,
        targets=targets,
        group_starts=np.zeros(len(symbols), dtype=bool),
        position=np.zeros(len(symbols), dtype=int),
        ideal=np.full(targets.shape, np.nan),
        rate_floor=unknown,
    )


def _squared(trained: Run, sequence: Sequence) -> np.ndarray:
    """Squared error (steps, n_out) over a sequence that follows the training."""
    outputs, _ = predict(trained.snapshots[-1], sequence, trained.experiment, "never")
    return (outputs - sequence.targets) ** 2


def _indices(task: Task, names: str | list[str]) -> np.ndarray:
    return np.array([task.symbols.index(name) for name in names])


def xor(trained: Run) -> Measured:
    """Figure 3: error at 12 successive bits, averaged over a new sequence of 3,000."""
    squared = _squared(trained, new_sequence(trained.experiment))
    curve = squared[: len(squared) // 12 * 12].reshape(-1, 12).mean(axis=0)
    at_xor = np.isin(np.arange(1, 13), paper.XOR_CYCLES)
    dips, others = curve[at_xor], curve[~at_xor]
    return {
        "figure_3": {
            "dip": others.mean() - dips.mean() >= 0.05,
            "xor_bits": dips.mean(),
            "other_bits": others.mean(),
            "every_dip": dips.max() < others.min(),
            "curve": curve,
        }
    }


def letters(trained: Run) -> Measured:
    """Figures 4, 5a and 5b: errors at the paper's own 20 letters, which begin with "(b)adii"."""
    task = task_of(trained.experiment)
    passage = _stream(task, _indices(task, "b" + paper.LETTERS))
    squared = _squared(trained, passage)[: len(paper.LETTERS)]
    drawn = np.array([value is not None for value in paper.FIGURE_4])
    is_consonant = np.array([letter in "bdg" for letter in paper.LETTERS])
    consonants, vowels = drawn & is_consonant, drawn & ~is_consonant
    total = squared.sum(axis=1)
    first, fourth = squared[:, 0], squared[:, 3]
    read = np.array([n for n in paper.FIGURE_5B if paper.LETTERS[n] in "bdg"])
    return {
        "figure_4": {
            "separated": total[consonants].min() > total[vowels].max(),
            "consonants": total[consonants].mean(),
            "vowels": total[vowels].mean(),
            "consonants_mean": total[consonants].mean() / 6,
            "vowels_mean": total[vowels].mean() / 6,
            "consonants_root": np.sqrt(total[consonants]).mean(),
            "vowels_root": np.sqrt(total[vowels]).mean(),
            "curve": total,
        },
        "figure_5a": {
            "known": first.max() <= paper.FIGURE_5A_LARGEST + READING,
            "largest": first.max(),
            "mean": first.mean(),
            "largest_absolute": np.sqrt(first.max()),
            "curve": first,
        },
        "figure_5b": {
            "gap": fourth[read].mean() - fourth[vowels].mean() >= 0.1,
            "consonants": fourth[read].mean(),
            "low_vowels": (fourth[vowels] < 0.1).mean(),
            "curve": fourth,
        },
    }


def word_ends() -> tuple[np.ndarray, np.ndarray]:
    """Places, from 0, of Figure 6's first letters and last letters in the passage's letters."""
    sizes = np.array([len(word) for word in paper.PASSAGE.split()])
    ends = np.cumsum(sizes)
    return np.array([0, *ends]), (ends - 1)[sizes > 1]


def passage_errors(trained: Run) -> np.ndarray:
    """Sum of the squared errors (letters,) of the five bits at the passage of Figure 6.

    The passage and the m of a next "many" follow a new sequence, as one more sentence of it.
    """
    task = task_of(trained.experiment)
    before = new_sequence(trained.experiment).symbols
    passage = _indices(task, paper.PASSAGE.replace(" ", "") + "m")
    squared = _squared(trained, _stream(task, np.concatenate([before, passage])))
    # The error at a letter is made one step before it is read.
    return squared[len(before) - 1 : -1].sum(axis=1)


def word_task(trained: Run) -> Measured:
    """Figure 6: error at each letter of the paper's passage."""
    from scipy.stats import spearmanr

    curve = passage_errors(trained)
    sequence = new_sequence(trained.experiment)
    everywhere = _squared(trained, sequence).sum(axis=1)
    first, last = word_ends()
    printed = (*paper.FIGURE_6_FIRST, *paper.FIGURE_6_LAST)
    return {
        "figure_6": {
            "gap": curve[first].mean() - curve[last].mean() >= 0.5,
            "first": curve[first].mean(),
            "last": curve[last].mean(),
            "rank": spearmanr(printed, curve[[*first, *last]]).statistic,
            "lexicon": len(words.PAPER_WORDS),
            "first_everywhere": everywhere[words.word_initial(sequence)].mean(),
            "last_everywhere": everywhere[words.word_final(sequence)].mean(),
            "curve": curve,
        }
    }


def sentence_task(trained: Run) -> Measured:
    """Figures 7 to 9 and the errors that the text gives, all of one network."""
    return {
        "figure_7": _mean_tree(trained),
        "figure_8": _new_word(trained),
        "figure_9": _uses(trained),
        "errors": _sentence_errors(trained),
    }


def _mean_tree(trained: Run) -> dict[str, Any]:
    groupings = separation.sentence_groupings()
    names = {"branches": "branch of Figure 7", "noun_or_verb": "noun or verb"}
    table = separation.run_scores(trained, {name: groupings[name] for name in names.values()})
    scores = table.set_index(["network", "grouping"])["cophenetic_auc"]
    after = {name: scores["trained", words] for name, words in names.items()}
    before = {name: scores["untrained", words] for name, words in names.items()}
    means = clusters.mean_vectors(replay(trained, trained.sequence))
    found = clusters.tree(means.vectors, means.labels)
    halves = found.cut(2)
    ward = clusters.tree(means.vectors, means.labels, method="ward")
    verbs = np.isin(means.labels, sentences.CATEGORIES["verbs"])
    return {
        **after,
        **{f"{name}_untrained": score for name, score in before.items()},
        **{
            f"{name}_ward": separation.separation(ward, groupings[words]).cophenetic_auc
            for name, words in names.items()
        },
        "uses": separation.separation(found, groupings["use in the grammar"]).cophenetic_auc,
        "control": all(after[name] > before[name] for name in names),
        "top": len(set(halves[verbs])) == len(set(halves[~verbs])) == 1,
    }


def _new_word(trained: Run) -> dict[str, Any]:
    experiment = trained.experiment
    # Far from the data seeds of all runs, so that no network was trained on this corpus.
    other = training_sequence(experiment.replace(data_seed=experiment.data_seed + 1000))
    corpus = sentences.with_new_word(other)
    humans = set(sentences.CATEGORIES["humans"])

    def found(epoch: int) -> clusters.NewWord:
        return clusters.new_word(replay(trained, corpus, epoch), sentences.NEW_WORD)

    after, before = found(trained.epochs_done), found(0)
    return {
        "humans": set(after.sisters) <= humans,
        "sisters": set(after.sisters) == set(paper.ZOG_SISTERS),
        "untrained": set(before.sisters) <= humans,
        "nearest": after.neighbours["symbol"][0] in humans,
    }


def _uses(trained: Run) -> dict[str, Any]:
    def own_branches(tested: Tested) -> tuple[float, clusters.Tokens]:
        """Share of the words whose tokens are all leaves of one branch; and the tokens."""
        found = clusters.tokens(tested, sentences.WORDS, most=TOKENS_OF_EACH)
        symbols = found.table["symbol"].to_numpy()
        branches = clusters.tree(found.vectors, symbols.tolist()).members
        own = {tuple(np.flatnonzero(symbols == word)) for word in sentences.WORDS}
        whole = own & {tuple(np.sort(leaves)) for leaves in branches}
        return len(whole) / len(own), found

    tested = replay(trained, trained.sequence)
    after, found = own_branches(tested)
    before, _ = own_branches(replay(trained, trained.sequence, 0))
    apart = clusters.distances(found.vectors)
    np.fill_diagonal(apart, np.inf)
    symbols = found.table["symbol"].to_numpy()
    same = symbols[:, np.newaxis] == symbols
    return {
        "branches": after,
        "branches_untrained": before,
        "place": np.mean([_places_apart(tested, word) for word in ("boy", "girl")]),
        "distinct": apart[same].min() > 0.0,
    }


def _places_apart(tested: Tested, word: str) -> float:
    """How well the tree of a word's tokens parts first from last words of sentences."""
    found = clusters.tokens(tested, [word], most=TOKENS_OF_ONE)
    places = ["first" if place == 1 else "last" for place in found.table["place"]]
    tree = clusters.tree(found.vectors, places)
    return separation.separation(tree, {"first": "first", "last": "last"}).cophenetic_auc


def _sentence_errors(trained: Run) -> dict[str, Any]:
    """Three measures of the error, mean and standard deviation over the training sequence.

    "start": before training, against the word that came; "word": after it; "likelihood": after
    it, against the likelihoods counted as in the paper; "exact": against those of the grammar.
    """
    sequence = trained.sequence
    counted = sentences.empirical_likelihoods(sequence)
    outputs = replay(trained, sequence).outputs
    compared = {
        "start": (replay(trained, sequence, 0).outputs, sequence.targets),
        "word": (outputs, sequence.targets),
        "likelihood": (outputs, counted),
        "exact": (outputs, sentences.likelihoods(sequence)),
        "best": (counted, sequence.targets),
    }
    measured = {}
    for name, (answers, wanted) in compared.items():
        wrong = np.abs(answers - wanted)
        squares = (wrong**2).sum(axis=1)
        for measure, values in (
            ("squares", squares),
            ("root", np.sqrt(squares)),
            ("absolute", wrong.sum(axis=1)),
        ):
            measured[f"{name}_{measure}"] = values.mean()
            measured[f"{name}_{measure}_sd"] = values.std()
    lengths = np.linalg.norm(outputs, axis=1) * np.linalg.norm(counted, axis=1)
    cosine = (outputs * counted).sum(axis=1) / lengths
    return measured | {"cosine": cosine.mean(), "cosine_sd": cosine.std()}


def corpora(seed: int) -> Measured:
    """Tables 2 and 4: lengths of random words and sentences; nothing is trained."""
    rng = np.random.default_rng([1990, seed])
    task = words.TASK
    printed = {letter: task.codes[task.symbols.index(letter)] for letter in paper.TABLE_2}
    sample = words.GRAMMAR.sample(paper.WORD_TASK["sentences"], rng=rng)
    sizes = np.array([len(word) for word in words.WORDS])
    chosen = sample[sample >= 0]
    try:
        words.LETTER_SOURCE.follow(_indices(task, paper.PASSAGE.replace(" ", "") + "m").tolist())
        can_write = True
    except ValueError:
        can_write = False
    grammar = sentences.GRAMMAR
    sixteen = (grammar.sample(paper.SENTENCES, rng=rng) >= 0).sum()
    # The template that the text leaves out is not known: one of three words, as most are.
    longest = [n for n, template in enumerate(grammar.templates) if len(template) == 3]
    left_out = rng.choice(longest)
    kept = [template for n, template in enumerate(grammar.templates) if n != left_out]
    fewer = type(grammar)(grammar.words, grammar.classes, tuple(kept))
    fifteen = (fewer.sample(paper.SENTENCES, rng=rng) >= 0).sum()
    return {
        "table_2": {
            "equal": np.mean([_bits(printed[k]) == code for k, code in paper.TABLE_2.items()]),
            "passage": can_write,
            "letters": sizes[chosen].mean(),
            "sentence": len(chosen) / len(sample),
        },
        "table_4": {
            "rows": np.mean([tuple(row.split()) in grammar.templates for row in paper.TABLE_4]),
            "words": sixteen,
            "words_fifteen": fifteen,
            "fifteen": abs(paper.CORPUS_WORDS[0] - fifteen),
        },
    }


def tables(seed: int) -> Measured:
    """Tables 1, 3 and 5, which take no random numbers."""
    task = TASKS["letters"]
    codes = {letter: _bits(task.codes[task.symbols.index(letter)]) for letter in paper.TABLE_1}
    placed = [
        word in sentences.CLASSES[name] for name, row in paper.TABLE_3.items() for word in row
    ]
    used = sentences.CODES[: len(sentences.WORDS)]
    return {
        "table_1": {
            "equal": np.mean(
                [
                    ours == printed
                    for letter, code in paper.TABLE_1.items()
                    for ours, printed in zip(codes[letter], code, strict=True)
                ]
            )
        },
        "table_3": {
            "examples": np.mean(placed),
            "words": len({word for members in sentences.CLASSES.values() for word in members}),
            "classes": len(sentences.CLASSES),
        },
        "table_5": {
            "codes": ((used.sum(axis=1) == 1) & (used.shape[1] == paper.TABLE_5_BITS)).mean(),
            "sentences": np.mean([bool(templates_of(sentence)) for sentence in paper.TABLE_5]),
            "printed": np.mean(
                [bool(templates_of(sentence, paper.TABLE_3)) for sentence in paper.TABLE_5]
            ),
        },
    }


def _bits(code: np.ndarray) -> str:
    return "".join(f"{bit:.0f}" for bit in code)


def templates_of(
    sentence: str, classes: Mapping[str, Collection[str]] = sentences.CLASSES
) -> list[tuple[str, ...]]:
    """The templates of the sentences task that can write a sentence with words of `classes`."""
    said = sentence.split()
    return [
        template
        for template in sentences.TEMPLATES
        if len(template) == len(said)
        and all(word in classes[slot] for word, slot in zip(said, template, strict=True))
    ]


# What measures each key of `rules.SEEDS`: from a seed, or from a network trained at it.
DRAWN: dict[str, Callable[[int], Measured]] = {"none": tables, "corpus": corpora}
TRAINED: dict[str, Callable[[Run], Measured]] = {
    "xor": xor,
    "letters": letters,
    "words": word_task,
    "sentences": sentence_task,
}


def measured(group: str, seed: int) -> Measured:
    """What the group's function gives for a seed, as plain numbers of four decimals."""
    if group in DRAWN:
        return _rounded(DRAWN[group](seed))
    return _rounded(TRAINED[group](run(experiment_of(group, seed))))


def measured_runs(group: str, experiments: Ordered[Experiment], at_once: int = 1) -> list[Measured]:
    """`measured` of each experiment, trained side by side where they can be."""

    def block(indices: list[int]) -> list[tuple[int, Measured]]:
        runs = run_batch([experiments[index] for index in indices])
        found = [_rounded(TRAINED[group](trained)) for trained in runs]
        return list(zip(indices, found, strict=True))

    # The kernels release the GIL.
    with ThreadPoolExecutor(at_once) as pool:
        found = [one for ones in pool.map(block, blocks(experiments)) for one in ones]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _rounded(cards: Measured) -> Measured:
    return {
        key: {
            name: [round(float(v), 4) for v in value] if name == "curve" else round(float(value), 4)
            for name, value in card.items()
        }
        for key, card in cards.items()
    }
