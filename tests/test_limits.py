from bot.limits import ReadingLimit


def test_a_reading_over_the_limit_waits_until_the_window_has_moved() -> None:
    """Two a minute: the third is told the seconds until the first is a minute old, and then taken."""
    now = [100.0]
    limit = ReadingLimit(2, lambda: now[0])
    assert [limit.take(1), limit.take(1)] == [0, 0]
    now[0] = 130.0
    assert limit.take(1) == 30.0
    now[0] = 160.0
    assert limit.take(1) == 0


def test_people_do_not_use_up_each_others_readings() -> None:
    """One person at the limit leaves another's readings alone."""
    limit = ReadingLimit(1, lambda: 0.0)
    assert limit.take(1) == 0
    assert limit.take(1) > 0
    assert limit.take(2) == 0


def test_a_refused_reading_is_not_counted() -> None:
    """Somebody who keeps trying is let in as soon as the window has moved."""
    now = [0.0]
    limit = ReadingLimit(1, lambda: now[0])
    limit.take(1)
    for now[0] in (10.0, 30.0, 59.0):
        assert limit.take(1) > 0
    now[0] = 60.0
    assert limit.take(1) == 0
