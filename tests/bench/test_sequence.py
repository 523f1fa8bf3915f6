"""SequenceCheck finds lost, duplicated and reordered entries."""

import pytest

from bench.load.sequence import SequenceCheck


def check(*seqs: int, after: int = 0) -> SequenceCheck:
    sequence = SequenceCheck(after=after)
    for seq in seqs:
        sequence.add(seq)
    return sequence


def faults(sequence: SequenceCheck, *, acknowledged: range | list[int]) -> tuple[int, int, int]:
    return sequence.lost(acknowledged), sequence.duplicated, sequence.reordered


def test_consecutive_seqs_have_no_faults():
    assert faults(check(1, 2, 3), acknowledged=range(1, 4)) == (0, 0, 0)


def test_acknowledged_entries_that_never_arrive_are_lost():
    assert faults(check(1, 2, 5), acknowledged=range(1, 7)) == (3, 0, 0)


def test_a_gap_without_acknowledgements_is_no_loss():
    assert faults(check(10, 17, 40), acknowledged=[10, 17, 40]) == (0, 0, 0)


@pytest.mark.parametrize("seqs", [(1, 2, 2, 3), (1, 2, 3, 1), (1, 3, 3, 2)])
def test_entries_that_arrive_twice_are_duplicated(seqs):
    assert check(*seqs).duplicated == 1


def test_a_late_entry_is_reordered_and_not_lost():
    assert faults(check(1, 3, 2, 4), acknowledged=range(1, 5)) == (0, 0, 1)


def test_entries_before_the_first_checked_one_are_duplicates():
    assert faults(check(8, 7, 9, after=7), acknowledged=[8, 9]) == (0, 1, 0)


def test_a_missing_first_entry_is_lost():
    assert faults(check(9, 10, after=7), acknowledged=[8, 9, 10]) == (1, 0, 0)
