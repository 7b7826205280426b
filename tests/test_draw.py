import asyncio
import base64
import re
import struct
import threading
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Message

from bot.pool import Reader, ReadingPool
from bot.web.draw import DrawPage
from bot.web.draw_limits import ClientLimits
from bot.web.draw_png import MAX_BYTES, Refused, read_png
from model import SHIPPED, DigitReader, Layers, load_reader, open_version
from model.mnist import Mnist
from tests import loopback
from tests.bench.draw import is_same, replay
from tests.fakes import BLANK, ScriptedReader
from tests.local_server import serve
from tests.pictures import encode, paper, write
from tests.processes import ROOT
from tests.versions import a_version

PAGE = ROOT / "bot" / "web" / "page"
NUMBER = encode(write(paper(240, 130, 255), "42", 40, 30, height=64, pen=6, ink=0))


@pytest.fixture(scope="module")
def reader() -> DigitReader:
    """The reader that is served."""
    return load_reader()


@pytest.fixture(scope="module")
def layers() -> Layers:
    """The layers that are served."""
    return Layers(open_version(SHIPPED))


@asynccontextmanager
async def drawing(reader: Reader, limits: ClientLimits | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a draw page over real HTTP."""
    pool = ReadingPool(reader, 2)
    try:
        async with (
            serve(Starlette(routes=DrawPage(pool, limits).routes)) as origin,
            httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin, timeout=60) as http,
        ):
            yield http
    finally:
        pool.close()


def a_png(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and holds none."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk


async def test_a_number_is_read_as_the_reader_reads_the_same_picture(reader: DigitReader) -> None:
    """Digits in reading order, boxes, confidence and the ten probabilities of each, to the last bit."""
    async with drawing(reader) as http:
        answer = (await http.post("/draw/read", content=NUMBER)).json()
    assert answer["lines"] == ["42"]
    assert [each["digit"] for each in answer["digits"]] == [4, 2]
    assert is_same(answer, reader.read(NUMBER))
    assert (answer["size"], answer["version"]) == ([240, 130], reader.version.name)


async def test_every_layer_comes_with_each_digit(reader: DigitReader, layers: Layers) -> None:
    """The bytes are the activations of the digit's own bitmap, to half a step of 255 between each map's ends."""
    async with drawing(reader) as http:
        stages = (await http.get("/draw/model")).json()["stages"]
        answer = (await http.post("/draw/read", content=NUMBER)).json()
    for digit, shown in zip(reader.read(NUMBER).digits, answer["digits"], strict=True):
        bitmap = np.frombuffer(base64.b64decode(shown["bitmap"]), np.uint8).reshape(28, 28)
        np.testing.assert_array_equal(bitmap, np.rint(255 * digit.bitmap))
        pixels, ranges = base64.b64decode(shown["maps"]), np.frombuffer(base64.b64decode(shown["ranges"]), "<f4")
        for stage, truth in zip(stages, layers.activations(digit.bitmap), strict=True):
            count, size = stage["maps"], stage["height"] * stage["width"]
            maps = np.frombuffer(pixels[: count * size], np.uint8).reshape(count, size) / 255
            low, high = ranges[: 2 * count].reshape(count, 2, 1).transpose(1, 0, 2)
            pixels, ranges = pixels[count * size :], ranges[2 * count :]
            expected = truth.reshape(-1, count).T if truth.ndim == 3 else truth[None]
            assert (np.abs(low + maps * (high - low) - expected) <= (high - low) / 509 + 1e-6).all()
        assert (len(pixels), len(ranges)) == (0, 0)


async def test_mnist_digits_are_right_and_the_same_as_the_readers(reader: DigitReader, mnist: Mnist) -> None:
    """A short form of tests/bench/draw.py, which replays 100."""
    async with drawing(reader) as http:
        digits, labels = mnist.test_images[:10].reshape(-1, 28, 28), [int(label) for label in mnist.test_labels[:10]]
        result = await asyncio.to_thread(replay, str(http.base_url), reader, digits, labels)
    assert result.same == 10
    assert result.right >= 9


async def test_an_empty_canvas_predicts_nothing(reader: DigitReader) -> None:
    """No digit, no confidence, nothing inside."""
    async with drawing(reader) as http:
        answer = (await http.post("/draw/read", content=encode(paper(200, 150, 255)))).json()
    assert (answer["lines"], answer["digits"], answer["confidence"]) == ([], [], 0)


async def test_the_model_is_described(reader: DigitReader, layers: Layers) -> None:
    """Each stage has its name, kind, shape, count of maps and what is fused in it; the first one its kernels."""
    async with drawing(reader) as http:
        model = (await http.get("/draw/model")).json()
    assert model["version"] == reader.version.name
    assert [(s["name"], s["kind"], tuple(s["shape"]), tuple(s["parts"])) for s in model["stages"]] == [
        (layer.name, layer.kind, layer.shape, layer.parts) for layer in layers.stages
    ]
    assert model["stages"][0]["maps"] == layers.stages[0].shape[2]
    np.testing.assert_allclose(model["kernels"], layers.kernels, atol=1e-4)  # type: ignore[arg-type]  # it has some
    assert model["problem"] is None


async def test_answers_are_compressed_only_for_who_can_read_it() -> None:
    """The same answer either way; a proxy is told that they differ."""
    async with drawing(ScriptedReader()) as http:
        plain = await http.post("/draw/read", content=BLANK + b"7", headers={"accept-encoding": "identity"})
        small = await http.post("/draw/read", content=BLANK + b"7", headers={"accept-encoding": "gzip"})
    assert plain.json() == small.json()
    assert "content-encoding" not in plain.headers
    assert (small.headers["content-encoding"], small.headers["vary"]) == ("gzip", "accept-encoding")
    assert small.num_bytes_downloaded < plain.num_bytes_downloaded / 2


async def test_the_page_follows_the_version_that_is_served(tmp_path: Path) -> None:
    """After a promotion the next answer names the new version, and it can be described, with no new start."""
    other = ScriptedReader(open_version(a_version(tmp_path, "20990101-000000-continue-0")))
    pool = ReadingPool(ScriptedReader(), 1)
    async with (
        serve(Starlette(routes=DrawPage(pool).routes)) as origin,
        httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin) as http,
    ):
        assert (await http.get("/draw/model")).json()["version"] == open_version(SHIPPED).name
        pool.reader = other
        answer = (await http.post("/draw/read", content=BLANK + b"7")).json()
        assert answer["version"] == "20990101-000000-continue-0"
        assert answer["digits"][0]["maps"]
        assert (await http.get("/draw/model")).json()["version"] == "20990101-000000-continue-0"
    pool.close()


async def test_a_version_without_its_layers_still_reads(tmp_path: Path) -> None:
    """Digits are read; the page is told in a sentence that it can't look inside, and no path of the server's."""
    version = open_version(a_version(tmp_path, "damaged"))
    version.layers_path.write_bytes(b"no model")
    async with drawing(ScriptedReader(version)) as http:
        model = (await http.get("/draw/model")).json()
        answer = (await http.post("/draw/read", content=BLANK + b"7")).json()
    assert (model["stages"], model["kernels"]) == ([], None)
    assert "can't be shown" in model["problem"]
    assert str(tmp_path) not in str(model)
    assert (answer["lines"], answer["digits"][0]["maps"]) == (["7"], None)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 422, "empty"),
        (b"seven", 415, "not a PNG"),
        (encode(paper(), "JPEG"), 415, "not a PNG"),
        (NUMBER[:20], 422, "ends before"),
        (NUMBER[: len(NUMBER) // 2], 422, "cut short"),
        (a_png(10_000, 10_000), 413, "10000×10000"),
        (a_png(2_049, 1), 413, "at most 2048×2048"),
        (a_png(0, 5), 422, "no pixels"),
        (a_png(500, 500), 422, "cut short"),
        (bytes(MAX_BYTES + 1), 413, "more than 1 MB"),
        (bytes(50_000_000), 413, "more than 1 MB"),
    ],
    ids=["empty", "text", "jpeg", "no header", "cut", "100 MP", "too wide", "no width", "no pixels", "1 MB", "50 MB"],
)
async def test_what_is_no_drawing_is_refused_with_what_to_do(
    reader: DigitReader, body: bytes, status: int, said: str
) -> None:
    """The right status, a sentence, no stack trace; and the next drawing is read."""
    async with drawing(reader) as http:
        refused = await http.post("/draw/read", content=body)
        after = await http.post("/draw/read", content=NUMBER)
    assert (refused.status_code, list(refused.json())) == (status, ["error"])
    assert said in refused.json()["error"]
    assert after.json()["lines"] == ["42"]


async def test_a_body_of_unknown_length_is_counted_as_it_comes() -> None:
    """Nobody gets around the limit by not saying how much will come."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield BLANK + bytes(100_000)

    async with drawing(ScriptedReader()) as http:
        response = await http.post("/draw/read", content=endless())
    assert response.status_code == 413


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    """A client that stops in the middle gives its place back."""

    async def stuck() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("never")

    request = Request({"type": "http", "method": "POST", "headers": []}, stuck)
    with pytest.raises(Refused, match="did not arrive") as refused:
        await read_png(request, timeout_s=0.01)
    assert refused.value.status == 408


async def test_a_flood_is_refused_and_others_are_served() -> None:
    """Above its burst a client gets 429 with Retry-After; a client of another address is read as before."""
    limits = ClientLimits(lambda: 0.0, burst=5)
    async with drawing(ScriptedReader(), limits) as http:
        statuses = [(await http.post("/draw/read", content=BLANK + b"7")).status_code for _ in range(8)]
        refused = await http.post("/draw/read", content=BLANK + b"7")
        other = await http.post("/draw/read", content=BLANK + b"7", headers={"x-forwarded-for": "203.0.113.9"})
    assert statuses == [200] * 5 + [429] * 3
    assert int(refused.headers["retry-after"]) >= 1
    assert "Wait" in refused.json()["error"]
    assert other.json()["lines"] == ["7"]


async def test_drawings_never_take_the_last_thread() -> None:
    """However many drawings are being read, a photo from the chat finds a thread at once, were it the only one."""
    held = ScriptedReader(gate=threading.Event())
    pool = ReadingPool(held, 1)
    limits = ClientLimits(lambda: 0.0, at_once=100)
    async with (
        serve(Starlette(routes=DrawPage(pool, limits).routes)) as origin,
        httpx.AsyncClient(verify=loopback.PLAIN, base_url=origin, timeout=60) as http,
    ):
        drawings = [asyncio.create_task(http.post("/draw/read", content=BLANK + b"7")) for _ in range(6)]
        while not held.photos:  # noqa: ASYNC110 what is waited for has no event
            await asyncio.sleep(0.01)
        assert await pool.run(lambda: "a photo") == "a photo"
        assert len(held.photos) == 1
        assert held.gate is not None
        held.gate.set()
        assert {(await each).status_code for each in drawings} == {200}
    pool.close()


async def test_a_crowd_gets_an_answer_at_once() -> None:
    """When more drawings wait than can be read soon, the next are told to try again."""
    held = ScriptedReader(gate=threading.Event())
    async with drawing(held, ClientLimits(lambda: 0.0, at_once=100)) as http:
        tasks = [asyncio.create_task(http.post("/draw/read", content=BLANK + b"7")) for _ in range(40)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert held.gate is not None
        held.gate.set()
        statuses = sorted([(await each).status_code for each in tasks])
    assert statuses == [200] * 32 + [503] * 8


async def test_the_page_is_strict_about_what_it_loads() -> None:
    """Its policy allows its own scripts and styles, none inline and none from elsewhere; Telegram may frame it."""
    async with drawing(ScriptedReader()) as http:
        page = await http.get("/draw")
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert policy["frame-ancestors"] == "'self' https://*.telegram.org"
    assert page.headers["cache-control"] == "no-cache"
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page.text)


async def test_the_pages_files_may_be_kept_for_good() -> None:
    """Each file that the page and its modules name is there, below an address that changes with what is in it."""
    async with drawing(ScriptedReader()) as http:
        page = (await http.get("/draw")).text
        wanted = set(re.findall(r'(?:href|src)="(/[^"]+)"', page))
        assert {path.rsplit("/", 1)[1] for path in wanted} >= {"draw.js", "theme.css", "icon.svg"}
        folder = next(iter(wanted)).rsplit("/", 1)[0]
        for module in PAGE.glob("*.js"):
            wanted |= {f"{folder}/{name}" for name in re.findall(r'from "\./([^"]+)"', module.read_text())}
        for path in wanted:
            response = await http.get(path)
            assert response.status_code == 200, path
            assert "immutable" in response.headers["cache-control"]
            assert response.headers["x-content-type-options"] == "nosniff"
        assert (await http.get(f"{folder}/../draw.py")).status_code == 404


@pytest.mark.parametrize("path", sorted(PAGE.iterdir()), ids=lambda path: path.name)
def test_the_page_loads_nothing_from_elsewhere(path: Path) -> None:
    """No address but those in comments and of XML's name spaces."""
    code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"https?://[^\s\"']+", code)) <= {"http://www.w3.org/2000/svg"}
