"""Checks of RFC 7643 and 7644 by scim2-tester."""

# An account is open or closed: `active` cannot be removed.
ALWAYS_ASSIGNED = "'active'"


def test_the_compliance_checks_find_nothing(compliance_client):
    # Only when it runs, as the client: every process collects this module.
    from scim2_tester import Status, check_server

    results = check_server(compliance_client)
    wrong = [
        f"{each.title}: {each.reason}"
        for each in results
        if each.status not in (Status.SUCCESS, Status.SKIPPED)
        and ALWAYS_ASSIGNED not in (each.reason or "")
    ]
    done = [each for each in results if each.status == Status.SUCCESS]
    print(f"{len(done)} of {len(results)} checks passed")
    assert wrong == []
    assert len(done) > 30
