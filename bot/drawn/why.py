"""What the bot draws when somebody asks "Why?": the photo, and for each digit what the network made of it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bot.drawn.pictures import drawn
from bot.store import Crop
from model import Bitmap, Reading, UnreadablePhoto, Why, upright

MOST_ROWS: Final = 4
"""Digits in one picture; with more of them, a phone shows none large enough."""

_SIDE: Final = 168  # of a crop: six pixels for each of the network's
_GAP: Final = 20
_MARGIN: Final = 20
_NAMES: Final = 118  # the column of the answers
_BARS: Final = 300
_WIDTH: Final = 2 * _MARGIN + _NAMES + 2 * _SIDE + _BARS + 3 * _GAP
_LONG_SIDE: Final = 1280  # what a chat shows of a photo
_PHOTO_HEIGHT: Final = 420  # at most
_HEAD: Final = 48  # the headings of the columns
_ROW: Final = _SIDE + 44
_PAPER, _INK, _FAINT, _RULE, _BAR = "#ffffff", "#1c2733", "#56626f", "#d5dae0", "#b3bdc8"
_SURE_COLOUR, _DOUBT_COLOUR = "#1447c0", "#b3400a"  # as on the drawn photo
_SURE: Final = 0.9
_LESS_SURE, _SURER = np.array([0.90, 0.05, 0.05]), np.array([0.10, 0.35, 0.95])
# Log odds. Where nothing matters more than this, nothing is painted in full colour.
_LEAST_EFFECT: Final = 1.0


class Explainer(Protocol):
    """What is needed of model.DigitReader."""

    def why(self, bitmap: Bitmap, digit: int) -> Why:
        """Say what in a digit's bitmap the answer `digit` hangs on."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One digit of a reading."""

    name: str  # which one of several, like "2nd of 4"; empty for the only one
    digit: int
    confidence: float  # 0..1, of the reading
    bitmap: Bitmap


def of_reading(reading: Reading) -> tuple[Row, ...]:
    """A row for each digit of a reading."""
    digits = reading.digits
    return tuple(
        Row(_place(place, len(digits)) if len(digits) > 1 else "", digit.digit, digit.confidence, digit.bitmap)
        for place, digit in enumerate(digits, 1)
    )


def of_crops(crops: Sequence[Crop], album: Sequence[int] = ()) -> tuple[Row, ...]:
    """A row for each crop of a reading, or of the readings of an album, whose numbers are given in order."""
    rows = []
    for reading_id, same in groupby(crops, key=lambda crop: crop.reading_id):
        group = list(same)
        for place, crop in enumerate(group, 1):
            names = [f"picture {album.index(reading_id) + 1}"] if album else []
            names += [_place(place, len(group))] if len(group) > 1 else []
            bitmap = np.asarray(np.frombuffer(crop.bitmap, np.uint8).reshape(28, 28) / 255, np.float32)
            rows.append(Row("\n".join(names), crop.digit, crop.confidence, bitmap))
    return tuple(rows)


def explained(explainer: Explainer, rows: Sequence[Row], photo: bytes | None, reading: Reading | None = None) -> bytes:
    """Draw the photo, with its boxes where there is its reading, and a row for each of the least sure digits.

    A row is the answer, its crop, ten bars, and what the answer hangs on. A JPEG, 854 by 1280 pixels at most.
    """
    chosen = sorted(rows, key=lambda row: row.confidence)[:MOST_ROWS]
    room = min(_PHOTO_HEIGHT, _LONG_SIDE - 2 * _MARGIN - _HEAD - len(chosen) * _ROW)
    return _sheet(_head(photo, reading, room), [(row, explainer.why(row.bitmap, row.digit)) for row in chosen])


def _place(place: int, count: int) -> str:
    ending = "th" if place % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} of {count}"


def _head(photo: bytes | None, reading: Reading | None, room: int) -> Image.Image | None:
    if photo is None:
        return None
    try:
        picture = drawn(photo, reading) if reading else Image.fromarray(upright(photo))
    except UnreadablePhoto:  # damaged on the way: the rows are worth showing without it
        return None
    scale = min((_WIDTH - 2 * _MARGIN) / picture.width, room / picture.height)
    size = max(1, round(scale * picture.width)), max(1, round(scale * picture.height))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _sheet(head: Image.Image | None, rows: Sequence[tuple[Row, Why]]) -> bytes:
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415 the bot starts without them

    top = _MARGIN + (head.height + _MARGIN if head else 0)
    sheet = Image.new("RGB", (_WIDTH, top + _HEAD + len(rows) * _ROW), _PAPER)
    if head:
        sheet.paste(head, ((_WIDTH - head.width) // 2, _MARGIN))
    draw = ImageDraw.Draw(sheet)
    small, normal, large = ImageFont.load_default(22), ImageFont.load_default(26), ImageFont.load_default(84)
    crops, bars, maps = (_MARGIN + _NAMES + before for before in (0, _SIDE + _GAP, _SIDE + _BARS + 2 * _GAP))
    for left, width, words in (
        (crops, _SIDE, "what I saw"),
        (bars, _BARS, "how likely, %"),
        (maps, _SIDE, "what mattered"),
    ):
        draw.text((left + width / 2, top + _HEAD / 2 - 4), words, fill=_FAINT, font=normal, anchor="mm")
    for place, (row, why) in enumerate(rows):
        y = top + _HEAD + place * _ROW
        colour = _SURE_COLOUR if row.confidence >= _SURE else _DOUBT_COLOUR
        middle = _MARGIN + (_NAMES - _GAP) / 2
        draw.text((middle, y + 54), str(row.digit), fill=colour, font=large, anchor="mm")
        draw.text((middle, y + 118), _percent(row.confidence), fill=_INK, font=normal, anchor="mm")
        draw.multiline_text((middle, y + 138), row.name, fill=_FAINT, font=small, anchor="ma", align="center")
        for left, picture in ((crops, _crop(row.bitmap)), (maps, _map(row.bitmap, why.effect))):
            sheet.paste(picture, (left, y))
            draw.rectangle((left - 1, y - 1, left + _SIDE, y + _SIDE), outline=_RULE)
        _draw_bars(draw, (bars, y), why.probabilities, {row.digit: colour}, small)
        worst = f"down to {_percent(why.least)}"
        draw.text((maps + _SIDE / 2, y + _SIDE + 18), worst, fill=_FAINT, font=small, anchor="mm")
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=90)
    return file.getvalue()


def _crop(bitmap: Bitmap) -> Image.Image:
    """The crop as ink on paper, pixel by pixel: the network sees no more than that."""
    grey = Image.fromarray(np.rint(255 * (1 - bitmap)).astype(np.uint8))
    return grey.resize((_SIDE, _SIDE), Image.Resampling.NEAREST).convert("RGB")


def _map(bitmap: Bitmap, effect: NDArray[np.float32]) -> Image.Image:
    """What mattered, over the crop in grey: red where the answer got less sure, blue where it got surer."""
    share = effect / max(_LEAST_EFFECT, float(np.abs(effect).max()))
    strength = np.abs(share)[..., None]  # (28, 28, 1)
    paint = 1 - strength + strength * np.where(share[..., None] > 0, _LESS_SURE, _SURER)
    ink = np.repeat(1 - 0.55 * bitmap[..., None], 3, axis=2)
    return Image.fromarray(np.rint(255 * (_enlarged(paint) * _enlarged(ink)).clip(0, 1)).astype(np.uint8))


def _enlarged(colours: NDArray[Any]) -> NDArray[np.float32]:
    """(28, 28, 3) in 0..1, enlarged smoothly: a map has no edges between its pixels."""
    size = (_SIDE, _SIDE)
    channels = [Image.fromarray(colours[..., part].astype(np.float32)).resize(size) for part in range(3)]
    return np.stack([np.asarray(channel, np.float32) for channel in channels], axis=2)


def _draw_bars(
    draw: Any, corner: tuple[int, int], probabilities: Sequence[float], colours: Mapping[int, str], font: Any
) -> None:
    """Ten bars from 0 % to 100 %, those of `colours` in theirs, and figures over those that matter."""
    left, top = corner
    step, high = _BARS / 10, _SIDE - 56
    floor = top + 28 + high
    draw.line((left, floor, left + _BARS, floor), fill=_RULE)
    for digit, probability in enumerate(probabilities):
        x, height = left + (digit + 0.5) * step, max(2, high * probability)
        box = (x - 0.34 * step, floor - height, x + 0.34 * step, floor)
        draw.rectangle(box, fill=colours.get(digit, _BAR))
        draw.text((x, floor + 18), str(digit), fill=_INK if digit in colours else _FAINT, font=font, anchor="mm")
        if probability >= 0.05:
            draw.text((x, floor - height - 14), _percent(probability)[:-2], fill=_INK, font=font, anchor="mm")


def _percent(share: float) -> str:
    # Never "100 %" or "0 %": nothing is that sure.
    return "<1 %" if share < 0.005 else f"{min(99, round(100 * share))} %"
