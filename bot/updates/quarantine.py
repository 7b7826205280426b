"""A room for what the bot may die of: while it is in there, nothing else is in hand that would die with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Quarantine:
    """Many may be outside at once, or one alone inside."""

    def __init__(self) -> None:
        self._outside = 0
        self._door = asyncio.Lock()
        self._deserted = asyncio.Event()
        self._deserted.set()

    @asynccontextmanager
    async def outside(self) -> AsyncIterator[None]:
        """Be one of many, once nobody is inside or waits to be."""
        async with self._door:
            self._outside += 1
            self._deserted.clear()
        try:
            yield
        finally:
            self._outside -= 1
            if not self._outside:
                self._deserted.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Be alone, once all who are outside have ended."""
        async with self._door:
            await self._deserted.wait()
            yield
