"""What the bot draws: the contact sheet of a review, and a photo with what was read in it."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final

import numpy as np
from PIL import Image, ImageOps

from bot.drawn.labels import Rect, place_labels
from model import Digit, Reading, upright

_COLUMNS: Final = 5
_MARGIN: Final = 12
_WORDS: Final = 58  # pixels below a crop, for what it is said to be
_PAPER, _CARD, _INK, _FAINT, _CLAIM, _EDGE = "#eef0f3", "#ffffff", "#1c2733", "#6b7785", "#1a7f45", "#d5dae0"


@dataclass(frozen=True, slots=True)
class Claim:
    """A crop (784 bytes, 28 rows, 0 paper to 255 stroke) and what it is said to be; None: not a digit."""

    bitmap: bytes
    label: int | None
    read_as: int | None  # by the model; None: as no digit at all

    @property
    def had_said(self) -> str:
        """What the model made of it: a digit, or none."""
        return "missed" if self.read_as is None else f"read as {self.read_as}"


def contact_sheet(claims: Sequence[Claim], *, zoom: int = 4) -> bytes:
    """Draw crops in rows of five, numbered when they are several, with the claims below them: a PNG."""
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415 the bot starts without them

    side = 28 * zoom
    width, height = side + 2 * _MARGIN, side + 2 * _MARGIN + _WORDS
    columns = min(_COLUMNS, len(claims))
    rows = -(-len(claims) // columns)
    sheet = Image.new("RGB", (columns * (width + _MARGIN) + _MARGIN, rows * (height + _MARGIN) + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(sheet)
    small, large = ImageFont.load_default(15), ImageFont.load_default(24)
    for place, claim in enumerate(claims):
        left = _MARGIN + place % columns * (width + _MARGIN)
        top = _MARGIN + place // columns * (height + _MARGIN)
        draw.rounded_rectangle((left, top, left + width, top + height), 10, fill=_CARD, outline=_EDGE)
        crop = ImageOps.invert(Image.frombytes("L", (28, 28), claim.bitmap))  # ink on paper, as people know it
        sheet.paste(crop.resize((side, side), Image.Resampling.BICUBIC), (left + _MARGIN, top + _MARGIN))
        middle, below = left + width // 2, top + side + 2 * _MARGIN
        if len(claims) > 1:  # below the crop, which may be black up to its corners
            draw.text((left + 8, below + 38), str(place + 1), fill=_FAINT, font=small, anchor="lm")
        claimed = "not a digit" if claim.label is None else str(claim.label)
        draw.text((middle, below + 10), claimed, fill=_CLAIM, font=large, anchor="mm")
        draw.text((middle, below + 38), claim.had_said, fill=_FAINT, font=small, anchor="mm")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


# ── the annotated photo

_LONG_SIDE: Final = 1280  # what a chat shows of a photo
_SMALLEST: Final = 800  # a smaller picture is enlarged, so that labels beside its digits can be read
_SLIMMEST: Final = 8  # long side over short side; from 20 on, Telegram takes no photo
_SURE: Final = 0.9  # below it a label has a question mark and the other colour
_SURE_COLOUR, _DOUBT_COLOUR, _HALO = "#1447c0", "#b3400a", "#ffffff"


def annotated(photo: bytes, reading: Reading) -> bytes:
    """The photo with what was read in it, as `drawn`, as a JPEG. Raises UnreadablePhoto, as its reading would have."""
    return _jpeg(drawn(photo, reading))


def as_photo(picture: bytes) -> bytes:
    """The picture as a JPEG that a chat takes for a photo, however slim or small it is. Raises UnreadablePhoto."""
    canvas, _, _ = _with_room(_sized(Image.fromarray(upright(picture))), [], 0)
    canvas.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
    return _jpeg(canvas)


def drawn(photo: bytes, reading: Reading) -> Image.Image:
    """Draw what was read on its photo: a box around each digit and the digit beside it, "7?" where it is in doubt.

    In RGB, upright, its long side at most 1280; the reading has a digit. Raises UnreadablePhoto.
    """
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415 the bot starts without them

    picture = _sized(Image.fromarray(upright(photo)))
    long_side = max(picture.size)
    scale = picture.width / reading.size[0], picture.height / reading.size[1]
    height = scale[1] * median(digit.box.bottom - digit.box.top for digit in reading.digits)
    pen = max(2, round(min(long_side / 260, height / 16)))
    frames = _frames(reading, scale, pen)
    font = ImageFont.load_default(min(max(0.55 * height, long_side / 46), long_side / 15))
    texts = [[_label(digit) for digit in line] for line in reading.lines]
    ascent = font.getbbox("0")[3] - font.getbbox("0")[1]
    sizes = [[(font.getlength(text) + 0.8 * ascent, 1.7 * ascent) for text in line] for line in texts]
    # On the frame's own line, so that a label between two frames shows whose it is.
    labels = place_labels([[_grown(frame, -pen) for frame in line] for line in frames], sizes, picture.size)

    canvas, left, top = _with_room(picture, [label for line in labels for label in line], pen)
    draw = ImageDraw.Draw(canvas)
    everything = [
        (digit, text, _moved(frame, left, top), _moved(label, left, top))
        for line in zip(reading.lines, texts, frames, labels, strict=True)
        for digit, text, frame, label in zip(*line, strict=True)
    ]
    # All white first: on a dark ground the halo makes a box stand out, on a light one its colour does.
    for _, _, frame, label in everything:
        draw.rounded_rectangle(_grown(frame, pen), 2 * pen, outline=_HALO, width=3 * pen)
        draw.rounded_rectangle(label, 0.4 * ascent, fill=_HALO)
    for digit, text, frame, label in everything:
        colour = _SURE_COLOUR if digit.confidence >= _SURE else _DOUBT_COLOUR
        draw.rounded_rectangle(frame, pen, outline=colour, width=pen)
        draw.rounded_rectangle(_grown(label, -pen), 0.35 * ascent, fill=colour)
        middle = ((label.left + label.right) / 2, (label.top + label.bottom) / 2)
        draw.text(middle, text, fill=_HALO, font=font, anchor="mm", stroke_width=ascent / 30, stroke_fill=_HALO)
    canvas.thumbnail((_LONG_SIDE, _LONG_SIDE), Image.Resampling.LANCZOS)
    return canvas


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    return file.getvalue()


def _label(digit: Digit) -> str:
    return str(digit.digit) if digit.confidence >= _SURE else f"{digit.digit}?"


def _sized(picture: Image.Image) -> Image.Image:
    scale = _SMALLEST / max(picture.size)
    if scale <= 1:
        return picture
    return picture.resize((round(scale * picture.width) or 1, round(scale * picture.height) or 1))


def _frames(reading: Reading, scale: tuple[float, float], pen: int) -> list[list[Rect]]:
    """The boxes in pixels of the picture, a little larger than the ink, but never over a neighbour's."""
    lines = []
    for line in reading.lines:
        boxes = [
            Rect(
                digit.box.left * scale[0],
                digit.box.top * scale[1],
                digit.box.right * scale[0],
                digit.box.bottom * scale[1],
            )
            for digit in line
        ]
        gaps = [max(0.0, after.left - before.right) / 2 for before, after in pairwise(boxes)]
        frames = []
        for box, before, after in zip(boxes, [np.inf, *gaps], [*gaps, np.inf], strict=True):
            room = max(2.0 * pen, 0.08 * (box.bottom - box.top))
            sides = min(room, before), min(room, after)
            frames.append(Rect(box.left - sides[0], box.top - room, box.right + sides[1], box.bottom + room))
        lines.append(frames)
    return lines


def _with_room(picture: Image.Image, labels: Sequence[Rect], pen: int) -> tuple[Image.Image, int, int]:
    """A copy of the picture with room for labels beyond its edges, in the colour of the edges; and its place in it."""
    width, height = picture.size
    left, top = (max([0, *(round(pen - label[side]) for label in labels)]) for side in (0, 1))
    right = left + max([width, *(round(pen + label.right) for label in labels)])
    bottom = top + max([height, *(round(pen + label.bottom) for label in labels)])
    right, bottom = max(right, bottom // _SLIMMEST), max(bottom, right // _SLIMMEST)
    pixels: Any = np.asarray(picture)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])  # (N, 3)
    red, green, blue = (int(shade) for shade in np.median(edges, axis=0))
    canvas = Image.new("RGB", (right, bottom), (red, green, blue))
    canvas.paste(picture, (left, top))
    return canvas, left, top


def _moved(rect: Rect, right: float, down: float) -> Rect:
    return Rect(rect.left + right, rect.top + down, rect.right + right, rect.bottom + down)


def _grown(rect: Rect, by: float) -> Rect:
    return Rect(rect.left - by, rect.top - by, rect.right + by, rect.bottom + by)
