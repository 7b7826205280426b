import asyncio
import contextlib

import pytest
from starlette.requests import Request

from bot.web.draw_limits import ClientLimits, Turns
from bot.web.draw_png import Refused


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        """The time."""
        return self.now_s


def a_request(host: str = "203.0.113.5") -> Request:
    """A request from an address."""
    return Request({"type": "http", "method": "POST", "headers": [], "client": (host, 40000)})


def times(limits: ClientLimits, request: Request, tries: int) -> int:
    """How many of so many requests, one after the other, are let in."""
    entered = 0
    for _ in range(tries):
        with contextlib.suppress(Refused), limits.entered(request):
            entered += 1
    return entered


def test_a_thousand_drawings_a_second_are_cut_to_the_burst() -> None:
    """A flood gets what the bucket holds, and no more until time passes."""
    limits = ClientLimits(Clock(), per_second=20, burst=120)
    assert times(limits, a_request(), 1000) == 120


def test_a_flooder_gets_a_few_more_each_second() -> None:
    """Tokens come back at their rate and never beyond the burst."""
    clock = Clock()
    limits = ClientLimits(clock, per_second=20, burst=120)
    times(limits, a_request(), 1000)
    clock.now_s += 1
    assert times(limits, a_request(), 1000) == 20
    clock.now_s += 1000
    assert times(limits, a_request(), 1000) == 120


def test_a_refusal_says_when_to_come_again() -> None:
    """429, the seconds in Retry-After, and a sentence."""
    limits = ClientLimits(Clock(), per_second=0.25, burst=1)
    times(limits, a_request(), 1)
    with pytest.raises(Refused, match="Wait 4 s") as refused, limits.entered(a_request()):
        pass
    response = refused.value.response()
    assert (response.status_code, response.headers["retry-after"]) == (429, "4")


def test_other_clients_do_not_feel_a_flood() -> None:
    """Each client has a bucket of its own."""
    limits = ClientLimits(Clock(), burst=120)
    times(limits, a_request(), 1000)
    assert times(limits, a_request("203.0.113.6"), 10) == 10


def test_drawings_at_once_are_few() -> None:
    """One client waits for a few answers at once, not for a hundred; an answer makes room."""
    limits = ClientLimits(Clock(), at_once=2)
    with limits.entered(a_request()):
        with limits.entered(a_request()):
            assert times(limits, a_request(), 1) == 0
            assert times(limits, a_request("203.0.113.6"), 1) == 1
        assert times(limits, a_request(), 1) == 1


def test_a_failure_makes_room_too() -> None:
    """Whatever becomes of a request, it counts no longer."""
    limits = ClientLimits(Clock(), at_once=1)
    with pytest.raises(ValueError, match="broken"), limits.entered(a_request()):
        raise ValueError("broken")
    assert times(limits, a_request(), 1) == 1


def test_the_addresses_of_one_customer_are_one_client() -> None:
    """An IPv6 customer has 2 to the 64 addresses, and one bucket."""
    limits = ClientLimits(Clock(), burst=3)
    assert sum(times(limits, a_request(f"2001:db8:1:1::{number:x}"), 1) for number in range(10)) == 3
    assert times(limits, a_request("2001:db8:1:2::1"), 10) == 3


def test_an_ipv4_address_in_ipv6s_clothes_is_itself() -> None:
    """A listener on both kinds of address tells IPv4 customers apart."""
    limits = ClientLimits(Clock(), burst=3)
    assert times(limits, a_request("::ffff:203.0.113.5"), 10) == 3
    assert times(limits, a_request("203.0.113.5"), 10) == 0
    assert times(limits, a_request("::ffff:203.0.113.6"), 10) == 3


def test_clients_are_forgotten_when_they_are_too_many() -> None:
    """Memory is bounded: the client who was quiet longest goes first, and starts anew."""
    limits = ClientLimits(Clock(), burst=1)
    times(limits, a_request(), 1)
    for number in range(10_000):
        times(limits, a_request(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"), 1)
    assert times(limits, a_request(), 1) == 1


async def finish_in_turn(turns: Turns, clients: str) -> str:
    """Have each letter's client wait for a turn while somebody has it, and give the order in which they had it."""
    order = []

    async def take(client: str) -> None:
        async with turns.taken(client):
            order.append(client)

    async with turns.taken("somebody"):
        tasks = [asyncio.create_task(take(client)) for client in clients]
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    return "".join(order)


async def test_who_waits_for_one_turn_does_not_wait_for_all_of_anothers() -> None:
    """A client with many drawings waiting lets each other client in between."""
    assert await finish_in_turn(Turns(1), "aaaabbc") == "abcabaa"


async def test_a_turn_that_nobody_waits_for_is_there_again() -> None:
    """Turns come back, and as many as there are run at once."""
    turns = Turns(2)
    assert await finish_in_turn(turns, "ab") == "ab"
    async with turns.taken("a"), turns.taken("a"):
        third = asyncio.create_task(finish_in_turn(turns, "c"))
        await asyncio.sleep(0)
        assert not third.done()
    assert await third == "c"


async def test_who_goes_away_while_waiting_holds_nobody_up() -> None:
    """A request that is given up, before its turn or just as it comes, passes the turn on."""
    turns = Turns(1)
    async with turns.taken("a"):
        gone = asyncio.create_task(finish_in_turn(turns, "b"))
        just_now = asyncio.create_task(finish_in_turn(turns, "c"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    just_now.cancel()  # its turn has come, and it has not run since
    await asyncio.gather(gone, just_now, return_exceptions=True)
    assert await finish_in_turn(turns, "d") == "d"
