"""Which process of `make test` takes which tests."""

from types import SimpleNamespace
from typing import Any

from xdist.remote import Producer

from tests.support.plugin import Scheduling

QUICK = [f"tests/chats/test_{name}.py::test_it" for name in "abcdef"]
WAITING = [f"tests/promises/test_{name}.py::test_it" for name in "abc"]


class Node:
    """A process of a run, and the tests it was given."""

    def __init__(self, number: int) -> None:
        self.gateway = SimpleNamespace(id=f"gw{number}")
        self.tests: list[str] = []
        self.shutting_down = False

    def send_runtest_some(self, indexes: list[int]) -> None:
        assert not self.shutting_down
        self.tests += [(QUICK + WAITING)[index] for index in indexes]

    def shutdown(self) -> None:
        self.shutting_down = True


def start(*, last_waits: bool) -> tuple[Any, list[Any]]:
    """A run with three processes, and these."""
    values = {"tx": ["3*popen"], "last_waits": last_waits}
    config = SimpleNamespace(
        getvalue=values.get, getoption=values.get, option=SimpleNamespace(loadscopereorder=False)
    )
    scheduling = Scheduling(config, Producer("test", enabled=False))
    nodes = [Node(number) for number in range(3)]
    for node in nodes:
        scheduling.add_node(node)
        scheduling.add_node_collection(node, QUICK + WAITING)
    scheduling.schedule()
    return scheduling, nodes


def finish_all(scheduling: Any, node: Any) -> None:
    """Run all tests of a process, and those that it is given meanwhile."""
    for test in node.tests:
        scheduling.mark_test_complete(node, (QUICK + WAITING).index(test))


def test_the_last_process_takes_only_tests_that_wait():
    scheduling, [one, other, last] = start(last_waits=True)
    finish_all(scheduling, last)
    assert last.tests == WAITING
    assert last.shutting_down
    finish_all(scheduling, one)
    assert sorted(one.tests + other.tests) == QUICK


def test_the_others_take_tests_that_wait_when_nothing_else_is_left():
    scheduling, [one, other, last] = start(last_waits=True)
    finish_all(scheduling, one)
    assert one.tests[-1] == WAITING[-1]
    assert sorted(one.tests + other.tests + last.tests) == sorted(QUICK + WAITING)


def test_without_the_option_every_process_takes_any_test():
    _, nodes = start(last_waits=False)
    assert [node.tests for node in nodes] == [[QUICK[n], QUICK[n + 3]] for n in range(3)]
