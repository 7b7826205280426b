"""Printed papers and screens: dots, fine squares, cheques, foreign print, apps. Training side.

What is printed carries no label, so none of it may look like a digit or a mark to any reader: letters such as О, З, б,
ן or ١ are left out, and so are `( ) : = + / %`.
"""

from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import ImageFont

from model.generate.blank import SIDE, Picture, X, Y, dark, noise, paper
from model.generate.pens import Canvas

LETTERS: Final = {
    "latin": "cdekmnrvwxCHKLMNRUVWX",
    "greek": "κλμνπψωχφΓΔΛΞΠΣΨΩΚΜΝΧΗ",
    "cyrillic": "джиклмнптфхцшщюяДЖИКЛМНПФХЦШЩЮЯ",
    "armenian": "աբդթժխծկհմնպտփքֆԱԲԴԽԾԿՀՄՆՊՎՓՔՖ",
    "georgian": "თლშღყფჭტროჯდ",
    "hebrew": "אבגהחכלמנעפצקשת",
    "arabic": "بتثجحخسشصضطظعغفقكلمن",  # each joins the next: none stands alone but at a word's end
    "signs": "∑∞∇∈∉⊂⊃∪∩⊕⊗→←↔⇒∀[]⟨⟩«»#&@*√△▽◇☆→",
}
"""What foreign print is made of."""
_FONTS: Final = {
    "hebrew": ("DejaVuSans", "DejaVuSans-Bold"),
    "arabic": ("DejaVuSans", "DejaVuSans-Bold"),
    "signs": ("DejaVuSans",),
}
_ANY: Final = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold")
_SIZES: Final = (8, 9, 10, 12, 14, 17, 20, 24, 29, 35, 42, 50, 60)  # pixels
_WORDS: Final = 16  # of each script
_CURRENCIES: Final = ("€", "£", "₹", "₦", "R", "Kc", "kr", "RM")


def dots(random: np.random.Generator) -> Picture:
    """Paper with a grid of dots."""
    page = paper(random)
    step, radius = random.uniform(7, 44), random.uniform(0.4, 2.2)
    away = [np.abs((axis + random.uniform(0, step)) % step - step / 2) ** 2 for axis in (X[:1], Y[:, :1])]
    cover = np.clip(min(radius, step / 5) + 0.5 - np.sqrt(away[0] + away[1]), 0, 1)
    return np.asarray(page - random.uniform(15, 120) * cover, np.float32)


def graph(random: np.random.Generator) -> Picture:
    """Millimetre paper: fine squares, each fifth or tenth line stronger."""
    page = paper(random)
    step, every = random.uniform(3, 9), int(random.choice([5, 10]))
    depth, width = random.uniform(5, 45), random.uniform(0.3, 0.8)
    start = random.uniform(0, step * every, 2)
    for times, share in ((1, 1.0), (every, random.uniform(0.5, 1.5))):
        far, half = step * times, width * (1 if times == 1 else random.uniform(1, 1.8))
        for axis, shift in zip((X[:1], Y[:, :1]), start, strict=True):
            away = np.abs((axis + shift + far / 2) % far - far / 2)
            page -= depth * share * np.clip(half + 0.5 - away, 0, 1)
    return page


def cheque(random: np.random.Generator) -> Picture:
    """A cheque: faint waves or a halftone, the end of the printed box for the amount, perhaps a currency's letter."""
    page = np.full((SIDE, SIDE), random.uniform(165, 250), np.float32) + noise(random, 50) * random.uniform(0, 4)
    depth = random.uniform(4, 30)
    if random.random() < 0.35:
        wave, angle = 2 * np.pi / random.uniform(2.2, 6), random.uniform(0, np.pi / 2)
        cos, sin = float(wave * np.cos(angle)), float(wave * np.sin(angle))
        screen = np.cos(X * cos + Y * sin) + np.cos(Y * cos - X * sin)
        page -= depth * np.clip(screen + noise(random, random.uniform(15, 60)) * random.uniform(0.2, 1.2), 0, 1)
    else:
        for _ in range(int(random.integers(1, 3))):
            along, over = (X, Y[:, :1]) if random.random() < 0.5 else (Y, X[:1])
            period, height = random.uniform(10, 80), random.uniform(1, 8)
            wave = height * np.sin(over * (2 * np.pi / period) + random.uniform(0, 6))
            fine = np.sin((along + wave) * (2 * np.pi / random.uniform(2.5, 8)))
            page -= depth * np.clip(fine * random.uniform(0.6, 2) + random.uniform(-0.6, 0.4), 0, 1)
    if random.random() < 0.3:  # a pale picture behind it all
        page += random.uniform(2, 9) * np.clip(noise(random, random.uniform(20, 60)) * 2, -1, 1)
    ink = np.zeros((SIDE, SIDE), np.uint8)
    thick = int(random.integers(1, 4))
    top, bottom = random.uniform(2, 55), random.uniform(SIDE - 55, SIDE - 2)
    left = random.uniform(-60, 25)
    right = random.uniform(SIDE - 25, SIDE + 60)
    if random.random() < 0.7:
        ends = [tuple(round(v) for v in end) for end in ((left, top), (right, bottom))]
        cv2.rectangle(ink, ends[0], ends[1], 255, thick)
    elif random.random() < 0.6:
        cv2.line(ink, (0, round(bottom)), (SIDE, round(bottom)), 255, thick)
    if random.random() < 0.5:
        letter = _word(str(random.choice(_CURRENCIES)), str(random.choice(_ANY)), int(random.choice(_SIZES[3:10])))
        _paste(ink, letter, max(1.0, left + 4), random.uniform(top, max(top + 1, bottom - letter.shape[0])))
    page -= ink * np.float32(random.uniform(25, 170) / 255)
    return page


def scripts(random: np.random.Generator) -> Picture:
    """Rows of print in one of many scripts, from a page's small print to a sign's few letters."""
    page = paper(random) if random.random() < 0.75 else dark(random)
    name = str(random.choice(list(LETTERS)))
    font = str(random.choice(_FONTS.get(name, _ANY)))
    size = int(_SIZES[int(len(_SIZES) * random.random() ** 0.8)])
    ink = np.zeros((SIDE, SIDE), np.uint8)
    together = max(1, 40 // size)  # words of small print are pasted several at a time
    words, feed = _words(name), size * random.uniform(1.2, 1.9)
    first, last = random.uniform(-0.5 * size, 50), random.uniform(90, SIDE)
    for y in np.arange(first, max(first + 1, last), feed):
        x = random.uniform(-size, 30) if random.random() < 0.8 else random.uniform(0, 120)
        end = SIDE if random.random() < 0.8 else random.uniform(60, SIDE)
        for number in random.integers(0, _WORDS, 14):
            if x > end:
                break
            word = _word(" ".join(words[number : number + together]), font, size)
            _paste(ink, word, x, y)
            x += word.shape[1] + size * random.uniform(0.25, 0.5)
    level = float(page.mean())
    share = random.uniform(0.25, 1)
    tone = level * (1 - share) if level > 100 else level + (250 - level) * share
    page += ink * np.float32(1 / 255) * (np.float32(tone) - page)
    return page


def screenshot(random: np.random.Generator) -> Picture:
    """An app's screen: an empty canvas in the middle, bars with buttons, letters and sliders around it."""
    light = random.random() < 0.8
    canvas = random.uniform(235, 256) if light else random.uniform(0, 40)
    page = np.full((SIDE, SIDE), min(canvas, 255.0), np.float32)
    for side in np.flatnonzero(random.random(4) < (0.85, 0.55, 0.25, 0.15)):  # top, bottom, left, right
        high = int(random.uniform(10, 38))
        bar = {0: page[:high], 1: page[-high:], 2: page[:, :high], 3: page[:, -high:]}[int(side)]
        tone = random.uniform(170, 250) if random.random() < 0.75 or high > 24 else random.uniform(20, 160)
        _bar(np.rot90(bar) if side > 1 else bar, float(tone if light else random.uniform(10, 90)), random)
    if random.random() < 0.4:  # the canvas has a border
        inset = int(random.integers(1, 30))
        line = float(np.clip(canvas + (-1 if light else 1) * random.uniform(15, 120), 0, 255))
        cv2.rectangle(page, (inset, inset), (SIDE - inset, SIDE - inset), (line,), int(random.integers(1, 3)))
    return page


def _bar(bar: Picture, tone: float, random: np.random.Generator) -> None:
    """Fill a bar, (H, W), with a row of what apps have there."""
    high, wide = bar.shape
    shown = np.full((high, wide), tone, np.float32)
    sign = -1 if tone > 110 else 1
    x, gap = random.uniform(2, 14), random.uniform(2, 12)
    middle = high / 2
    while x < wide - high:
        kind, step = random.random(), high * random.uniform(0.8, 1.1)
        colour = float(np.clip(tone + sign * random.uniform(25, 150), 0, 255))
        if kind < 0.35:  # a button with a word
            name = str(random.choice(["latin", "latin", "cyrillic", "arabic", "hebrew"]))
            word = _word(
                _words(name)[int(random.integers(_WORDS))], "DejaVuSans", max(8, min(14, round(high * 0.5) // 2 * 2))
            )
            step = word.shape[1] + 6.0
            if random.random() < 0.6:
                cv2.rectangle(shown, (round(x), 2), (round(x + step), high - 3), (colour,), 1 if kind < 0.2 else -1)
                colour = tone if kind >= 0.2 else colour
            ink = np.zeros((high, wide), np.uint8)
            _paste(ink, word, x + 3, middle - word.shape[0] / 2)
            shown += ink * np.float32(1 / 255) * (np.float32(colour) - shown)
        elif kind < 0.5:  # a slider
            step = random.uniform(40, 90)
            cv2.line(shown, (round(x), round(middle)), (round(x + step), round(middle)), (colour,), 2, cv2.LINE_AA)
            knob = (round(x + step * random.random()), round(middle))
            cv2.circle(shown, knob, max(2, round(high * 0.2)), (colour,), -1, cv2.LINE_AA)
        elif kind < 0.7:  # a colour to choose
            cv2.circle(shown, (round(x + middle), round(middle)), round(high * 0.32), (colour,), -1, cv2.LINE_AA)
        elif kind < 0.9:  # an icon: lines of a menu, a triangle
            low, side = round(x + high * 0.25), round(high * 0.5)
            if kind < 0.77:
                for y in (0.3, 0.5, 0.7):
                    cv2.line(shown, (low, round(high * y)), (low + side, round(high * y)), (colour,), 1, cv2.LINE_AA)
            else:
                corners = np.array([[low, middle], [low + side, high * 0.25], [low + side, high * 0.75]])
                whole = [np.rint(corners).astype(np.int32)]
                cv2.polylines(shown, whole, isClosed=True, color=(colour,), thickness=1, lineType=cv2.LINE_AA)
        x += step + gap
    bar[:] = shown


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf", size)


@cache
def _words(name: str) -> tuple[str, ...]:
    """Words of three to seven letters of a script, always the same."""
    random = np.random.default_rng(len(name))
    return tuple("".join(random.choice(list(LETTERS[name]), int(random.integers(3, 8)))) for _ in range(_WORDS))


@lru_cache(maxsize=6000)
def _word(text: str, font: str, size: int) -> Canvas:
    """The coverage of printed text, no larger than it is."""
    mask = _font(font, size).getmask(text)
    return np.asarray(mask, np.uint8).reshape(mask.size[::-1])


def _paste(ink: Canvas, word: Canvas, left: float, top: float) -> None:
    """Put text onto the ink with its left upper corner at a point; what is beyond the edges is left out."""
    x, y = round(left), round(top)
    height, width = word.shape
    part = ink[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    start = max(0, -y), max(0, -x)
    np.maximum(part, word[start[0] : start[0] + part.shape[0], start[1] : start[1] + part.shape[1]], out=part)
