"""What looks like writing and is no digit: letters as a hand writes them, letters of fonts, signs. Training side.

Letters that are digits to the eye (O, o, l, I, Z, z, S, s) are left out: nobody could tell them apart.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from model.generate.pens import Canvas, Glyph, Hand, Line, normalised, stroke, thin, trace

# Points of the pen's way on a grid of 0..9, x then y, y down; a space lifts the pen; `/` closes nothing, it only
# starts a corner: the way is smooth elsewhere.
_HAND: Final = {
    "alpha": "92 74 46 28 16 03 21 42 65 87 98",
    "alpha2": "90 72 55 38 17 04 12 31 52 74 88 99",
    "beta": "19 15 12 30 51 52 34 24|34 55 57 38 17",
    "beta2": "09 13 30 50 52 44 24|44 66 57 38 18",
    "gamma": "02 20 42 54 67 59 49 47 55 74 90",
    "gamma2": "00 22 45|90 63 45 38 39",
    "gamma3": "01 21 44 47 39 28 46 64 81",
    "delta": "70 40 31 53 65 57 38 17 25 44 54",
    "lambda": "10 30 42 54 66 78 99|44 27 09",
    "lambda2": "00 21 43 66 89|43 26 08",
    "phi": "33 15 27 48 67 74 63 43 45 49|41 49",
    "eta": "01 12 15 18|13 32 51 63 65 69",
    "chi": "00 21 44 67 99|90 63 36 09",
    "chi2": "01 21 43 57 88 97|82 54 27 09",
    "mu": "02 05 09|04 06 36 55 52|55 67 86",
    "pi": "02 21 81|31 35 19|61 65 79",
    "psi": "02 05 37 66 83|50 54 59",
    "omega": "12 04 17 37 45 57 77 84 72",
    "xi": "70 30 22 53|53 24 16 47 68 59|22 52",
    "sigma": "82 42 14 17 38 57 64 42",
    "theta": "40 13 16 49 76 73 40|14 45 74",
    "epsilon": "71 40 22 34 54|34 16 28 58 77",
    "zeta": "20 60|60 33 16 27 57 58 49",
    "rho": "09 15 22 42 64 56 27 16",
    "tau": "02 21 81|41 46 58",
    "a": "62 31 13 16 37 56 62|62 66 77",
    "a2": "63 42 15 17 38 57 63|62 67 88",
    "b": "10 14 18|14 33 54 56 38 18",
    "c": "72 42 14 17 38 67",
    "d": "62 32 15 17 38 57 65|70 65 68",
    "e": "15 45 64 42 23 15 27 48 77",
    "e2": "05 34 52 31 13 06 28 58 86",
    "f": "70 50 41 45 49|24 64",
    "g": "62 32 14 27 47 63|63 67 59 29 18",
    "h": "10 14 19|15 33 53 65 69",
    "h2": "09 24 31 20 25 19|25 43 54 59 78",
    "k": "10 15 19|64 25|25 46 69",
    "m": "02 05 09|04 22 33 34 39|35 53 64 65 69",
    "n": "12 15 19|14 33 53 65 69",
    "p": "11 15 19|13 32 53 55 36 16",
    "q": "61 31 13 26 46 62|61 65 69 88",
    "r": "12 15 19|14 33 52 63",
    "t": "41 45 48 68|13 73",
    "u": "11 15 17 38 57 62|62 66 68 87",
    "v": "01 25 49|49 65 81",
    "w": "01 13 29|29 45 52|52 64 79|79 85 91",
    "x": "11 34 79|71 55 19",
    "y": "01 23 45|81 54 36 09",
    "y2": "11 14 36 55 62|62 66 59 39 28",
    "A": "09 25 40|40 65 89|26 66",
    "B": "10 15 19|10 50 63 34|34 65 67 49 19",
    "C": "71 40 12 16 39 58 77",
    "D": "10 15 19|10 51 73 76 58 19",
    "E": "70 10|10 15 19|14 54|19 79",
    "F": "70 10|10 15 19|14 54",
    "G": "71 40 12 16 39 69 76|76 46",
    "H": "10 15 19|70 75 79|14 74",
    "K": "10 15 19|70 43 15|15 46 79",
    "L": "10 15 19|19 49 79",
    "M": "09 13 10|10 25 46|46 73 80|80 84 89",
    "N": "09 04 10|10 44 79|79 74 70",
    "P": "10 15 19|10 50 63 54 15",
    "Q": "40 12 16 49 76 72 40|46 67 89",
    "R": "10 15 19|10 50 63 54 15|34 56 79",
    "T": "00 40 80|40 45 49",
    "U": "00 05 27 49 68 85 80",
    "V": "00 24 49|49 64 80",
    "W": "00 14 29|29 44 51|51 64 79|79 84 90",
    "X": "00 44 89|80 44 09",
    "Y": "00 44|80 44|44 46 49",
    "star": "40 27 19|40 57 69|03 45 79|83 35 09",
    "star2": "40 49|05 85|12 78|72 18",
    "plus": "41 45 49|05 45 85",
    "check": "15 29|29 54 90",
    "arrow": "05 45 95|62 95|95 68",
    "heart": "49 16 03 21 33|43 51 72 75 49",
    "equals": "03 43 83|06 46 86",
    "minus": "05 45 95",
    "hash": "30 25 19|70 65 59|03 43 93|06 46 86",
    "spiral": "54 45 34 43 62 74 66 48 26 13 31 60",
    "tick": "03 29|29 90",
    "triangle": "40 89|89 09|09 40",
    "square": "00 90|90 99|99 09|09 00",
    "house": "04 40|40 84|84 89|89 09|09 04",
    "at": "63 43 35 56 63|63 66 85 71 40 12 06 29 68",
    "amp": "88 54 22 30 51 43 16 28 58 84",
    "dollar": "71 31 23 54 66 38 17|40 49",
    "question": "11 30 61 63 45 46|48 49",
    "infinity": "45 23 05 27 45 63 85 67 45",
    "sum": "70 10|10 44|44 19|19 79",
    "root": "05 16 29|29 50|50 90",
    "fish": "05 32 65 98|92 65 38 05",
    "bolt": "60 25|25 55|55 29",
    "wave": "05 22 45 67 85 93",
    "zigzag": "05 21|21 37|37 51|51 67|67 81",
}
# Digits as they are taught in other schools than those of MNIST's writers.
_NUMERALS: Final = (
    (0, "40 13 16 49 76 73 40"), (0, "40 13 16 49 76 73 40|72 18"), (1, "24 50 59"), (1, "24 50 59|29 89"),
    (1, "36 50 59|29 89"), (2, "12 30 52 44 18|18 68"), (2, "11 30 51 44 18 27 58 79"), (2, "22 40 62 65 19|19 79"),
    (3, "11 30 51 34|34 56 38 17"), (3, "10 60|60 34|34 56 48 18"), (4, "50 16|16 76|55 59"), (4, "20 15 65|50 49"),
    (4, "40 06 86|63 59"), (4, "50 08|24 84|46 49"), (4, "20 15|15 75|60 69"), (5, "60 20|20 14|14 44 57 38 18"),
    (5, "20 14|14 44 57 38 18|20 70"), (6, "60 31 15 18 39 57 55 35 16"), (6, "72 50 21 15 18 49 77 75 45 17"),
    (6, "50 13 17 39 58 66 44 15"), (7, "10 60|60 39"), (7, "10 60|60 39|25 65"), (7, "12 10|10 60|60 39"),
    (7, "12 10|10 70|70 44 39|25 75"), (8, "61 30 12 34 56 48 28 16 34 52 61"),
    (8, "40 21 23 44 63 61 40|44 16 28 49 68 66 44"),
    (9, "61 30 12 34 53 61|61 59"), (9, "70 10|10 14|14 74|70 79|79 19"), (9, "61 30 12 34 53 61|61 67 49 18"),
    (9, "61 30 12 34 53 61|61 49"), (1, "06 50 59"), (1, "15 50 59|29 89"), (2, "21 50 62 35 08 16 38 79"),
    (3, "10 70|70 35|35 64 67 48 18"), (3, "11 40 62 34|34 66 39 17"), (4, "41 17 76|55 59"), (4, "30 16 85|63 59"),
    (5, "70 20 14 53 66 48 18"), (6, "60 25 18 49 67 45 26"), (7, "02 11 32 71|71 39"), (7, "10 61 39"),
    (8, "71 30 22 66 58 28 26 62 71"), (9, "72 41 23 44 72|72 66 39"), (0, "51 20 15 39 67 63 30"),
    (7, "04 11 33 60|60 39|26 66"), (7, "03 12 33 50 72|72 49|36 76"), (7, "13 20 32 60|60 29|15 55"),
    (9, "62 40 13 34 54 62|62 66 38 17 26 47"), (9, "61 30 12 34 53 61|61 66 49 28 17 26"),
    (9, "63 41 22 34 53 51|63 66 48 27 15"), (4, "21 13 34 60|60 55 49"), (4, "20 23 35 64|61 64 59"),
    (1, "07 51 49"), (1, "09 52 59"), (1, "08 41 50 59"),
)  # fmt: skip
_SCHOOLED: Final = 0.12  # numerals for each of a hand's own digits
_FONTS: Final = (
    "DejaVuSans", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono", "cmmi10", "cmr10",
    "cmss10", "STIXGeneralItalic", "STIXGeneral",
)  # fmt: skip
_LATIN: Final = "abcdefghkmnpqrtuvwxyABCDEFGHKLMNPRTUVWXYaehkmnrtuvwxAEFHKMNRTVWXY"
_GREEK: Final = "αβγδεζηθκλμνξπρτφχψωΓΔΘΛΞΠΣΦΨΩαβγηλφχψμδ"
_MORE: Final = "дфжщъыюяЖФЦШЮЯ@&%$#?*+=<>∞√"
_SIDE: Final = 56


def letters(but: Collection[str] = ()) -> tuple[Glyph, ...]:
    """Every letter and sign, hand-drawn ones several times over, as often as they should come.

    `but` names those to leave out: a name of `_HAND`, or a character.
    """
    drawn = tuple(_drawn(way) for name, way in _HAND.items() if name not in but)
    greek = tuple(_drawn(way) for name, way in _HAND.items() if len(name.rstrip("2")) > 2 and name not in but)
    return drawn * 6 + greek * 6 + _printed(but)


def numerals() -> tuple[tuple[int, Glyph], ...]:
    """Hand-drawn digits in styles that MNIST has few of, each with its value."""
    return tuple((digit, _drawn(way)) for digit, way in _NUMERALS)


def schooled(hand: Hand) -> Hand:
    """Give the hand with numerals among its digits, about one in nine."""
    drawn = numerals()
    times = max(1, round(_SCHOOLED * len(hand.glyphs) / len(drawn)))
    images = np.array([_image(glyph) for _, glyph in drawn])
    labels = np.array([digit for digit, _ in drawn], hand.labels.dtype)
    return Hand(
        hand.glyphs + tuple(glyph for _, glyph in drawn) * times,
        np.concatenate([hand.images, np.tile(images, (times, 1, 1))]),
        np.concatenate([hand.labels, np.tile(labels, times)]),
    )


def _image(glyph: Glyph) -> Canvas:
    """(28, 28): a glyph as MNIST would have it, about."""
    image = np.zeros((28, 28), np.uint8)
    stroke(image, tuple(line * 18 + 13.5 for line in glyph), 2)
    return image


def _drawn(way: str) -> Glyph:
    return normalised(tuple(_curve([(int(at[0]), int(at[1])) for at in part.split()]) for part in way.split("|")))


def _curve(corners: Sequence[tuple[int, int]]) -> Line:
    """A smooth line through points (Catmull and Rom 1974)."""
    p = np.array([corners[0], *corners, corners[-1]], np.float32)
    t = np.linspace(0, 1, 7, dtype=np.float32)[:-1, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate([*pieces, p[-1:]]).astype(np.float32)


def _printed(but: Collection[str]) -> tuple[Glyph, ...]:
    """The middle lines of the letters of fonts that come with Matplotlib."""
    import matplotlib as mpl

    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    masks = []
    for name in _FONTS:
        font = ImageFont.truetype(folder / f"{name}.ttf", 46)
        text = _LATIN if name.startswith("cm") and name != "cmmi10" else _LATIN + _GREEK + _MORE
        empty = font.getmask("￿").getbbox()
        for letter in text:
            page = Image.new("L", (_SIDE + 8, _SIDE + 8))
            ImageDraw.Draw(page).text((_SIDE / 2 + 4, _SIDE / 2 + 4), letter, 255, font, anchor="mm")
            if letter not in but and font.getmask(letter).getbbox() not in (None, empty):
                masks.append(np.asarray(page) > 128)
    return tuple(glyph for glyph in map(trace, thin(np.array(masks))) if glyph)


def wobbled(glyph: Glyph, random: np.random.Generator, strength: float = 0.06) -> Glyph:
    """Bend a glyph as another hand would have written it: a smooth displacement of its points."""
    knots = random.normal(0, strength, (2, 4, 4)).astype(np.float32)
    bent = []
    for line in glyph:
        at = ((line + 0.6) / 1.2 * 3).astype(np.float32)  # (N, 2) in knots
        x, y = at[:, 0:1], at[:, 1:2]
        shift = [cv2.remap(axis, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for axis in knots]
        bent.append(line + np.concatenate(shift, axis=1))
    return tuple(bent)
