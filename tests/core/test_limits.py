"""Rate limits: exact across threads, looser but still present without Redis."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import uuid4

import pytest

from apps.core import limit_counts, limits, token_bucket
from apps.core.errors import RateLimited
from apps.core.limits import Limit, check, check_all, limited
from apps.core.redis_script import redis_script

numbers = count()


@pytest.fixture
def limit():
    """A limit that no other test has counted."""
    return Limit(f"test{next(numbers)}", amount=3, seconds=60)


@pytest.fixture
def without_redis(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    redis_script.cache_clear()
    yield
    redis_script.cache_clear()
    limit_counts.in_process.redis_away_until = 0.0


def uses(limit, key, tries):
    done = 0
    for _ in range(tries):
        try:
            check(limit, key)
            done += 1
        except RateLimited:
            continue
    return done


def test_the_amount_fits_and_the_next_use_is_refused_with_a_wait(limit):
    assert uses(limit, "alice", 3) == 3
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice")
    assert 58 < refused.value.retry_after <= 60


def test_keys_and_limits_are_counted_separately(limit):
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


def test_concurrent_uses_get_exactly_the_amount(limit):
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: uses(limit, "alice", 5), range(16))) == 3


def test_several_uses_are_counted_all_or_none(limit):
    check(limit, "alice", uses=2)
    with pytest.raises(RateLimited):
        check(limit, "alice", uses=2)
    check(limit, "alice")
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice", uses=4)
    assert 58 < refused.value.retry_after <= 60


def test_no_key_is_counted_when_one_of_several_has_no_room(limit):
    assert uses(limit, "alice", 3) == 3
    with pytest.raises(RateLimited):
        check_all(limit, ["bob", "alice"])
    assert uses(limit, "bob", 5) == 3


def test_without_redis_limits_are_counted_in_process(without_redis, limit):
    assert uses(limit, "alice", 5) == 3
    assert uses(limit, "bob", 5) == 3
    with pytest.raises(RateLimited) as refused:
        check(limit, "alice")
    assert 18 < refused.value.retry_after <= 20
    with pytest.raises(RateLimited):
        check_all(limit, ["charlie", "alice"])


def test_without_redis_the_number_of_keys_is_bounded(without_redis, limit, monkeypatch):
    monkeypatch.setattr(limit_counts, "MAX_KEYS", 50)
    for number in range(200):
        check(limit, number)
    assert len(limit_counts.in_process._buckets[limit.name]) == 50


def test_an_in_process_limit_does_not_use_redis_and_drops_full_buckets(limit, monkeypatch):
    def ask(*_):
        raise AssertionError("Redis was asked")

    clock = iter([0.0] * 100)
    monkeypatch.setattr(limits, "acquire_shared", ask)
    monkeypatch.setattr(token_bucket, "monotonic", lambda: next(clock))
    limit = limit._replace(in_process=True)
    assert uses(limit, "alice", 5) == 3
    assert uses(limit, "bob", 5) == 3
    clock = iter([1000.0] * 100)
    check(limit, "charlie")
    assert list(limit_counts.in_process._buckets[limit.name]) == ["charlie"]


def test_a_limited_action_counts_for_its_person_before_it_runs(limit):
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
