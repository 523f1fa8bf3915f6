"""The sliding window: exact across threads, looser but present without Redis."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import uuid4

import pytest

from apps.core import limits, token_bucket
from apps.core.errors import RateLimited
from apps.core.limits import Limit, check, check_all, limited

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
    limits._in_process.redis_away_until = 0.0


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


def test_many_uses_fit_together_or_not_at_all(limit):
    check(limit, "alice", uses=2)
    with pytest.raises(RateLimited):
        check(limit, "alice", uses=2)
    check(limit, "alice")
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice", uses=4)
    assert 58 < refused.value.retry_after <= 60


def test_of_several_keys_none_is_counted_when_one_has_no_room(limit):
    assert uses(limit, "alice", 3) == 3
    with pytest.raises(RateLimited):
        check_all(limit, ["bob", "alice"])
    assert uses(limit, "bob", 5) == 3


def test_without_redis_the_process_counts_for_itself(without_redis, limit):
    assert uses(limit, "alice", 5) == 3
    assert uses(limit, "bob", 5) == 3
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice")
    assert 18 < refused.value.retry_after <= 20
    with pytest.raises(RateLimited):
        check_all(limit, ["charlie", "alice"])


def test_without_redis_memory_stays_bounded(without_redis, limit, monkeypatch):
    monkeypatch.setattr(limits, "MAX_KEYS", 50)
    for number in range(200):
        check(limit, number)
    assert len(limits._in_process._buckets[limit.name]) == 50


def test_a_hot_limit_asks_nobody_and_forgets_those_who_are_quiet(limit, monkeypatch):
    def ask(*_):
        raise AssertionError("Redis was asked")

    clock = iter([0.0] * 100)
    monkeypatch.setattr(limits, "_acquire_shared", ask)
    monkeypatch.setattr(token_bucket, "monotonic", lambda: next(clock))
    hot = limit._replace(in_process=True)
    assert uses(hot, "alice", 5) == 3
    assert uses(hot, "bob", 5) == 3
    clock = iter([1000.0] * 100)
    check(hot, "charlie")
    assert list(limits._in_process._buckets[hot.name]) == ["charlie"]


def test_a_limited_action_counts_for_its_person_before_it_does_anything(limit):
    done = []

    @limited(limit)
    def act(person, what, *, again=False):
        done.append((person, what, again))
        return len(done)

    alice = uuid4()
    assert [act(alice, "a"), act(alice, "b", again=True), act(alice, "c")] == [1, 2, 3]
    with pytest.raises(RateLimited):
        act(alice, "d")
    assert act(uuid4(), "e") == 4
    assert act.limits == (limit,)
