"""`client_address`: X-Forwarded-For is trusted only for hops of trusted proxies."""

import pytest
from django.test import RequestFactory

from apps.core.client_address import _tell_of_proxy, client_address


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "client"),
    [
        ([], "198.51.100.7", None, "198.51.100.7"),
        ([], "198.51.100.7", "1.1.1.1", "198.51.100.7"),
        (["10.0.0.0/8"], "198.51.100.7", "1.1.1.1", "198.51.100.7"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (["10.0.0.1"], "10.0.0.1", "rubbish", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.1"], "10.0.0.1", "2001:db8::1", "2001:db8::/64"),
        ([], "2001:db8:0:7:1:2:3:4", None, "2001:db8:0:7::/64"),
        ([], "fe80::1%eth0", None, "fe80::/64"),
        ([], "::ffff:203.0.113.9", None, "203.0.113.9"),
        (["::1"], "::1", "203.0.113.9", "203.0.113.9"),
        (["10.0.0.1"], "", "203.0.113.9", "unknown"),
    ],
)
def test_the_client_is_the_rightmost_hop_that_is_not_a_trusted_proxy(
    settings, proxies, remote, forwarded, client
):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)
    assert client_address(request) == client


@pytest.mark.parametrize(
    ("remote", "forwarded", "lines"),
    [("10.0.0.1", "203.0.113.9", 1), ("1.0.0.1", "1.1.1.1", 0), ("10.0.0.2", "", 0)],
)
def test_a_proxy_that_is_not_trusted_is_told_once(settings, caplog, remote, forwarded, lines):
    settings.TRUSTED_PROXIES, settings.HTTPS = ["192.168.0.0/16"], True
    _tell_of_proxy.cache_clear()
    for _ in range(2):
        headers = {"X-Forwarded-For": forwarded}
        client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote))
    assert caplog.text.count(f"{remote} forwards requests") == lines
