"""Handwriting, photos and textures of other people, from a folder that is not part of the project. Training side.

The folder holds what its own README lists: UNIPEN's pen strokes (Guyon, Schomaker, Plamondon, Liberman, Janet 1994,
International Unipen Foundation), Omniglot's drawings, digits of forms (Alpaydin and Kaynak's optdigits: the writers
to train with), photos without a digit, textures of materials. Without the folder everything here is empty, and training
goes on with MNIST alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from model.generate.pens import Glyph, normalised
from model.generate.phrases import NAMED
from model.normalize import to_mnist
from model.reading import Bitmap, Grey

_STEP: Final = 12  # thousandths of a drawing's size between two points that are kept: a pen reports many more
_PHOTO_SIDE: Final = 640  # pixels of the long side: a scene takes 192 of them
# Letters that nobody could tell from a digit alone are left out (`lookalikes.csv` in the folder).
_LETTERS: Final = frozenset("cdekmnrvwxCHKLMNRUVWX")
_SIGNS: Final = frozenset('$#&@?;"^~<>')
_ALPHABETS: Final[Mapping[str, frozenset[int]]] = {  # characters that are digits to the eye
    "Balinese": frozenset({5}),
    "Early_Aramaic": frozenset({1, 3, 4, 6, 12, 14, 16, 17, 20}),
    "Greek": frozenset({2, 4, 6, 8, 9, 14, 15, 18, 23}),
    "Japanese_(katakana)": frozenset({2}),
    "Korean": frozenset({7, 19, 21, 33}),
    "Latin": frozenset({1, 2, 6, 7, 9, 10, 12, 15, 16, 17, 19, 20, 25, 26}),
    "Tagalog": frozenset({3, 4, 16}),
    "Sanskrit": frozenset(),
}
_NO_DIGIT: Final = 255  # in `digit_like`: not near any digit


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What the folder holds, ready to be written and photographed."""

    digits: tuple[tuple[int, Glyph], ...] = ()  # each with its value
    scans: tuple[tuple[Bitmap, int], ...] = ()  # digits that were scanned from forms, likewise
    signs: Mapping[str, tuple[Glyph, ...]] = field(default_factory=dict)  # `+ - * / = ( ) % . , :` by their character
    letters: tuple[Glyph, ...] = ()  # letters and signs that are no digit and no mark
    named: Mapping[str, tuple[Glyph, ...]] = field(default_factory=dict)  # those of `phrases.NAMED` by their character
    words: tuple[Glyph, ...] = ()
    photos: tuple[Grey, ...] = ()  # without a digit
    textures: tuple[Grey, ...] = ()
    sources: tuple[str, ...] = ()  # the files and folders that were there, for a network's metrics

    def __bool__(self) -> bool:
        return bool(self.sources)


def load_material(folder: Path | None) -> Material:
    """Load what is in the folder; nothing for None or where it is missing. Takes about ten seconds."""
    if folder is None or not folder.is_dir():
        return Material()
    sources: list[str] = []

    def arrays_of(name: str) -> dict[str, Any]:
        path = folder / name
        if not path.exists():
            return {}
        sources.append(name)
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)

    digits, symbols = arrays_of("unipen/unipen_digits_strokes.npz"), arrays_of("unipen/unipen_symbols_strokes.npz")
    letters, words = arrays_of("unipen/unipen_letters_strokes.npz"), arrays_of("unipen/unipen_words_strokes.npz")
    scanned = arrays_of("digits/optdigits32.npz")
    foreign, shapes = arrays_of("nondigits/omniglot_strokes.npz"), arrays_of("nondigits/omniglot.npz")
    if foreign and shapes:
        foreign["y"] = [
            _is_foreign(str(alphabet), int(character), int(like))
            for alphabet, character, like in zip(
                foreign["alphabet"], foreign["character"], shapes["digit_like"], strict=True
            )
        ]
    written = [*_glyphs(letters), *_glyphs(symbols)]
    others = [glyph for value, glyph in written if value in _LETTERS]
    others += [glyph for value, glyph in _glyphs(foreign) if value]
    others += [glyph for value, glyph in written if value in _SIGNS]
    pictures = {}
    for name in ("photos", "textures_ambientcg"):
        pictures[name] = tuple(_pictures(sorted((folder / name).rglob("*.jpg"))))
        if pictures[name]:
            sources.append(name)
    return Material(
        digits=tuple((int(value), glyph) for value, glyph in _glyphs(digits)),
        scans=tuple(
            (to_mnist(image / np.float32(255)), int(value))
            for image, value in zip(scanned.get("x", ()), scanned.get("y", ()), strict=True)
        ),
        signs=_by_character(written, "+-*/=()%.,:"),
        letters=tuple(others),
        named=_by_character(written, NAMED),
        words=tuple(glyph for _, glyph in _glyphs(words)),
        photos=pictures["photos"],
        textures=pictures["textures_ambientcg"],
        sources=tuple(sources),
    )


def _is_foreign(alphabet: str, character: int, like: int) -> bool:
    return like == _NO_DIGIT and alphabet in _ALPHABETS and character not in _ALPHABETS[alphabet]


def _glyphs(drawings: Mapping[str, Any]) -> Iterator[tuple[Any, Glyph]]:
    """Give each drawing's label and its lines."""
    if not drawings:
        return
    ends = drawings["offset"].tolist()
    for label, start, end in zip(drawings["y"], ends, ends[1:], strict=False):
        points = drawings["xy"][start:end].astype(np.float32)
        stroke = drawings["stroke"][start:end]
        lines = tuple(_thinned(points[stroke == number]) for number in np.unique(stroke))
        if lines:
            yield (label if isinstance(label, bool) else str(label)), normalised(lines)


def _by_character(drawings: Iterable[tuple[Any, Glyph]], wanted: Collection[str]) -> dict[str, tuple[Glyph, ...]]:
    found: dict[str, list[Glyph]] = {}
    for value, glyph in drawings:
        if value in wanted:
            found.setdefault(value, []).append(glyph)
    return {value: tuple(glyphs) for value, glyphs in found.items()}


def _thinned(line: NDArray[np.float32]) -> NDArray[np.float32]:
    """Keep the points that are some way apart, and both ends; a dot becomes a line without length."""
    if len(line) == 1:
        return np.repeat(line, 2, axis=0)
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(line, axis=0)).sum(axis=1))])
    kept = np.unique(np.searchsorted(way, np.arange(0, way[-1], _STEP)))
    return np.concatenate([line[kept[kept < len(line) - 1]], line[-1:]])


def _pictures(paths: Iterable[Path]) -> Iterator[Grey]:
    for path in paths:
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if grey is not None:
            scale = _PHOTO_SIDE / max(grey.shape)
            if scale < 1:
                grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield np.asarray(grey, np.uint8)
