"""Questions that wait are read together, and a bad one delays no other."""

import asyncio
import threading

from django.db import DataError, NotSupportedError, OperationalError
from psycopg import errors

from apps.core.errors import NotFound
from apps.realtime.gathered_reads import MAX_QUESTIONS, in_threads


class Reads:
    """Records which questions were read together. The first read lasts until `go` is set."""

    def __init__(self, answer=str):
        self.batches = []
        self.go = threading.Event()
        self.answer = answer
        self.gathered = in_threads(self._read, who=lambda question: question, at_once=2)

    def _read(self, questions):
        self.batches.append(list(questions))
        assert self.go.wait(30)
        return [self.answer(each) for each in questions]

    async def ask(self, *questions):
        """The answers, of which an exception is one."""
        asked = [asyncio.ensure_future(self.gathered.ask(each)) for each in questions]
        await asyncio.sleep(0)
        self.go.set()
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_questions_that_wait_are_read_together():
    reads = Reads()
    assert await reads.ask(*range(200)) == [str(n) for n in range(200)]
    sizes = [len(batch) for batch in reads.batches]
    # Two are read at once; the others wait for them.
    assert sizes[:2] == [1, 1]
    assert max(sizes) == MAX_QUESTIONS
    assert len(sizes) == 2 + -(-198 // MAX_QUESTIONS)


async def test_a_question_whose_caller_went_away_is_not_read():
    reads = Reads()
    first = [asyncio.ensure_future(reads.gathered.ask(n)) for n in range(4)]
    await asyncio.sleep(0)
    first[2].cancel()
    reads.go.set()
    await asyncio.gather(*first, return_exceptions=True)
    assert await reads.gathered.ask(9) == "9"
    assert not any(2 in batch for batch in reads.batches)


async def test_an_exception_is_for_its_question_alone():
    def answer(n):
        return NotFound() if n == 3 else n

    found = await Reads(answer).ask(*range(6))
    assert isinstance(found[3], NotFound)
    assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]


async def test_a_read_that_fails_is_repeated_for_each_question():
    def answer(n):
        if n == 3:
            raise DataError("a row that cannot be read")
        return n

    reads = Reads(answer)
    found = await reads.ask(*range(6))
    assert isinstance(found[3], DataError)
    assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]


async def test_a_question_that_cannot_be_read_does_not_make_others_be_read_twice():
    """A batch fails once because of it. From then on it is asked alone, beside the others."""

    def answer(n):
        if n == 3:
            raise DataError("a row that cannot be read")
        return n

    reads = Reads(answer)
    await reads.ask(*range(6))
    reads.batches.clear()
    for _ in range(2):
        found = await reads.ask(*range(6))
        assert isinstance(found[3], DataError)
        assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]
    assert sorted(n for batch in reads.batches for n in batch) == sorted([*range(6)] * 2)
    assert all(batch == [3] for batch in reads.batches if 3 in batch)


async def test_a_question_that_cannot_be_read_delays_no_others():
    stuck = threading.Event()

    def answer(n):
        if n == 3:
            assert stuck.wait(30)
            raise DataError("a statement that ran out of time")
        return n

    reads = Reads(answer)
    stuck.set()
    await reads.ask(3)
    stuck.clear()
    slow = asyncio.ensure_future(reads.ask(3))
    assert await reads.ask(*range(3)) == [0, 1, 2]
    assert not slow.done()
    stuck.set()
    [error] = await slow
    assert isinstance(error, DataError)


async def test_nobody_is_asked_alone_because_of_a_stale_statement():
    def answer(n):
        if len(reads.batches) == 1:
            raise NotSupportedError from errors.FeatureNotSupported()
        return n

    reads = Reads(answer)
    [found] = await reads.ask(1)
    assert isinstance(found, NotSupportedError)
    assert await reads.ask(*range(4)) == [*range(4)]
    assert not reads.gathered._failing


class Slow:
    """Reads of several questions that run out of time when there are `too_many`, or one of them is
    `slow`."""

    def __init__(self, *, too_many=100, slow=()):
        self.batches = []
        self.gathered = in_threads(self._read, who=lambda question: question)
        self._too_many = too_many
        self._slow = set(slow)

    def _read(self, questions):
        self.batches.append(len(questions))
        if len(questions) >= self._too_many or self._slow & set(questions):
            raise OperationalError from errors.QueryCanceled()
        return questions

    async def ask(self, count):
        asked = map(self.gathered.ask, range(count))
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_of_questions_that_together_ran_out_of_time_each_half_is_read():
    reads = Slow(too_many=40)
    assert await reads.ask(61) == list(range(61))
    # The first is read alone, as nothing is being read.
    assert reads.batches == [1, 60, 30, 30]


async def test_a_half_that_runs_out_of_time_as_well_is_asked_one_by_one():
    reads = Slow(slow=[7])
    found = await reads.ask(13)
    assert isinstance(found.pop(7), OperationalError)
    assert found == [n for n in range(13) if n != 7]
    assert sorted(reads.batches) == [1] * 7 + [6, 6, 12]


async def test_no_question_is_repeated_while_the_database_is_away():
    def away(n):
        raise OperationalError("the server closed the connection")

    reads = Reads(away)
    assert all(isinstance(each, OperationalError) for each in await reads.ask(*range(6)))
    assert [len(batch) for batch in reads.batches] == [1, 1, 4]


async def test_questions_without_an_answer_are_asked_again():
    batches = []

    def first_two(questions):
        batches.append(len(questions))
        return list(questions)[:2]

    gathered = in_threads(first_two, who=lambda question: question, at_once=2)
    assert await asyncio.gather(*map(gathered.ask, range(40))) == list(range(40))
    # Fewer are asked after that, so that none is read without being answered.
    assert batches[3] <= 4
    assert len(batches) < 30
