"""What ink, light, lens and file format do to a picture of a scene. Training side."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.surfaces import SIDE, Picture, X, Y, noise


def inked(page: Picture, cover: Picture, random: np.random.Generator) -> tuple[Picture, float]:
    """Lay the ink that covers so much of each pixel onto the page, and give how many grey levels it is from it."""
    level, rough = float(page.mean()), float(page.std())
    darker = level > (100 if random.random() < 0.9 else 150)
    room = level - 5 if darker else 250 - level
    share = random.uniform(0.5, 1) if random.random() < 0.65 else random.uniform(0.12, 0.5)
    contrast = float(min(room, max(20.0, 1.8 * rough, share * room)))
    if random.random() < 0.25:  # chalk, pencil, a rough surface
        bare = noise(random, random.uniform(1, 2.5), sides=page.shape[::-1]) > 0.4
        cover = cover * (1 - np.float32(random.uniform(0.1, 0.7)) * bare)
    tone = level - contrast if darker else level + contrast
    opaque = random.uniform(0.8, 1)
    return np.asarray(page + cover * np.float32(opaque) * (np.float32(tone) - page), np.float32), contrast


def view(random: np.random.Generator, *, alone: bool) -> tuple[NDArray[np.float64], bool] | None:
    """How the sheet is seen: its perspective, and whether it fills the picture. None: from straight above."""
    kind = random.random()
    corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float32)
    if kind < 0.22:  # not quite from above
        corners_seen = corners + random.uniform(-0.07, 0.07, (4, 2)) * SIDE
        return cv2.getPerspectiveTransform(corners, corners_seen.astype(np.float32)), True
    if kind > (0.94 if alone else 0.86):  # a sheet on a desk
        angle = random.normal(0, 0.22)
        size, lean = random.uniform(0.62, 1.05), random.uniform(0.6, 1)
        centred = (corners - SIDE / 2) * size
        centred[:, 1] *= lean
        centred[:2, 0] *= random.uniform(0.65, 1)  # the far edge is shorter
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        corners_seen = centred @ turn + SIDE / 2 + random.uniform(-25, 25, 2)
        return cv2.getPerspectiveTransform(corners, corners_seen.astype(np.float32)), False
    return None


def seen(
    page: Picture, digits: Picture, way: NDArray[np.float64], desk: Picture | None, random: np.random.Generator
) -> tuple[Picture, Picture]:
    """Warp a page and the digits on it, onto a desk if there is one."""
    size = (SIDE, SIDE)
    digits = cv2.warpPerspective(digits, way, size, flags=cv2.INTER_LINEAR)
    if desk is None:
        return cv2.warpPerspective(page, way, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), digits
    cover = cv2.warpPerspective(np.ones_like(page), way, size, flags=cv2.INTER_LINEAR)
    shade = cv2.GaussianBlur(cover, (0, 0), random.uniform(1, 8))
    desk = desk * (1 - random.uniform(0, 0.6) * np.roll(shade, random.integers(-6, 7, 2), (0, 1)))
    return desk + cover * (cv2.warpPerspective(page, way, size, flags=cv2.INTER_LINEAR) - desk), digits


def lit(picture: Picture, random: np.random.Generator) -> Picture:
    """Uneven light: falling off to one side, shadows with hard or soft edges, the lens's dark corners."""
    if random.random() < 0.6:
        angle, fall = random.uniform(0, 2 * np.pi), random.uniform(0, 0.45)
        slope = (X - SIDE / 2) * np.cos(angle) + (Y - SIDE / 2) * np.sin(angle)
        picture = picture * (1 + slope * np.float32(fall / SIDE))
    if random.random() < 0.35:
        picture = picture * _shadow(random)
    if random.random() < 0.15:
        far = np.hypot(X - random.uniform(40, 150), Y - random.uniform(40, 150)) / SIDE
        picture = picture * (1 - random.uniform(0.1, 0.6) * far**2)
    if random.random() < 0.05:  # glare
        away = np.hypot(X - random.uniform(0, SIDE), Y - random.uniform(0, SIDE)) / random.uniform(15, 60)
        picture = picture + random.uniform(40, 160) * np.exp(-(away**2))
    return np.asarray(picture, np.float32)


def _shadow(random: np.random.Generator) -> Picture:
    """What is left of the light where a hand, a phone or a window bar keeps some of it away."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    if random.random() < 0.6:  # a straight edge, or a bar
        angle, place = random.uniform(0, 2 * np.pi), random.uniform(-70, 70)
        away = (X - SIDE / 2) * np.cos(angle) + (Y - SIDE / 2) * np.sin(angle) - place
        width = random.uniform(10, 60) if random.random() < 0.3 else 1e4
        mask[(away > 0) & (away < width)] = 1
    else:
        corners = random.uniform(-60, SIDE + 60, (int(random.integers(3, 7)), 2))
        cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], (1.0,))
    soft = float(np.exp(random.uniform(np.log(0.4), np.log(22))))
    return np.asarray(1 - random.uniform(0.12, 0.65) * cv2.GaussianBlur(mask, (0, 0), soft), np.float32)


def taken(picture: Picture, random: np.random.Generator, finest: float, contrast: float) -> Picture:
    """Take the picture: out of focus, shaken, noisy, with few pixels, as JPEG.

    What is written must stay legible: `finest` is its smallest height in pixels, `contrast` its grey levels from
    the paper.
    """
    blur = random.uniform(0, 0.04) * finest if random.random() < 0.35 else random.uniform(0, 0.7)
    if blur > 0.3:
        if blur > 1.2 and random.random() < 0.5:  # a lens out of focus smears each point into a disc
            side = 2 * round(2 * blur) + 1
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)).astype(np.float32)
            picture = cv2.filter2D(picture, -1, disc / disc.sum())
        else:
            picture = cv2.GaussianBlur(picture, (0, 0), blur)
    coarse = finest > 14 and random.random() < 0.1
    if coarse:
        picture = _coarse(picture, random, finest, contrast)
    elif random.random() < 0.1:
        picture = cv2.filter2D(picture, -1, _shake(random, max(2.0, 0.14 * finest)))
    if random.random() < 0.15 and not coarse:
        less = random.uniform(max(0.3, min(0.9, 16 / finest)), 1)
        small = cv2.resize(picture, None, fx=less, fy=less, interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.2:  # a whole picture's contrast and brightness, as apps change them
        picture = (picture - 128) * random.uniform(0.6, 1.5) + 128 + random.uniform(-40, 40)
    if random.random() < 0.5:
        grain = random.uniform(0, min(11, 0.16 * contrast))
        picture = picture + noise(random, random.choice([1.0, 1.0, 1.7])) * grain
    picture = np.clip(picture, 0, 255)
    if random.random() < 0.4:
        quality = int(random.integers(20 if contrast > 50 else 50, 95))
        coded = cv2.imencode(".jpg", picture.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32)
    return np.asarray(picture, np.float32)


def _coarse(picture: Picture, random: np.random.Generator, finest: float, contrast: float) -> Picture:
    """Scan as cheques are scanned: the smallest digit 12 to 25 pixels high, as JPEG, then enlarged again."""
    faint = contrast < 50
    high = min(finest, random.uniform(16 if faint else 12, 25))
    less = max(0.1, high / finest)
    small = cv2.resize(picture, None, fx=less, fy=less, interpolation=cv2.INTER_AREA).clip(0, 255).astype(np.uint8)
    quality = int(random.integers(60 if faint else 35, 95))
    coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    how = cv2.INTER_LINEAR if random.random() < 0.5 else cv2.INTER_CUBIC
    large = cv2.resize(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), (SIDE, SIDE), interpolation=how)
    return np.asarray(large, np.float32)


def drawn(picture: Picture, random: np.random.Generator) -> Picture:
    """Leave a picture as a drawing program or a scanner gives it: clean, often in two tones only."""
    if random.random() < 0.5:
        ground, ink = float(np.median(picture)), float(picture.flat[np.abs(picture - np.median(picture)).argmax()])
        picture = np.where(np.abs(picture - ground) > abs(ink - ground) / 2, ink, ground)
    return np.asarray(np.clip(picture, 0, 255), np.float32)


def _shake(random: np.random.Generator, reach: float) -> Picture:
    """The kernel of a hand that moved in a straight line."""
    side = 2 * round(min(reach, 12) / 2) + 3
    kernel = np.zeros((side, side), np.float32)
    angle, length = random.uniform(0, np.pi), random.uniform(1, reach) / 2
    x, y = length * np.cos(angle), length * np.sin(angle)
    middle = side / 2 - 0.5
    first = (round((middle - x) * 16), round((middle - y) * 16))
    second = (round((middle + x) * 16), round((middle + y) * 16))
    cv2.line(kernel, first, second, (1.0,), 1, cv2.LINE_AA, 4)
    return np.asarray(kernel / kernel.sum(), np.float32)
