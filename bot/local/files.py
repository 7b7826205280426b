"""The files of the chats, in memory and bounded: the oldest are forgotten."""

import mimetypes
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024  # the Bot API's limit for getFile
_MAX_TOTAL_BYTES = 40 * 1024 * 1024  # the whole bot stays small: a photo with its sizes is about 0.4 MB

# Not the machine's table, which differs from one to the next; phones' formats that the standard one lacks are added.
_TYPES = mimetypes.MimeTypes()
for _type, _ending in (
    ("image/heic", ".heic"),
    ("image/heif", ".heif"),
    ("image/webp", ".webp"),
    ("image/avif", ".avif"),
):
    _TYPES.add_type(_type, _ending)
_TYPES.add_type("application/x-tgsticker", ".tgs")


def mime_type(name: str) -> str:
    """What a client would claim a file of this name to be."""
    return _TYPES.guess_type(name, strict=False)[0] or "application/octet-stream"


@dataclass(eq=False)
class StoredFile:
    """One file. `data` is None where the file is too large to be downloaded by the bot: it would only take memory."""

    file_id: str
    file_unique_id: str
    path: str  # as getFile names it
    mime: str
    name: str
    size: int
    data: bytes | None


@dataclass(eq=False)
class Bundle:
    """The files of one piece of media (all sizes of a photo), kept and forgotten together.

    `kind` and `media` are the field and value of the message that carries it.
    """

    kind: str = ""
    media: Any = None
    files: list[StoredFile] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """The memory it takes."""
        return sum(len(file.data) for file in self.files if file.data is not None)


class FileStore:
    """At most `keep` pieces of media and 40 MiB; the newest piece is always kept."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._bundles: OrderedDict[int, Bundle] = OrderedDict()
        self._by_id: dict[str, tuple[StoredFile, Bundle]] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._count = 0

    def make(
        self, folder: str, name: str, data: bytes | None, *, size: int | None = None, mime: str = ""
    ) -> StoredFile:
        """Name a file; it is kept once its bundle is added."""
        self._count += 1
        ending = name[name.rfind(".") :] if "." in name else ""
        ending = ending if ending[1:].isalnum() and ending.isascii() else ""
        return StoredFile(
            file_id=f"Loc{secrets.token_urlsafe(36)}",
            file_unique_id=f"Un{secrets.token_urlsafe(9)}",
            path=f"{folder}/file_{self._count}{ending}",
            mime=mime or mime_type(name),
            name=name,
            size=len(data) if data is not None else size or 0,
            data=data,
        )

    def add(self, bundle: Bundle) -> None:
        """Keep a bundle, and forget the oldest ones over the limits."""
        self._count += 1
        self._bundles[self._count] = bundle
        for file in bundle.files:
            self._by_id[file.file_id] = (file, bundle)
            self._by_path[file.path] = file
        while len(self._bundles) > 1 and (len(self._bundles) > self._keep or self.bytes > _MAX_TOTAL_BYTES):
            _, old = self._bundles.popitem(last=False)
            for file in old.files:
                del self._by_id[file.file_id], self._by_path[file.path]
                file.data = None  # messages still hold the bundle, the memory is free

    @property
    def bytes(self) -> int:
        """The memory that the kept files take."""
        return sum(bundle.bytes for bundle in self._bundles.values())

    def get(self, file_id: str) -> StoredFile | None:
        """The file, or None once it is forgotten."""
        found = self._by_id.get(file_id)
        return found[0] if found else None

    def bundle(self, file_id: str) -> Bundle | None:
        """The media that the file is part of, or None once it is forgotten."""
        found = self._by_id.get(file_id)
        return found[1] if found else None

    def at(self, path: str) -> StoredFile | None:
        """The file at a path that getFile gave."""
        return self._by_path.get(path)
