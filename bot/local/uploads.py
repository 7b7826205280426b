"""From an uploaded file to the media of a message: photo, document, sticker or animation.

Telegram turns an animated GIF that is sent as a file into an animation: a soundless MP4 with a JPEG thumbnail. Here the
message has the same fields (`animation` with its `thumbnail`, and `document` with the same file_id, as in Telegram),
yet the file behind them stays the GIF, byte for byte, and is called image/gif: no video encoder is needed, and whoever
reads the bytes finds what the type says.
"""

import asyncio
from typing import Any

from starlette.datastructures import UploadFile

from bot.local.files import MAX_DOWNLOAD_BYTES, Bundle, FileStore, StoredFile
from bot.local.pictures import MAX_PHOTO_BYTES, NotAPhoto, Size, gif_preview, photo_sizes, sticker_size

_ANIMATED = {".tgs": "is_animated", ".webm": "is_video"}


class Uploads:
    """Makes media of uploads. Pictures are decoded in a thread, one at a time: that bounds the memory."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._turn = asyncio.Lock()

    async def make(self, kind: str, upload: UploadFile) -> Bundle:
        """The stored media of `kind` ("photo", "document" or "sticker"). Raises `NotAPhoto`."""
        bundle = await {"photo": self._photo, "document": self._document, "sticker": self._sticker}[kind](upload)
        self._files.add(bundle)
        return bundle

    async def _photo(self, upload: UploadFile) -> Bundle:
        if (upload.size or 0) > MAX_PHOTO_BYTES:
            raise NotAPhoto("the photo is over 10 MB: send it as a file")
        data = await upload.read()
        async with self._turn:
            sizes = await asyncio.to_thread(photo_sizes, data)
        bundle = Bundle(kind="photo", media=[])
        for size in sizes:
            file = self._size(size, "photos")
            bundle.files.append(file)
            bundle.media.append(_photo_size(file, size))
        return bundle

    async def _document(self, upload: UploadFile) -> Bundle:
        name = _plain_name(upload.filename)
        too_big = (upload.size or 0) > MAX_DOWNLOAD_BYTES
        data = None if too_big else await upload.read()
        file = self._files.make("documents", name, data, size=upload.size)
        document: dict[str, Any] = {**_ids(file), "file_name": name, "mime_type": file.mime}
        bundle = Bundle(kind="document", media=document, files=[file])
        if data is not None and data[:4] == b"GIF8":
            async with self._turn:
                preview = await asyncio.to_thread(gif_preview, data)
            if preview:
                thumbnail, (width, height), duration_s = preview
                still = self._size(thumbnail, "thumbnails")
                bundle.files.append(still)
                document["thumbnail"] = _photo_size(still, thumbnail)
                bundle.kind = "animation"
                bundle.media = {**document, "width": width, "height": height, "duration": round(duration_s)}
        return bundle

    async def _sticker(self, upload: UploadFile) -> Bundle:
        name = _plain_name(upload.filename)
        if (upload.size or 0) > MAX_PHOTO_BYTES:
            raise NotAPhoto("a sticker must be a WebP picture, a .tgs or a .webm")
        data = await upload.read()
        flags = {"is_animated": False, "is_video": False}
        flag = _ANIMATED.get(name[name.rfind(".") :].lower())
        if flag:
            flags[flag] = True
            width = height = 512
        else:
            width, height = await asyncio.to_thread(sticker_size, data)
        file = self._files.make("stickers", name, data, mime="" if flag else "image/webp")
        media = {**_ids(file), "type": "regular", "width": width, "height": height, **flags}
        return Bundle(kind="sticker", media=media, files=[file])

    def _size(self, size: Size, folder: str) -> StoredFile:
        return self._files.make(folder, "photo.jpg", size.jpeg)


def _ids(file: StoredFile) -> dict[str, Any]:
    return {"file_id": file.file_id, "file_unique_id": file.file_unique_id, "file_size": file.size}


def _photo_size(file: StoredFile, size: Size) -> dict[str, Any]:
    return {**_ids(file), "width": size.width, "height": size.height}


def _plain_name(name: str | None) -> str:
    """The last part of a file name, printable and of a sane length."""
    base = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in base if letter.isprintable())[-200:] or "file"
