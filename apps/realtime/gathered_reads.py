"""Reads for several people at once.

Questions that arrive while earlier ones are being read are read together, as sends are committed
together (`chats.actions.group_commit`): a few statements for hundreds of people, in place of a few
statements for each.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from apps.realtime.healer import unavailable

Q = TypeVar("Q")
A = TypeVar("A")

MAX_QUESTIONS = 64


class _Asked(NamedTuple, Generic[Q, A]):
    question: Q
    answer: asyncio.Future[A]


class GatheredReads(Generic[Q, A]):
    """A queue of questions, read in batches.

    `read` gets some questions and returns the answers to the first of them, at least to one; the
    others are asked again. An exception in place of an answer is for that question alone. When
    `read` itself raises, each question is asked alone, so that one which cannot be read does not
    fail the others, unless the database is away.

    `at_once`: how many reads run at the same time. All kinds together leave some threads to
    commands.
    """

    def __init__(
        self, read: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]], *, at_once: int = 1
    ) -> None:
        self._read = read
        self._at_once = at_once
        # How many are asked at once. Fewer after not all of them were answered.
        self._most = MAX_QUESTIONS
        self._waiting: deque[_Asked[Q, A]] = deque()
        self._alone: deque[_Asked[Q, A]] = deque()
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """The answer. A question whose caller is cancelled before its turn is never read."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(question, answer))
        self._start()
        return await answer

    def _start(self) -> None:
        while len(self._running) < self._at_once and (batch := self._next_batch()):
            task = asyncio.ensure_future(self._answer(batch))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._start()

    def _next_batch(self) -> list[_Asked[Q, A]]:
        return _take(self._alone, 1) or _take(self._waiting, self._most)

    async def _answer(self, batch: list[_Asked[Q, A]]) -> None:
        try:
            answers = await self._read([each.question for each in batch])
        except Exception as error:
            if len(batch) > 1 and not unavailable(error):
                self._alone.extend(batch)
            else:
                for each in batch:
                    _fail(each.answer, error)
            return
        for each, answer in zip(batch, answers, strict=False):
            if isinstance(answer, Exception):
                _fail(each.answer, answer)
            elif not each.answer.done():
                each.answer.set_result(answer)
        unanswered = batch[len(answers) :]
        self._waiting.extendleft(reversed(unanswered))
        self._most = len(answers) if unanswered else min(2 * self._most, MAX_QUESTIONS)


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
