"""The checker must find what it is there to find."""

import pytest

from bench.load.sequence import SequenceCheck


def seen(*seqs: int, after: int = 0) -> SequenceCheck:
    sequence = SequenceCheck(after=after)
    for seq in seqs:
        sequence.add(seq)
    return sequence


def faults(sequence: SequenceCheck, *, acknowledged: range | list[int]) -> tuple[int, int, int]:
    return sequence.lost(acknowledged), sequence.duplicated, sequence.reordered


def test_finds_nothing_wrong_in_numbers_that_follow_each_other():
    assert faults(seen(1, 2, 3), acknowledged=range(1, 4)) == (0, 0, 0)


def test_counts_what_was_acknowledged_and_never_came():
    assert faults(seen(1, 2, 5), acknowledged=range(1, 7)) == (3, 0, 0)


def test_a_gap_that_nobody_was_promised_is_no_loss():
    assert faults(seen(10, 17, 40), acknowledged=[10, 17, 40]) == (0, 0, 0)


@pytest.mark.parametrize("seqs", [(1, 2, 2, 3), (1, 2, 3, 1), (1, 3, 3, 2)])
def test_counts_what_came_twice(seqs: tuple[int, ...]):
    assert seen(*seqs).duplicated == 1


def test_a_late_entry_is_out_of_order_and_not_lost():
    assert faults(seen(1, 3, 2, 4), acknowledged=range(1, 5)) == (0, 0, 1)


def test_entries_before_the_first_that_is_judged_are_repeats():
    assert faults(seen(8, 7, 9, after=7), acknowledged=[8, 9]) == (0, 1, 0)


def test_a_first_entry_that_is_missing_is_lost():
    assert faults(seen(9, 10, after=7), acknowledged=[8, 9, 10]) == (1, 0, 0)
