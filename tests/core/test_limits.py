"""The sliding window: exact across threads, looser but present without Redis."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from apps.core import limits
from apps.core.errors import RateLimited
from apps.core.limits import Limit, check

numbers = count()


@pytest.fixture
def limit():
    """A limit of its own: what other tests counted does not matter."""
    return Limit(f"test{next(numbers)}", amount=3, seconds=60)


@pytest.fixture
def without_redis(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    limits._script.cache_clear()
    yield
    limits._script.cache_clear()
    limits._local.away_until = 0.0


def uses(limit, key, tries):
    done = 0
    for _ in range(tries):
        try:
            check(limit, key)
            done += 1
        except RateLimited:
            continue
    return done


def test_the_amount_fits_and_the_next_is_told_how_long_to_wait(limit):
    assert uses(limit, "alice", 3) == 3
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice")
    assert 58 < refused.value.retry_after <= 60


def test_keys_and_limits_do_not_count_for_each_other(limit):
    assert uses(limit, "alice", 5) == 3
    assert uses(limit, "bob", 5) == 3
    assert uses(limit._replace(name=f"other{next(numbers)}"), "alice", 5) == 3


def test_refused_uses_do_not_lengthen_the_wait_and_the_window_slides(limit):
    short = limit._replace(seconds=0.2)
    assert uses(short, "alice", 3) == 3
    with pytest.raises(RateLimited) as first:
        check(short, "alice")
    for _ in range(10):
        with pytest.raises(RateLimited) as last:
            check(short, "alice")
    assert last.value.retry_after <= first.value.retry_after
    while uses(short, "alice", 1) == 0:
        pass
    assert uses(short, "alice", 10) < 10


def test_many_at_once_get_exactly_the_amount(limit):
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: uses(limit, "alice", 5), range(16))) == 3


def test_without_redis_the_process_counts_for_itself(without_redis, limit):
    assert uses(limit, "alice", 5) == 3
    assert uses(limit, "bob", 5) == 3
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice")
    assert 58 < refused.value.retry_after <= 60


def test_without_redis_memory_stays_bounded(without_redis, limit, monkeypatch):
    monkeypatch.setattr(limits, "REMEMBERED_KEYS", 50)
    for number in range(200):
        check(limit, number)
    assert len(limits._local._uses) == 50
