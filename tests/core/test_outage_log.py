"""`OutageLog`."""

import logging

from apps.core.outage_log import OutageLog

logger = logging.getLogger("tests.outages")


def test_an_outage_is_logged_in_two_lines_however_many_calls_fail(caplog):
    outage = OutageLog(logger, "PostgreSQL")
    with caplog.at_level(logging.INFO, logger=logger.name):
        outage.recovered()
        for _ in range(1_000):
            outage.failed(OSError("refused"))
        outage.recovered()
        outage.recovered()
    began, ended = [record.getMessage() for record in caplog.records]
    assert began == "PostgreSQL is unavailable: OSError('refused')"
    assert ended.startswith("PostgreSQL is available again after ")
    assert ended.endswith(" and 1000 failed calls")


def test_the_next_outage_is_logged_again(caplog):
    outage = OutageLog(logger, "Valkey")
    for _ in range(2):
        outage.failed(OSError())
        outage.recovered()
    assert len(caplog.records) == 4
