"""What nobody should send: links, texts and files made by chance, the same at every run."""

import io
import random
import zipfile

# Markup of every kind that a page could take for its own.
MARKUP = (
    "<img src=x onerror=hacked()>", "<script>hacked()</script>", "[x](javascript:hacked())",
    "**bold**", "$x^2$", "# Heading", "`code`", "``` fence", ":red[x] :material/bolt:", "~~s~~ _i_",
    "{{x}}", "![x](http://127.0.0.1:9/x.png)", "&lt;b&gt;", "\\(x\\)",
)  # fmt: skip

TEXTS = (
    *MARKUP, "", " ", "\t", "\n\n", "0", "-0", "-1", "1", "3", "24", "0.5", "1e-9", "1e9", "1e309",
    "nan", "-inf", "1_000", "0x10", "007", "１２", "٣", "½", "²", "true", "None", "null", "[]",
    "xor", "letters", "own", "every", "step", "paper", "new", "tree", "1,2,3", "1;2", "9" * 400,
    "x" * 5000, ",", "\x00", "\x1b[31m", "\x7f\x85", "\u202eabc", "\ufeff", "e\u0301" * 9, "🧠🧠",
    "שלום", "{}",
    "\ud7ff\ue000\uffff", "../../etc/passwd", "%00%0a", "'; --", '"', "=&?#", "on\r\nX: y",
)  # fmt: skip


def links(seed, names, typical, count):
    """So many links, as name -> values: `names` with values of all kinds, and unknown names.

    `typical` gives values that are allowed, by name.
    """
    draw = random.Random(seed)
    for _ in range(count):
        link = {}
        for _ in range(draw.choice((1, 2, 3, 5, 8, 20))):
            name = draw.choice(names) if draw.random() < 0.9 else draw.choice(TEXTS)
            times = draw.choice((1, 1, 1, 1, 2, 5))
            link[name] = [
                draw.choice(typical.get(name) or TEXTS) if draw.random() < 0.5 else text(draw)
                for _ in range(times)
            ]
        yield link


def text(draw):
    """A text, mostly one of `TEXTS`."""
    if draw.random() < 0.8:
        return draw.choice(TEXTS)
    return "".join(chr(draw.choice((draw.randrange(1, 256), draw.randrange(256, 0xD800)))) for _ in
                   range(draw.randrange(1, 40)))  # fmt: skip


def mutated(draw, data):
    """Bytes that were these once: changed, cut, repeated, in another order, or with other words."""
    data = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5))):
        place = draw.randrange(len(data) + 1)
        end = min(len(data), place + draw.choice((1, 1, 2, 8, 64, 1024)))
        words = draw.choice((*TEXTS, "1e999", "-1", "NaN", '"', "\\u0000")).encode(
            "utf-8", "replace"
        )
        data[place:end] = draw.choice((
            b"", draw.randbytes(end - place), data[place:end] * 3, data[place:end][::-1], words,
            bytes(255 - byte for byte in data[place:end]),
        ))  # fmt: skip
    return bytes(data)


def mutated_archive(draw, data):
    """An archive like this one with a member mutated, missing, twice or under another name."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        names = archive.namelist()
        for name in names:
            content, spoilt = archive.read(name), draw.random() < 1.5 / len(names)
            if spoilt and draw.random() < 0.1:
                continue
            if spoilt and draw.random() < 0.1:
                name = draw.choice(["../", "x", "\u202e"]) + name
            # The header is short and tells how to read the rest.
            head = content[:128]
            if spoilt and draw.random() < 0.5:
                content = mutated(draw, head) + content[128:]
            elif spoilt:
                content = head + mutated(draw, content[128:])
            made.writestr(name, content)
    return file.getvalue()
