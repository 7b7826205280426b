"""What people write with digits: numbers, sums, dates, prices, lists. Training side.

A phrase is a string of one character a thing: `0` stands for any digit, `o` for a nought, `a` for any letter or other
sign, `w` for a word, one of `NAMED` for that letter or sign, `^` raises the digits that follow it, a space is a gap,
every other character is a sign of `signs.SIGNS`.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

NAMED: Final = frozenset("$kgmclhinxy")
"""Other writing that stands beside digits so often that it is drawn as itself: alone, some of it could be a digit."""
_UNITS: Final = ("kg", "g", "km", "m", "cm", "mm", "l", "ml", "h", "min")

_Random = np.random.Generator


def phrase(random: _Random) -> str:
    """Make up what stands in one line."""
    make = _KINDS[int(random.choice(len(_KINDS), p=_SHARES))][0]
    return make(random)


def mixed(random: _Random) -> str:
    """Make up a line in which something stands beside digits that could be one: money, a unit, a slash, an x."""
    make = (_price, _unit, _unit, _fraction, _date, _formula, _bracketed)[int(random.integers(7))]
    return make(random)


def _number(random: _Random, most: int = 8) -> str:
    return "0" * int(random.integers(1, most + 1))


def _round(random: _Random) -> str:
    """A number that ends in noughts, as amounts do, and what people put behind one."""
    number = _number(random, 3) + "o" * int(random.integers(1, 5))
    return number + str(random.choice(["", "", "", "-", "=", ".-", "/-", ".oo"]))


def long_sum(random: _Random) -> str:
    """A line of arithmetic without spaces or with them."""
    gap = " " if random.random() < 0.5 else ""
    parts = [_number(random, 3)]
    for _ in range(int(random.integers(2, 7))):
        parts += [_operator(random), _number(random, 3)]
    return gap.join(parts)


def _groups(random: _Random) -> str:
    return " ".join(_number(random, 4) for _ in range(int(random.integers(2, 5))))


def _spread(random: _Random) -> str:
    """Digits one by one, well apart."""
    return " ".join("0" * int(random.integers(2, 8)))


def _operator(random: _Random) -> str:
    return str(random.choice(list("++++---×××÷/:")))


def _sum(random: _Random) -> str:
    gap = " " if random.random() < 0.25 else ""
    parts = [_number(random, 3)]
    for _ in range(int(random.choice([1, 1, 1, 2, 2, 3]))):
        term = _number(random, 3)
        if random.random() < 0.15:
            term = f"({_number(random, 2)}{_operator(random)}{_number(random, 2)})"
        if random.random() < 0.06:
            term += "^0"
        parts += [_operator(random), term]
    end = random.choice(["", "=", "="]) + ("0" * int(random.integers(1, 4)) if random.random() < 0.6 else "")
    return gap.join([*parts, end]) if "=" in end else gap.join(parts)


def _formula(random: _Random) -> str:
    name = str(random.choice(list("axxxy")))
    first = f"{_number(random, 2)}{name}{random.choice(['', '^0'])}"
    return f"{first}{_operator(random)}{_number(random, 2)}{random.choice(['', name])}={_number(random, 2)}"


def _date(random: _Random) -> str:
    mark = str(random.choice(list("//..--")))
    year = random.choice(["00", "0000"])
    return mark.join([_number(random, 2), _number(random, 2), year])


def _time(random: _Random) -> str:
    return f"{_number(random, 2)}:00{random.choice(['', '', ':00'])}"


def _decimal(random: _Random) -> str:
    return f"{_number(random, 4)}{random.choice(list('..,'))}{_number(random, 3)}"


def _thousands(random: _Random) -> str:
    mark = str(random.choice(list(".,")))
    whole = _number(random, 3) + (mark + "000") * int(random.integers(1, 3))
    return whole + str(random.choice(["", "", ".00", ",00", "-", ".-", "=", ",-"]))


def _fraction(random: _Random) -> str:
    return f"{_number(random, 3)}/{_number(random, 3)}"


def _price(random: _Random) -> str:
    number = _decimal(random) if random.random() < 0.5 else _number(random, 4)
    money = str(random.choice(["a", "$", "$"]))
    return f"{money}{number}" if random.random() < 0.6 else f"{number}{random.choice(['', ' '])}{money}"


def _unit(random: _Random) -> str:
    unit = str(random.choice(_UNITS)) if random.random() < 0.6 else "a" * int(random.integers(1, 4))
    return f"{_number(random, 4)}{random.choice(['', ' '])}{unit}"


def _listed(random: _Random) -> str:
    return f"{_number(random, 2)}{random.choice(list('))).'))} {_number(random, 4)}{random.choice(['', '', ' w'])}"


def _bracketed(random: _Random) -> str:
    return f"({_number(random, 3)})"


def _percent(random: _Random) -> str:
    return f"{_number(random, 3)}{random.choice(['', '.0', ',0'])}%"


def _signed(random: _Random) -> str:
    return f"{random.choice(list('---+'))}{_number(random, 4)}"


def _worded(random: _Random) -> str:
    number = _number(random, 4)
    return str(
        random.choice([f"w {number}", f"{number} w", f"w: {number}", f"w{number}", f"w={number}", f"aa{number}"])
    )


_KINDS: Final[tuple[tuple[Callable[[_Random], str], float], ...]] = (
    (_number, 0.28), (_round, 0.05), (_groups, 0.05), (_spread, 0.06), (_sum, 0.17), (_formula, 0.06), (_date, 0.05),
    (_time, 0.03), (_decimal, 0.06), (_thousands, 0.05), (_fraction, 0.04), (_price, 0.06), (_unit, 0.06),
    (_listed, 0.03), (_bracketed, 0.02), (_percent, 0.02), (_signed, 0.03), (_worded, 0.04),
)  # fmt: skip
_SHARES: Final = np.array([share for _, share in _KINDS]) / sum(share for _, share in _KINDS)
