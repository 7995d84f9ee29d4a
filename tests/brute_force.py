"""What may follow in a stream of strings, from a list of all strings and nothing else."""

from collections import defaultdict


def next_symbols(strings, seen):
    """Probability of each symbol after each symbol of `seen`: a list of dictionaries.

    `strings` maps every possible string (a tuple) to its probability. The stream begins with a
    string; `whole[j]` is the probability that the first j symbols are whole strings.
    """
    begins = defaultdict(float)
    for string, probability in strings.items():
        for end in range(1, len(string) + 1):
            begins[string[:end]] += probability
    longest = max(map(len, strings))
    symbols = {symbol for string in strings for symbol in string}
    whole = [1.0]
    result = []
    for end in range(1, len(seen) + 1):
        starts = range(max(0, end - longest), end)
        whole.append(sum(whole[j] * strings.get(tuple(seen[j:end]), 0.0) for j in starts))
        starts = range(max(0, end - longest), end + 1)
        weights = {
            symbol: sum(whole[j] * begins.get((*seen[j:end], symbol), 0.0) for j in starts)
            for symbol in symbols
        }
        total = sum(weights.values())
        result.append({symbol: weight / total for symbol, weight in weights.items()})
    return result


def told(strings, beginning):
    """Probability of each symbol after `beginning`, all of which belongs to one string."""
    follows = defaultdict(float)
    for string, probability in strings.items():
        if string == beginning:
            for other, share in strings.items():
                follows[other[0]] += probability * share
        elif string[: len(beginning)] == beginning:
            follows[string[len(beginning)]] += probability
    total = sum(follows.values())
    return {symbol: weight / total for symbol, weight in follows.items()}


def all_sentences(templates, classes):
    """Every sentence (a tuple of words) of a template grammar with its probability."""
    sentences = defaultdict(float)
    for template in templates:
        beginnings = {(): 1 / len(templates)}
        for slot in template:
            words = classes.get(slot, (slot,))
            beginnings = {
                (*beginning, word): probability / len(words)
                for beginning, probability in beginnings.items()
                for word in words
            }
        for sentence, probability in beginnings.items():
            sentences[sentence] += probability
    return dict(sentences)


def spelled(sentences):
    """The probabilities of sentences written without spaces, as tuples of letters."""
    strings = defaultdict(float)
    for sentence, probability in sentences.items():
        strings[tuple("".join(sentence))] += probability
    return dict(strings)
