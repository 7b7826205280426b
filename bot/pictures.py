"""What the bot draws."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

_COLUMNS: Final = 5
_MARGIN: Final = 12
_WORDS: Final = 58  # pixels below a crop, for what it is said to be
_PAPER, _CARD, _INK, _FAINT, _CLAIM, _EDGE = "#eef0f3", "#ffffff", "#1c2733", "#6b7785", "#1a7f45", "#d5dae0"


@dataclass(frozen=True, slots=True)
class Claim:
    """A crop (784 bytes, 28 rows, 0 paper to 255 stroke) and what it is said to be; None: not a digit."""

    bitmap: bytes
    label: int | None
    said: int  # by the model


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
        if len(claims) > 1:
            draw.text((left + 8, top + 6), str(place + 1), fill=_FAINT, font=small)
        middle, below = left + width // 2, top + side + 2 * _MARGIN
        claimed = "not a digit" if claim.label is None else str(claim.label)
        draw.text((middle, below + 10), claimed, fill=_CLAIM, font=large, anchor="mm")
        draw.text((middle, below + 38), f"read as {claim.said}", fill=_FAINT, font=small, anchor="mm")
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()
