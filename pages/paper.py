"""The paper: every figure and table of Elman (1990) beside what this project measures."""

from functools import partial

import streamlit as st

from elman import reproduction
from elman.charts import paper as paper_charts
from elman.reproduction import cards, maps
from elman.reproduction.grid import FIRST_SEED, GRIDS
from elman.reproduction.paper import FIGURE_5A_LARGEST
from elman.reproduction.rules import BY_KEY, CARDS, SEEDS, UNKNOWN, Card, Values
from elman.ui import menu, page, prose, sidebar, tables

menu.hand_over()

# Side by side, or alone where a figure is wide.
ROWS = (
    ("figure_3", "figure_4"),
    ("figure_5a", "figure_5b"),
    ("figure_6",),
    ("figure_7", "figure_8"),
    ("figure_9",),
    ("table_1", "table_2"),
    ("table_3", "table_4"),
    ("table_5",),
)

BADGES = {"reproduced": "green", "partly": "orange", "not": "red", UNKNOWN: "gray"}
WORDS = {
    "reproduced": "reproduced",
    "partly": "partly reproduced",
    "not": "not reproduced",
    UNKNOWN: "cannot be checked in full",
}

CURVES = {
    "figure_3": ("Bit of the cycle", "Squared error"),
    "figure_4": ("Letter expected", "Squared error, sum of six"),
    "figure_5a": ("Letter expected", "Squared error"),
    "figure_5b": ("Letter expected", "Squared error"),
    "figure_6": ("Letter expected, capitals where a word begins", "Squared error, sum of five"),
}
SCORED = ("figure_7", "figure_8", "figure_9")
MARKS = {
    "yes": "Holds:",
    "no": "**Fails:**",
    UNKNOWN: "Cannot be checked:",
    "": "No limit:",
}
# The view in which the figure of a card is seen, where that is not the first.
STEPS, FEATURES, TREE = {"error_view": "step by step"}, {"error_view": "features"}, {"view": "tree"}
SHOWN_BY = {
    "figure_3": STEPS,
    "figure_4": STEPS,
    "figure_5a": FEATURES,
    "figure_5b": FEATURES,
    "figure_6": {"error_view": "through a text"},
    "figure_7": TREE,
    "figure_8": TREE | {"zog": True},
    "figure_9": TREE | {"tokens": True},
}
OPENS = {"train": "Open this run", "errors": "Open its errors", "states": "Open its hidden states"}


def show(card: Card, values: Values) -> None:
    """One card: what the paper shows, ours beside it, the verdict, and the way to the run."""
    verdict = card.verdict(values)
    with st.container(border=True, key=f"card_{card.key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            prose.say(f"#### {card.title}", width="content")
            st.badge(WORDS[verdict], color=BADGES[verdict])
        prose.say(f"**{card.subject}**")
        prose.caption(card.shows)
        draw(card, values)
        prose.say(f"**{cards.result(card, values)}**")
        prose.caption(cards.held(card, values))
        checks(card, values)
        if maps.has_map(card):
            show_map(card)
        if st.button(
            OPENS[card.page],
            key=f"open_{card.key}",
            on_click=sidebar.open_preset,
            args=(card.task, "paper"),
            kwargs=SHOWN_BY.get(card.key, {}),
        ):
            # The sidebar's widgets put the experiment into the URL themselves.
            st.switch_page(f"pages/{card.page}.py", query_params={})


def draw(card: Card, values: Values) -> None:
    """The chart of a card, or its table."""
    if card.key in CURVES:
        curve, labels = cards.curve(card.key, values)
        chart = paper_charts.curve_chart(
            curve,
            *CURVES[card.key],
            labels=labels,
            printed_top=FIGURE_5A_LARGEST if card.key == "figure_5a" else None,
        )
        pale = "pale, from the lowest to the highest of all seeds"
    elif card.key in SCORED:
        chart = paper_charts.dots_chart(
            *cards.dots(card, values), "Score, or share of seeds", (0, 1.02)
        )
        pale = "hollow, the other seeds. Grey: allowed"
    elif card.key == "table_4":
        chart = paper_charts.dots_chart(
            *cards.word_counts(values),
            "Words in 10,000 sentences",
            (27_200, 27_650),
            format=",.0f",
        )
        pale = "hollow, the other seeds. Grey: allowed"
    else:
        tables.show_table(cards.contents(card.key))
        return
    page.figure(chart, f"{card.title}, {card.subject}. {cards.result(card, values)}")
    prose.caption(f"Blue: Elman. Orange: ours; in full, seed 0, {pale}.")


def checks(card: Card, values: Values) -> None:
    """What was compared, how near it had to come, and whether it did; the curve as a table."""
    with st.expander("Numbers, limits and what held"):
        lines = []
        for row in cards.checks_table(card, values).itertuples():
            parts = [f"here **{row.seeds}**"]
            if SEEDS[card.seeds] > 1:
                parts.append(f"seed 0: {row.seed_0}")
            if row.elman:
                parts.append(f"Elman: {row.elman}")
            if row.allowed:
                parts.append(f"allowed: {row.allowed}")
            if row.unknown:
                parts.append(row.unknown)
            lines.append(f"- {MARKS[row.holds]} {row.compared}: {'; '.join(parts)}.")
        if SEEDS[card.seeds] > 1:
            prose.caption(
                f"{SEEDS[card.seeds]} seeds: the median, in brackets lowest and highest; or how "
                "many, in brackets the share that chance leaves open (95 %).",
            )
        prose.say("\n".join(lines))
        if card.key in CURVES:
            curve, labels = cards.curve(card.key, values)
            if labels:
                curve.insert(1, "letter", list(labels))
            tables.show_table(curve, "curve of the paper", height="auto")


def show_map(card: Card) -> None:
    """Where among the settings that the paper leaves open each check of a card holds."""
    prose.say("**How much hangs on what the paper does not say?**")
    said = maps.sentence(card, over_grid)
    page.figure(
        partial(paper_charts.grid_chart, maps.squares(card, over_grid)),
        f"Maps of {card.title}, a square for each setting tried. {said}",
    )
    prose.caption(
        f"A square: a setting, {GRIDS[card.seeds].seeds} networks. Orange: the check holds there, "
        "grey: it fails; the white dot is our preset.",
    )
    prose.say(said)
    with st.expander("Every setting as a table"):
        tables.show_table(maps.settings_table(card, over_grid), "grid of the paper", height="auto")


page.header("The paper", "What of Elman's figures and tables can be found again?")

measured, over_grid = reproduction.load(), reproduction.load_grid()
stored = measured["cards"]
counts = cards.count_verdicts(stored)
prose.say(
    f"**Of {len(CARDS)} figures and tables {counts['reproduced']} are reproduced, "
    f"{counts['partly']} partly and {counts['not']} not; {counts[UNKNOWN]} cannot be checked in "
    "full.**"
)
prose.say(
    "Every card says what Elman (1990) printed, what networks of his size do here, and how near "
    "they had to come. These limits were written down before the measurements, and nothing was "
    "tuned until it agreed."
)
with st.expander("How it was measured and judged"):
    prose.say(
        "The first check of a card is what its figure is about. If all checks hold, the card is "
        "**reproduced**; if the first holds but another fails, **partly**; if the first fails, "
        "**not**. If none fails but one asks for what the paper does not print, it **cannot be "
        "checked** in full.\n\n"
        "The paper states neither learning rate nor momentum nor first weights, so this project's "
        "stand for them (0.1; none; normal, 0.1), and the maps show what others give, with seeds "
        f"from {FIRST_SEED} on, in settings written down before they were run. Which error is "
        "learned from is not stated either; this library knows the squared one only. Few networks "
        "leave much to chance: where 3 of 3 agree, the true share may be as low as 44 %, and three "
        "quarters of 3 are all of them.\n\n"
        "Seed 0 is the run that the button opens; the others have other first weights and other "
        "sequences.\n\n"
        "Since the first rules these were changed, before everything was measured again:\n\n"
        + "\n".join(
            f"- {row.card}, {WORDS[row.first]} until then, now {WORDS[row.now]}: {row.why}"
            for row in cards.changes(stored).itertuples()
        )
    )

for row in ROWS:
    for column, key in zip(st.columns(len(row)), row, strict=True):
        with column:
            show(BY_KEY[key], stored[key])

st.subheader("The errors in the text")
prose.say(
    "For the sentences the text gives three numbers without a picture, all called root mean "
    "squared. None of them is one measure throughout: 15.5 before training fits the sum of "
    "absolute errors, 0.88 the root of the sum of squares, 0.053 the sum of squares itself. Which "
    "he used is not known, so all three stand here and there is no verdict."
)
errors = cards.sentence_errors(stored["errors"])
tables.show_table(errors, "errors of the paper")
cosine, spread = cards.cosine(stored["errors"])
prose.say(
    f"Mean cosine between answers and counted likelihoods: **{cosine:.3f}** (SD {spread:.3f}) "
    "here, 0.916 (SD 0.123) in the paper. Medians over "
    f"{SEEDS['sentences']} seeds, on the training sequence as in the paper."
)
prose.caption(
    f"Measured on {measured['date']} ({measured['version']}), the maps on {over_grid['date']} "
    f"({over_grid['version']}). `make reproduce` does it again; it took "
    f"{(measured['seconds'] + over_grid['seconds']) / 60:.0f} minutes on two cores busy with other "
    "work. The limits are in `elman/reproduction/rules.py`, the settings of the maps in "
    "`grid.py` beside it.",
)
