"""The own text as words and in several documents."""

from itertools import product

import numpy as np
import pytest
from differences import assert_close
from streams import read

from elman import Experiment, run
from elman.analysis.generation import ngram_counts, prompt_symbols
from elman.tasks import ngrams, own, own_symbols, training_sequence
from elman.tasks import own_text as texts
from elman.training import predict, stepper
from elman.training.resets import reset_schedule

NAMES = "anna\nbo\n\ncarl anders\n" + "dora\neve\nfinn\n" * 5


def test_documents_are_cut_apart_and_kept_whole():
    task = own.task(NAMES, documents="lines")
    assert (task.mark, task.symbols[0], task.group) == (0, "¶", "document")
    assert task.positions[::5] == ("1st", "6th", "11th")
    assert task.positions[-1] == "end"
    training, rest = task.generate(20_000, rng=None), task.unseen(20_000, 3000)
    read_training, read_rest = ("".join(read(one, task.symbols)) for one in (training, rest))
    assert read_training.startswith("¶anna¶bo¶carl␣anders¶dora¶eve")
    assert (read_training + read_rest).split("¶")[1:] == NAMES.replace(" ", "␣").split()
    assert len(rest) >= (len(training) + len(rest)) // 5
    for sequence in (training, rest):
        marks = sequence.symbols == task.mark
        np.testing.assert_array_equal(sequence.seams, marks)
        np.testing.assert_array_equal(sequence.group_starts, marks)
        # What follows the last symbol of a document is its end, and never the next one's first.
        np.testing.assert_array_equal(
            sequence.targets.argmax(axis=1), np.roll(sequence.symbols, -1)
        )
        ends = [task.positions[p] == "end" for p in sequence.position]
        np.testing.assert_array_equal(ends, np.roll(marks, -1))
        assert task.positions[sequence.position[0]] == "1st"
    # As many whole ones as the length holds.
    assert "".join(read(task.generate(10, rng=None), task.symbols)) == "¶anna¶bo"
    with pytest.raises(ValueError, match="length: allowed is at least 5, so that the first"):
        task.generate(4, rng=None)


@pytest.mark.parametrize("policy", ["epoch", "never", "every", "group", "step", "growing"])
def test_the_context_is_reset_between_documents_whatever_the_policy(policy):
    sequence = own.task(NAMES, documents="lines").generate(20_000, rng=None)
    every = 7 if policy == "every" else None
    for stage in reset_schedule(policy, sequence.group_starts, 60, every, sequence.seams):
        assert stage.resets[sequence.seams].all()


def test_a_document_says_nothing_of_the_next_in_training_n_grams_and_writing():
    """Two orders of the same documents: the network answers each as before, to the bit."""
    lines = ["abcab", "bcabc", "cabca", "aabbc", "ccbba", "abccb"]
    both = [Experiment(task="own", text="\n".join(some), documents="lines", hidden=3, epochs=4,
                       reset="never", learning_rate=1e-6)
            for some in (lines, [*lines[::-1]])]  # fmt: skip
    trained = run(both[0])
    snapshot, answers = trained.snapshots[-1], []
    whole = [own.generate(1000, text=e.text, documents="lines") for e in both]
    for sequence, compiled in product(whole, (True, False)):
        outputs, _ = predict(snapshot, sequence, both[0], "never", compiled=compiled)
        documents = map("".join, np.split(np.array(read(sequence, "¶abc")), 6))
        answers.append(dict(zip(documents, np.split(outputs, 6), strict=True)))
    for other in answers[1:]:
        assert_close(other, answers[0], atol=1e-15)
    for n in (2, 3, 4):
        forward, back = (ngrams.answers(n, one, one) for one in whole)
        np.testing.assert_allclose(np.split(forward, 6), np.split(back, 6)[::-1])
    counts = ngram_counts(4, whole[0], 4)
    assert all(0 not in context[1:] for context in counts)
    # Writing, too, begins anew after a mark.
    ask = stepper(snapshot, both[0])
    told = [ask(x) for x in whole[0].inputs]
    outputs, _ = predict(snapshot, whole[0], both[0], "never")
    np.testing.assert_array_equal([out for out, _ in told], outputs)


def test_words_are_symbols_by_the_stated_rule():
    said = "Don't stop, well-known 3.5! 'Ja' -- «ÉCOLE» कि a_b"
    assert own_symbols.words(said) == [
        *("don't", "stop", ",", "well-known", "3", ".", "5", "!", "'", "ja", "'", "-", "-"),
        *("«", "école", "»", "कि", "a_b"),
    ]  # fmt: skip
    task = own.task("The rain. The sun.\n\nthe sky", read_as="words", documents="paragraphs")
    assert task.symbols == ("¶", ".", "rain", "sky", "sun", "the")
    assert "8 words of 5 kinds in 2 documents" in task.rule
    groups = own.task("the cat the dog ¶ the end the", read_as="words", boundary="the")
    assert groups.positions == ("1st", "2nd", "3rd")
    assert groups.symbols == ("cat", "dog", "end", "the", "¶")
    with pytest.raises(ValueError, match="boundary: allowed is one word or sign of the text"):
        own.task("the cat the dog and the end the", read_as="words", boundary="mouse")


def test_beyond_500_kinds_the_rarest_are_one_symbol_and_counted():
    often = " ".join(f"w{k} w{k}" for k in range(450))
    text = f"{often} {' '.join(f'once{k}' for k in range(200))}"
    task = own.task(text, read_as="words")
    assert len(task.symbols) == own_symbols.MAX_KINDS
    # 499 kinds have a symbol of their own: the 450 and the first 49 of the others.
    assert "The 151 rarest kinds of words, which stand there 151 times, count as one" in task.rule
    assert task.symbols[0] == "‹rare›"
    assert "once48" in task.symbols
    assert "once49" not in task.symbols
    assert len(own.generate(20_000, text=text, read_as="words").symbols) == 1100
    fewer = own.task(" ".join(f"w{k}" for k in range(500)), read_as="words")
    assert (len(fewer.symbols), "rare" in fewer.rule) == (500, False)


def test_a_prompt_is_read_as_the_text_is():
    text = " ".join(f"w{k}" for k in range(600)) + " the rain, the rain, the rain."
    task = own.task(text, read_as="words")
    spelled = [task.symbols[k] for k in prompt_symbols(task, "The rain, W599")]
    assert spelled == ["the", "rain", ",", "‹rare›"]
    with pytest.raises(ValueError, match=r"prompt: allowed are words of the task: .*'mouse'"):
        prompt_symbols(own.task("the cat the dog a b c d", read_as="words"), "mouse")


@pytest.mark.parametrize(("options", "message"), [
    ({"documents": "lines", "text": "one line only"}, "documents: .* two or more lines; a text"),
    ({"documents": "paragraphs", "text": NAMES.replace("\n\n", "\n")},
     "documents: .* two or more paragraphs, with an empty line between them; a text of one"),
    ({"documents": "lines", "text": NAMES, "boundary": "a"}, "boundary: allowed is none beside d"),
    ({"documents": "lines", "text": NAMES, "group_length": 3}, "group_length: allowed is none be"),
    ({"documents": "lines", "text": "a\n" + "b" * 20}, "documents: allowed is one for documents"),
    ({"read_as": "words", "text": "only four words here"}, "text: allowed is at least 8 words .*"),
    ({"read_as": "words", "text": "no " * 9}, "text: allowed is at least 8 words .*; 9 of 1 "),
    ({"documents": "pages"}, "documents: allowed is one of one, lines, paragraphs; 'pages'"),
    ({"read_as": "syllables"}, "read_as: allowed is one of characters, words; 'syllables'"),
])  # fmt: skip
def test_what_cannot_be_read_so_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        training_sequence(Experiment(task="own", **options))


def test_several_files_become_one_text_of_as_many_documents():
    text = texts.joined(["one\r\n\r\n\r\ntwo\n", " \n", "three\n\nfour"])
    assert text == "one\ntwo\n\nthree\nfour"
    assert texts.joined(["one\n\ntwo"]) == "one\n\ntwo"
    assert own_symbols.split(text, "paragraphs") == ["one\ntwo", "three\nfour"]
