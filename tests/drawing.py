"""A chart as its reader gets it: rendered, with each mark's words, place and colour."""

import re
import xml.etree.ElementTree as ET
from typing import NamedTuple

import numpy as np
import vl_convert
from altair.utils import schemapi

# As in the app: the whole chart is checked below, not each part as well.
schemapi.disable_debug_mode()

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = r"([-\d.e]+)"

PAGES = ("#ffffff", "#0e1117")


class Mark(NamedTuple):
    """One drawn mark: its kind, what it says of itself, its points in pixels, its SVG element."""

    kind: str
    says: dict
    points: list
    element: ET.Element

    @property
    def colour(self):
        """Its colour: that of the stroke where it has no filling."""
        fill = self.element.get("fill", "none")
        return self.element.get("stroke") if fill == "none" else fill

    @property
    def opacity(self):
        """How much of what lies behind it is hidden, from 0 to 1."""
        return float(self.element.get("opacity", 1)) * float(self.element.get("fill-opacity", 1))


class Drawing:
    """Marks, words and axes of a chart. Altair and its converter refuse an invalid one."""

    def __init__(self, chart):
        root = ET.fromstring(vl_convert.vegalite_to_svg(chart.to_json()))
        self._placed = list(_placed(root, 0.0, 0.0))
        self.marks, self.axes = [], {}
        for element, x, y in self._placed:
            kind, label = (element.get(f"aria-{name}") for name in ("roledescription", "label"))
            if kind == "axis":
                name, title = re.match(r"(.)-axis(?: titled '(.*?)')?", label).groups()
                self.axes[name] = title
            elif element.get("role") == "graphics-symbol" and kind != "legend":
                says = dict(part.partition(": ")[::2] for part in (label or "").split("; "))
                self.marks.append(Mark(kind, says, _points(element, x, y), element))
        # The lines of a text each for itself.
        tags = {f"{SVG}text", f"{SVG}tspan"}
        self.texts = [e.text for e, *_ in self._placed if e.tag in tags and e.text]
        self.bold = {e.text for e, *_ in self._placed if e.get("font-weight") == "bold"}

    def of(self, kind):
        """The marks of one kind, in drawing order."""
        return [mark for mark in self.marks if mark.kind == kind]

    def saying(self, **words):
        """The marks that say these words, or anything for None: `saying(Class="b", Step=None)`."""
        said = words.items()
        return [
            m for m in self.marks if all(k in m.says and w in (None, m.says[k]) for k, w in said)
        ]

    def lines(self, colour):
        """The straight lines of a colour, also those that are not read aloud."""
        found = [(e, x, y) for e, x, y in self._placed if e.get("stroke") == colour]
        return [Mark("", {}, _points(*at), at[0]) for at in found if at[0].tag == f"{SVG}line"]

    def words(self):
        """What the text marks say, in drawing order."""
        return [mark.element.text for mark in self.of("text mark")]

    def values(self, name, marks):
        """Where the first points of marks lie on an axis ("X" or "Y"), as `value` says it."""
        return [self.value(name, mark.points[0][name == "Y"]) for mark in marks]

    def along(self, name, mark):
        """Where all points of a mark lie on an axis."""
        return [self.value(name, point[name == "Y"]) for point in mark.points]

    def ticks(self, name):
        """The texts at the ticks of an axis."""
        return [text for text, *_ in self.tick_labels(name)]

    def tick_labels(self, name):
        """What stands at the ticks of an axis: (text, x, y) each."""
        found = []
        for element, x, y in self._placed:
            label = element.get("aria-label", "")
            if element.get("aria-roledescription") == "axis" and label.startswith(name):
                for group, gx, gy in _placed(element, x, y, shifted=True):
                    if "role-axis-label" in group.get("class", ""):
                        placed = _placed(group, gx, gy, shifted=True)
                        found += [(t.text, *at) for t, *at in placed if t.tag == f"{SVG}text"]
        return found

    def value(self, name, pixel):
        """The value that an axis ("X" or "Y") gives a pixel, as a reader would estimate it."""
        texts = self.tick_labels(name)
        # Vega writes thousands with commas and a true minus sign.
        values = [float(text.replace(",", "").replace("−", "-")) for text, *_ in texts]
        # Axes lie half a pixel beside their marks, and the baseline of a Y label 3 pixels lower.
        pixels = [x - 0.5 if name == "X" else y - 3.5 for _, x, y in texts]
        slope, zero = np.polyfit(pixels, values, 1)
        return slope * pixel + zero


def _placed(element, x, y, shifted=False):
    """An element and all within it, each with its origin in pixels."""
    shift = re.match(rf"translate\({NUMBER},{NUMBER}\)", element.get("transform", ""))
    if shift and not shifted:
        x, y = x + float(shift[1]), y + float(shift[2])
    yield element, x, y
    for child in element:
        yield from _placed(child, x, y)


def _points(element, x, y):
    path = element.get("d", "")
    if path and "transform" not in element.attrib:
        corner = re.match(rf"M{NUMBER},{NUMBER}h{NUMBER}v{NUMBER}", path)
        if corner:
            left, top, width, height = (float(number) for number in corner.groups())
            return [(x + left, y + top), (x + left + width, y + top + height)]
        return [(x + float(a), y + float(b)) for a, b in re.findall(f"[ML]{NUMBER},{NUMBER}", path)]
    if element.tag == f"{SVG}line":
        return [(x, y), (x + float(element.get("x2", 0)), y + float(element.get("y2", 0)))]
    return [(x, y)]


def rgb(colour):
    """Red, green and blue of a colour such as #0e1117, from 0 to 1."""
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def linear(c):
    """Red, green and blue of sRGB as amounts of light."""
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(colour, page, opacity=1.0):
    """Contrast ratio of a colour, so opaque, on a page of colour `page`, after WCAG 2.1."""
    front, back = rgb(colour), rgb(page)
    seen = (opacity * front + (1 - opacity) * back, back)
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in seen)
    return (light + 0.05) / (dark + 0.05)


def stands_out(colour, opacity=1.0):
    """Whether a colour, so opaque, can be told from the light and from the dark page."""
    return all(contrast(colour, page, opacity) >= 3 for page in PAGES)
