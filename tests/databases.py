"""SQLite databases that have the newest schema: one is migrated, all others are its copies, in a tenth of the time."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from bot.store import Store

_migrated: list[sqlite3.Connection] = []


async def copy_migrated(target: sqlite3.Connection) -> None:
    """Copy the migrated database of this process, which is made first when it is not there yet, to a new one."""
    if not _migrated:
        template, url = in_memory()
        store = Store(url, Path(), bot="template")
        await store.open()
        await store.close()
        _migrated.append(template)
    _migrated[0].backup(target)


def in_memory() -> tuple[sqlite3.Connection, str]:
    """An empty database in memory, which lives until the connection is closed, and the URL for a store."""
    name = f"file:{uuid.uuid4().hex}?mode=memory&cache=shared"
    return sqlite3.connect(name, uri=True), f"sqlite:///{name}&uri=true"


async def migrated_file(path: Path) -> str:
    """Make a file with the newest schema; the URL for a store."""
    with closing(sqlite3.connect(path)) as database:
        await copy_migrated(database)
    return f"sqlite:///{path}"
