"""One alone inside, or many outside."""

import asyncio

from bot.updates.quarantine import Quarantine


class Visitor:
    """Somebody who goes in when told to, and out again."""

    def __init__(self, quarantine: Quarantine, *, alone: bool = False) -> None:
        self.is_in = False
        self._leave = asyncio.Event()
        self._visit = asyncio.create_task(self._go(quarantine, alone=alone))

    async def _go(self, quarantine: Quarantine, *, alone: bool) -> None:
        async with quarantine.alone() if alone else quarantine.outside():
            self.is_in = True
            await self._leave.wait()
            self.is_in = False

    async def leave(self) -> None:
        """Go out."""
        self._leave.set()
        await self._visit
        await settled()


async def settled() -> None:
    """Let everybody who can move do so."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_many_are_outside_at_once() -> None:
    """Nobody waits for another one who is not suspected."""
    quarantine = Quarantine()
    visitors = [Visitor(quarantine) for _ in range(3)]
    await settled()
    assert all(one.is_in for one in visitors)
    for one in visitors:
        await one.leave()


async def test_the_suspect_waits_for_all_others_and_then_they_for_it() -> None:
    """Whoever comes after it waits behind it, so that it comes in however many come."""
    quarantine = Quarantine()
    first = Visitor(quarantine)
    await settled()
    suspect = Visitor(quarantine, alone=True)
    await settled()
    later = Visitor(quarantine)
    await settled()
    assert [one.is_in for one in (first, suspect, later)] == [True, False, False]
    await first.leave()
    assert [suspect.is_in, later.is_in] == [True, False]
    await suspect.leave()
    assert later.is_in
    await later.leave()


async def test_two_suspects_are_in_there_one_after_the_other() -> None:
    """One would be taken for the other."""
    quarantine = Quarantine()
    one, two = Visitor(quarantine, alone=True), Visitor(quarantine, alone=True)
    await settled()
    assert [one.is_in, two.is_in] == [True, False]
    await one.leave()
    assert two.is_in
    await two.leave()
