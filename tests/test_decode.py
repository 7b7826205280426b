import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageOps

from model.decode import Photo, decode, upright
from model.decoders import MAX_SIDE
from model.errors import UnreadablePhoto
from tests.pictures import FORMATS, Grey, encode, paper, write


def sample() -> Grey:
    """A small picture that is different after any turn or flip."""
    page = paper(120, 80)
    page[10:20, 10:90] = 30
    page[10:60, 10:22] = 90
    return page


def colours() -> Image.Image:
    """The same in colours."""
    pixels = np.full((80, 120, 3), 255, np.uint8)
    pixels[10:20, 10:90] = (200, 30, 30)
    pixels[10:60, 10:22] = (20, 40, 150)
    return Image.fromarray(pixels)


def away(photo: Photo, expected: Any) -> float:
    """The mean distance of a decoded picture from what it should be, in grey levels."""
    wanted = np.asarray(expected)
    assert photo.grey.shape == wanted.shape
    return float(np.abs(photo.grey.astype(float) - wanted).mean())


def reason(photo: bytes) -> str:
    """Why a file can't be read."""
    with pytest.raises(UnreadablePhoto) as caught:
        decode(photo)
    return caught.value.reason


SAMPLES = {form: encode(sample(), form) for form in FORMATS}


def colours_away(photo: bytes, expected: Any) -> float:
    """The mean distance of a picture decoded in colours from what it should be, in levels of 0..255."""
    wanted = np.asarray(expected)
    seen = upright(photo)
    assert seen.shape == wanted.shape
    return float(np.abs(seen.astype(float) - wanted).mean())


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_each_format(form: str) -> None:
    """Every format that phones and chats send gives the same upright grey picture."""
    photo = decode(SAMPLES[form])
    assert (photo.size, photo.scale) == ((120, 80), 1)
    assert away(photo, sample()) < 3


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stored_turned(form: str, orientation: int) -> None:
    """Each EXIF orientation is turned upright, and the size is that of the upright picture."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = Image.fromarray(sample())
    stored.getexif()[ExifTags.Base.Orientation] = orientation
    upright = ImageOps.exif_transpose(stored)
    photo = decode(encode(sample(), form, exif=exif))
    assert photo.size == upright.size
    assert away(photo, upright) < 3


def test_a_heic_stored_turned() -> None:
    """A HEIC's turn is done once, not twice, though it stands in the container and in EXIF."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    photo = decode(encode(sample(), "HEIF", exif=exif.tobytes()))
    assert photo.size == (80, 120)
    assert away(photo, cv2.rotate(sample(), cv2.ROTATE_90_CLOCKWISE)) < 3


@pytest.mark.parametrize(
    ("picture", "form"),
    [
        (colours().convert("CMYK"), "JPEG"),
        (colours().quantize(16), "PNG"),
        (colours().quantize(16), "GIF"),
        (colours().convert("LA"), "PNG"),
        (colours(), "HEIF"),
        (colours().convert("L"), "HEIF"),
        (Image.fromarray(np.asarray(colours().convert("L")).astype(np.uint16) * 257), "PNG"),
    ],
    ids=["cmyk", "palette", "gif", "grey and alpha", "heic in colours", "grey heic", "16 bits"],
)
def test_a_picture_in_another_mode(picture: Image.Image, form: str) -> None:
    """Modes that files of scanners and editors have become the same grey as the colours do."""
    assert away(decode(encode(picture, form)), colours().convert("L")) < 3


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_deep_picture_that_uses_few_of_its_bits(form: str, bits: int) -> None:
    """A scanner's 10 bits, stored in 16 as they are, are as bright as they were on its glass."""
    page = colours().convert("L")
    deep = Image.fromarray((np.asarray(page).astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16))
    assert away(decode(encode(deep, form)), page) < 3
    assert colours_away(encode(deep, form), page.convert("RGB")) < 3


@pytest.mark.parametrize("bits", [10, 16])
def test_a_deep_picture_in_colours(bits: int) -> None:
    """Its colours are as bright as its grey would be."""
    page = np.asarray(colours()).astype(np.uint32) * (2**bits - 1) // 255
    photo = cv2.imencode(".png", page[..., ::-1].astype(np.uint16))[1].tobytes()
    assert away(decode(photo), colours().convert("L")) < 3
    assert colours_away(photo, colours()) < 3


def test_a_deep_picture_without_light() -> None:
    """The noise of a black frame is not blown up to a picture."""
    noise = np.random.default_rng(0).integers(0, 20, (80, 120)).astype(np.uint16)
    assert decode(encode(Image.fromarray(noise))).grey.max() < 21


def test_a_black_and_white_picture_of_one_bit() -> None:
    """One bit a pixel gives black and white, not black and nearly black."""
    picture = colours().convert("1", dither=Image.Dither.NONE)
    assert away(decode(encode(picture)), picture.convert("L")) == 0


TRANSPARENT = ("PNG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF")


@pytest.mark.parametrize("form", TRANSPARENT)
def test_a_transparent_picture(form: str) -> None:
    """What shows through is white, as a chat shows it, whatever colour lies hidden there."""
    page = sample()
    picture = Image.fromarray(np.dstack([page, page, page, np.full_like(page, 255)]), "RGBA")
    picture.paste((0, 0, 0, 0), (60, 40, 120, 80))
    page[40:80, 60:120] = 255
    assert away(decode(encode(picture, form)), page) < 3


def drawn(ink: tuple[int, int, int], hidden: int = 255) -> Image.Image:
    """A stroke on a transparent ground, under which a grey lies hidden."""
    picture = Image.new("RGBA", (120, 80), (hidden, hidden, hidden, 0))
    picture.paste((*ink, 255), (20, 30, 100, 40))
    return picture


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("ink", [(255, 255, 255), (255, 240, 150), (200, 200, 200)], ids=["white", "yellow", "light"])
@pytest.mark.parametrize("form", TRANSPARENT)
def test_light_ink_on_a_transparent_ground(form: str, ink: tuple[int, int, int], hidden: int) -> None:
    """What would be lost on white is laid on black: to be read, and to be looked at."""
    photo = encode(drawn(ink, hidden), form)
    for seen in (decode(photo).grey, upright(photo)):
        assert seen[35, 30:90].mean() > 190
        assert seen[60:].max() < 5


@pytest.mark.parametrize("ink", [(0, 0, 0), (200, 30, 30), (150, 150, 150)], ids=["black", "red", "grey"])
def test_ink_that_shows_on_white_stays_on_white(ink: tuple[int, int, int]) -> None:
    """White is what a chat shows, and black only where it has to be."""
    assert decode(encode(drawn(ink, 0))).grey[60:].min() == 255


def test_a_card_with_round_corners() -> None:
    """A little dark writing on a light card is enough to leave the corners white."""
    card = drawn((250, 250, 250))
    card.paste((250, 250, 250, 255), (5, 5, 115, 75))
    card.paste((20, 20, 20, 255), (50, 20, 54, 60))
    assert decode(encode(card)).grey[0, 0] == 255


def test_a_picture_of_which_nothing_is_visible() -> None:
    """An empty transparent picture is a blank white one."""
    assert (decode(encode(Image.new("RGBA", (40, 30), (255, 255, 255, 0)))).grey == 255).all()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF", "GIF"])
def test_an_animated_picture(form: str) -> None:
    """The first frame is what is read."""
    frames = [Image.fromarray(sample()), Image.fromarray(255 - sample())]
    assert away(decode(encode(frames[0], form, save_all=True, append_images=frames[1:])), sample()) < 3


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_larger_than_needed(form: str) -> None:
    """The working picture is bounded, and its scale leads back to full-size pixels."""
    page = write(paper(4000, 3000), "7", 1000, 500, height=2000, pen=200)
    photo = decode(encode(page, form))
    assert photo.size == (4000, 3000)
    assert photo.grey.shape == (MAX_SIDE * 3 // 4, MAX_SIDE)
    assert photo.scale == pytest.approx(4000 / MAX_SIDE)
    assert away(photo, cv2.resize(page, (MAX_SIDE, MAX_SIDE * 3 // 4), interpolation=cv2.INTER_AREA)) < 2


def test_a_photo_of_48_megapixels() -> None:
    """The largest photo of a usual phone is read: a JPEG is scaled while it is decoded."""
    assert decode(encode(paper(8000, 6000), "JPEG")).size == (8000, 6000)


def test_a_picture_one_pixel_high() -> None:
    """A strip keeps at least a pixel of its short side."""
    assert decode(encode(paper(5000, 1))).grey.shape == (1, MAX_SIDE)


def test_a_file_of_no_bytes() -> None:
    """Nothing is told apart from something broken."""
    assert reason(b"") == "empty"


@pytest.mark.parametrize(
    "junk", [b"hello", b"%PDF-1.7", b"\0" * 100, b"RIFF\0\0\0\0WAVE", b"\0\0\0\x18ftypmp42\0\0\0\0mp42"]
)
def test_a_file_that_is_no_picture(junk: bytes) -> None:
    """Text, documents, sound and video are called what they are."""
    assert reason(junk) == "not an image"


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("1", {"compression": "group4"}),
        ("1", {"compression": "group3"}),
        ("1", {}),
        ("L", {"compression": "tiff_lzw"}),
        ("L", {"compression": "packbits"}),
        ("P", {"compression": "tiff_lzw"}),
        ("RGB", {"compression": "tiff_adobe_deflate"}),
        ("RGB", {"compression": "tiff_lzw", "tiffinfo": {278: 7}}),
        ("RGB", {"compression": "jpeg"}),
        ("RGB", {"big_tiff": True}),
        ("CMYK", {"compression": "tiff_lzw"}),
        ("CMYK", {}),
    ],
    ids=str,
)
def test_a_tiff_of_a_scanner_or_a_fax(mode: str, options: dict[str, Any]) -> None:
    """Each usual compression and colour model gives the grey that its colours have, and the colours."""
    picture = colours().convert(mode)
    photo = encode(picture, "TIFF", **options)
    assert away(decode(photo), picture.convert("L")) < 3
    assert colours_away(photo, picture.convert("RGB")) < 8


def test_a_tiff_of_several_pages() -> None:
    """The first page is read, as of a document that is shown."""
    pages = [Image.fromarray(sample()), Image.fromarray(255 - sample())]
    assert away(decode(encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])), sample()) < 3


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}], ids=str)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_tiff_stored_turned(orientation: int, options: dict[str, Any]) -> None:
    """A TIFF is turned upright once, and its size is that of the upright picture."""
    stored = Image.fromarray(sample())
    stored.getexif()[ExifTags.Base.Orientation] = orientation
    upright = ImageOps.exif_transpose(stored)
    photo = decode(encode(Image.fromarray(sample()), "TIFF", tiffinfo={274: orientation}, **options))
    assert photo.size == upright.size
    assert away(photo, upright) < 3


def test_a_tiff_stored_in_huge_tiles() -> None:
    """A tile is decoded whole, however little of it is the picture: it is held to the picture's limit."""
    page = write(paper(128, 80), "4", 50, 10, height=60)
    photo = encode(page, "TIFF", compression="tiff_lzw", tiffinfo={296: 2})
    tiled = set_tags(photo, {296: 128, 278: 80}, {273: 324, 279: 325, 278: 323, 296: 322})
    assert away(decode(tiled), page) == 0
    assert reason(set_tags(tiled, {322: 60_000, 323: 60_000})) == "too large"


def test_a_raw_file_of_a_camera() -> None:
    """It is built as a TIFF and begins with a small copy of its picture, which nobody wants read for the picture."""
    assert reason(encode(sample(), "TIFF", tiffinfo={254: 1})) == "unsupported"


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_cut_short(form: str) -> None:
    """Half a file is refused as such: half a number would be read wrong."""
    whole = encode(write(paper(), "4071"), form)
    assert reason(whole[: len(whole) // 2]) == "cut short"


def set_tags(photo: bytes, values: dict[int, int], names: dict[int, int] | None = None) -> bytes:
    """A little-endian TIFF with other numbers in its tags, which must be there, and some under other names."""
    changed, first = bytearray(photo), int.from_bytes(photo[4:8], "little")
    for entry in range(first + 2, first + 2 + 12 * int.from_bytes(photo[first : first + 2], "little"), 12):
        tag = int.from_bytes(photo[entry : entry + 2], "little")
        if tag in values:
            changed[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, values.pop(tag))
        changed[entry : entry + 2] = (names or {}).get(tag, tag).to_bytes(2, "little")
    assert not values
    return bytes(changed)


def claim(form: str, width: int, height: int, **options: Any) -> bytes:
    """A tiny picture whose header claims another size; the pixels for it are not in the file."""
    photo = encode(paper(64, 64), form, **options)
    match form:
        case "JPEG":
            at = next(at for mark in (b"\xff\xc0", b"\xff\xc2") if (at := photo.find(mark)) > 0)
            return photo[: at + 5] + struct.pack(">HH", height, width) + photo[at + 9 :]
        case "PNG":
            header = b"IHDR" + struct.pack(">II", width, height) + photo[24:29]
            return photo[:12] + header + struct.pack(">I", zlib.crc32(header)) + photo[33:]
        case "WEBP":
            return photo[:26] + struct.pack("<HH", width, height) + photo[30:]
        case "BMP":
            return photo[:18] + struct.pack("<II", width, height) + photo[26:]
        case "GIF":
            return photo[:6] + struct.pack("<HH", width, height) + photo[10:]
        case "TIFF":
            return set_tags(photo, {256: width, 257: height})
        case _:  # both are ISO 14496-12 containers
            at = photo.index(b"ispe") + 8
            return photo[:at] + struct.pack(">II", width, height) + photo[at + 8 :]


@pytest.mark.parametrize("form", FORMATS)
def test_a_header_that_claims_too_many_pixels(form: str) -> None:
    """Too large is said by the header alone: the pixels that it claims are not even in the file."""
    width = 16000  # the widest that every format can say
    assert reason(claim(form, width, 12000)) == "too large"


def test_a_page_of_400_megapixels_in_one_bit() -> None:
    """A 20,000 x 20,000 picture of 50 kB is refused before it becomes 400 MB."""
    assert reason(claim("PNG", 20000, 20000)) == "too large"


def test_a_large_jpeg_that_has_to_be_kept_whole() -> None:
    """A progressive JPEG is refused where a sequential one of the same size is decoded row by row."""
    assert reason(claim("JPEG", 10000, 9000, progressive=True)) == "too large"
    assert decode(claim("JPEG", 10000, 9000)).size == (10000, 9000)


def test_a_large_jpeg_with_a_scan_for_each_colour() -> None:
    """Components in scans of their own cost what a progressive JPEG costs, and are held to its limit."""
    photo = claim_in_colours(9000, 6000)
    at = photo.find(b"\xff\xda")
    alone = photo[: at + 2] + b"\0\x08\x01\x01\0\0\x3f\0" + photo[at + 14 :]
    assert decode(photo).size == (9000, 6000)
    assert reason(alone) == "too large"


def claim_in_colours(width: int, height: int) -> bytes:
    """A sequential JPEG of three components whose header claims another size."""
    photo = encode(colours(), "JPEG")
    at = photo.find(b"\xff\xc0")
    return photo[: at + 5] + struct.pack(">HH", height, width) + photo[at + 9 :]


def test_a_jpeg_of_thousands_of_scans() -> None:
    """A small file that would hold a processor for minutes is refused."""
    photo = encode(sample(), "JPEG", progressive=True)
    assert reason(photo[:-2] + b"\xff\xda\0\x08\x01\x01\0\0\0\0" * 3000 + photo[-2:]) == "unsupported"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("exif", [b"II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0", b"nonsense"])
def test_damaged_metadata(form: str, exif: bytes) -> None:
    """A picture is read as it is stored when its EXIF is damaged, and no warning leaves the decoder."""
    assert away(decode(encode(sample(), form, exif=b"Exif\0\0" + exif)), sample()) < 3


@settings(derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes(junk: bytes) -> None:
    """Any bytes give a picture or an UnreadablePhoto, and nothing else."""
    decoded_or_unreadable(junk)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(FORMATS), st.data())
def test_any_damage_to_a_picture(form: str, data: st.DataObject) -> None:
    """Changed, missing and added bytes in a real file give a picture or an UnreadablePhoto, and nothing else."""
    photo = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(photo) - 1))
        photo[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
        if not photo:
            break
    decoded_or_unreadable(bytes(photo[: data.draw(st.integers(0, len(photo)))]))


def decoded_or_unreadable(photo: bytes) -> None:
    """Decode, and check whichever of the two outcomes came."""
    try:
        decoded = decode(photo)
    except UnreadablePhoto as error:
        assert error.reason in {"empty", "not an image", "cut short", "too large", "unsupported"}  # noqa: PT017
    else:
        assert decoded.grey.dtype == np.uint8
        assert 1 <= max(decoded.grey.shape) <= MAX_SIDE
        assert decoded.scale >= 1


# ── in colours


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_each_format_in_colours(form: str) -> None:
    """What is shown of a picture has its colours, whatever the format."""
    assert colours_away(encode(colours(), form), colours()) < 8


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_in_colours_stored_turned(form: str, orientation: int) -> None:
    """The picture that boxes are drawn on is turned as the one that was read."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = colours()
    stored.getexif()[ExifTags.Base.Orientation] = orientation
    assert colours_away(encode(colours(), form, exif=exif), ImageOps.exif_transpose(stored)) < 8


@pytest.mark.parametrize(
    ("mode", "form"),
    [("1", "PNG"), ("L", "PNG"), ("L", "JPEG"), ("LA", "PNG"), ("P", "GIF"), ("P", "PNG"), ("CMYK", "JPEG")],
)
def test_a_picture_in_another_mode_in_colours(mode: str, form: str) -> None:
    """Grey, palette and print colours are shown as they look."""
    picture = colours().convert(mode)
    assert colours_away(encode(picture, form), picture.convert("RGB")) < 8


def test_a_picture_of_16_bits_in_colours() -> None:
    """16 bits of grey become 8, not white."""
    grey = colours().convert("L")
    assert colours_away(encode(Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)), grey.convert("RGB")) < 1


@pytest.mark.parametrize("size", [(120, 80), (3000, 2000)])
@pytest.mark.parametrize("form", ["PNG", "WEBP", "HEIF", "GIF", "TIFF"])
def test_a_transparent_picture_in_colours(form: str, size: tuple[int, int]) -> None:
    """What shows through is white, large pictures included."""
    picture = colours().convert("RGBA")
    picture.paste((0, 0, 0, 0), (60, 40, 120, 80))
    wanted = colours()
    wanted.paste((255, 255, 255), (60, 40, 120, 80))
    shown = upright(encode(picture.resize(size, Image.Resampling.NEAREST), form))
    back = Image.fromarray(shown).resize(wanted.size, Image.Resampling.BOX)
    assert float(np.abs(np.asarray(back).astype(float) - np.asarray(wanted)).mean()) < 8


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_in_colours_is_as_large_as_the_one_that_is_read(form: str) -> None:
    """What was found in one can be drawn on the other."""
    photo = encode(colours().resize((2600, 1730)), form)
    assert upright(photo).shape[:2] == decode(photo).grey.shape


def test_a_broken_picture_in_colours() -> None:
    """It is refused as it is for reading."""
    with pytest.raises(UnreadablePhoto):
        upright(SAMPLES["JPEG"][:300])
