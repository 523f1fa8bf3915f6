"""Reads for several people at once.

Questions that arrive while earlier ones are being read are read together, as sends are committed
together (`chats.actions.group_commit`): a few statements for hundreds of people, in place of a few
statements for each.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

from apps.core.database import is_stale_statement
from apps.realtime.database import in_database
from apps.realtime.healer import ran_out_of_time, unavailable

Q = TypeVar("Q")
A = TypeVar("A")

MAX_QUESTIONS = 64
# Questions that arrive in a pause after a read are read together. No pause is longer than the read.
MAX_PAUSE_S = 0.005
# How long people who could not be read are asked alone, and how many of them are remembered.
ALONE_S = 60.0
MAX_FAILING = 1_000


class _Asked(NamedTuple, Generic[Q, A]):
    question: Q
    answer: asyncio.Future[A]


class GatheredReads(Generic[Q, A]):
    """A queue of questions, read in batches.

    `read` gets some questions and returns the answers to the first of them, at least to one; the
    others are asked again. An exception in place of an answer is for that question alone. When
    `read` itself raises, each question is asked alone, so that one which cannot be read does not
    fail the others, unless the database is away. Of questions that together ran out of time, each
    half is read first: it may be that they were only too many. Questions of a person who cannot be
    read alone either are asked alone for a while, so that others are not read twice because of
    them.

    `who`: whose question it is. `at_once`: how many batches are read at the same time; one question
    alone may be read in addition. All kinds together leave some threads to commands.
    """

    def __init__(
        self,
        read: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]],
        *,
        who: Callable[[Q], Hashable],
        at_once: int = 1,
    ) -> None:
        self._read = read
        self._who = who
        self._at_once = at_once
        # How many are asked at once. Fewer after not all of them were answered.
        self._most = MAX_QUESTIONS
        self._waiting: deque[_Asked[Q, A]] = deque()
        self._alone: deque[_Asked[Q, A]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._running_alone: set[asyncio.Task[None]] = set()
        # People who could not be read, and until when they are asked alone.
        self._failing: dict[Hashable, float] = {}

    async def ask(self, question: Q) -> A:
        """The answer. A question whose caller is cancelled before its turn is never read."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        alone = self._failing.get(self._who(question), 0.0) > loop.time()
        (self._alone if alone else self._waiting).append(_Asked(question, answer))
        self._start()
        return await answer

    def _start(self) -> None:
        while len(self._running) < self._at_once and (batch := _take(self._waiting, self._most)):
            self._begin(batch, self._running)
        if not self._running_alone and (batch := _take(self._alone, 1)):
            self._begin(batch, self._running_alone)

    def _begin(self, batch: list[_Asked[Q, A]], running: set[asyncio.Task[None]]) -> None:
        def ended(task: asyncio.Task[None]) -> None:
            running.discard(task)
            self._start()

        task = asyncio.ensure_future(self._run(batch))
        running.add(task)
        task.add_done_callback(ended)

    async def _run(self, batch: list[_Asked[Q, A]]) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._answer(batch)
        if len(self._waiting) < self._most:
            # Without a pause, many small batches would take most of the processor's time.
            await asyncio.sleep(min(loop.time() - began, MAX_PAUSE_S))

    async def _answer(self, batch: list[_Asked[Q, A]], *, halved: bool = False) -> None:
        try:
            answers = await self._read([each.question for each in batch])
        except Exception as error:
            if len(batch) > 2 and not halved and ran_out_of_time(error):
                middle = len(batch) // 2
                await self._answer(batch[:middle], halved=True)
                await self._answer(batch[middle:], halved=True)
            elif len(batch) > 1 and not unavailable(error):
                self._alone.extend(batch)
                self._start()
            else:
                self._failed(batch, error)
            return
        for each, answer in zip(batch, answers, strict=False):
            if isinstance(answer, Exception):
                _fail(each.answer, answer)
            elif not each.answer.done():
                each.answer.set_result(answer)
        unanswered = batch[len(answers) :]
        self._waiting.extendleft(reversed(unanswered))
        self._most = len(answers) if unanswered else min(2 * self._most, MAX_QUESTIONS)

    def _failed(self, batch: list[_Asked[Q, A]], error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        if not (unavailable(error) or is_stale_statement(error)):
            self._failing = {who: until for who, until in self._failing.items() if until > now}
            if len(self._failing) < MAX_FAILING:
                self._failing |= {self._who(each.question): now + ALONE_S for each in batch}
        for each in batch:
            _fail(each.answer, error)


def in_threads(
    read: Callable[[Sequence[Q]], Sequence[A | Exception]],
    *,
    who: Callable[[Q], Hashable],
    at_once: int = 1,
) -> GatheredReads[Q, A]:
    """Gathered reads by a function that asks PostgreSQL."""

    async def in_thread(questions: Sequence[Q]) -> Sequence[A | Exception]:
        return await in_database(read, questions)

    return GatheredReads(in_thread, who=who, at_once=at_once)


def _take(queue: deque[_Asked[Q, A]], most: int) -> list[_Asked[Q, A]]:
    """The first questions whose callers have not been cancelled."""
    batch: list[_Asked[Q, A]] = []
    while queue and len(batch) < most:
        asked = queue.popleft()
        if not asked.answer.done():
            batch.append(asked)
    return batch


def _fail(answer: asyncio.Future[A], error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
