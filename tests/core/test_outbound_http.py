"""Requests to URLs from users: hostile URLs, DNS rebinding, redirects and limits."""

import asyncio
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from apps.core import outbound_http
from apps.core.outbound_http import (
    MAX_BODY_BYTES,
    FetchedPage,
    OutboundClient,
    RequestFailed,
)
from apps.core.outbound_url import ForbiddenUrl, parse_outbound_url
from apps.core.public_address import is_public_address
from tests.support.web import Page, serving

HTML = {"text/html"}


def resolving(*addresses):
    async def resolve(host, port):
        return addresses

    return resolve


def resolved(url, *addresses, **options):
    client = OutboundClient(resolve=resolving(*addresses), **options)
    return asyncio.run(client.resolve(parse_outbound_url(url)))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1"),
        *("192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.170", "192.0.2.1"),
        *("198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255"),
        *("240.0.0.1", "255.255.255.255", "192.88.99.1", "168.63.129.16"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1"),
        *("::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2002:808:808::", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
        *("2001:db8::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "100::1"),
        *("3fff::1", "5f00::1", "fe80::1%eth0", "", "localhost", "0177.0.0.1", "127.1"),
    ],
)
def test_internal_addresses_and_addresses_that_lead_to_them_are_not_public(address):
    assert not is_public_address(address)
    with pytest.raises(ForbiddenUrl):
        resolved("https://example.org/", address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_internet_addresses_are_public(address):
    assert is_public_address(address)
    assert resolved("https://example.org/", address) == address


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/", "https://example.org:8443/", "https://example.org:80/"),
        *("ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "//example.org/"),
        *("javascript:alert(1)", "https://", "https:///path", "example.org", "", "https://a b/"),
        *("https://user@example.org/", "https://user:pw@example.org/", "https://@127.0.0.1/"),
        *("https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://127.1/"),
        *("https://0177.0.0.1/", "https://017700000001/", "https://0x8.0x8.0x8.0x8/"),
        *("https://1.2.3/", "https://1.2.3.4.5/", "https://256.256.256.256/", "https://0/"),
        *("https://127.0.0.1/", "https://127.0.0.1./", "https://[::1]/", "https://[::]/"),
        *("https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/"),
        *("https://[fe80::1%25eth0]/", "https://[2002:7f00:1::]/", "https://169.254.169.254/"),
        *("https://exa%6dple.org/", "https://example.org%00.evil/", "https://example.org\x00/"),
        *("https://ex\nample.org/", "https://１２７.０.０.１/", "https://⑫７.0.0.1/"),
        *("https://example.org:443:80/", "https://example.org:99999/", "https://-x.org/"),
        "https://example.org/" + "a" * 2048,
    ],
)
def test_urls_that_are_not_plain_https_are_refused_before_any_lookup(url):
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ["8.8.8.8"]

    client = OutboundClient(resolve=resolve)
    with pytest.raises(ForbiddenUrl):
        asyncio.run(client.fetch(url, media_types=HTML))
    assert asked == []


def test_a_name_with_one_internal_address_among_public_ones_is_refused():
    with pytest.raises(ForbiddenUrl):
        resolved("https://example.org/", "8.8.8.8", "10.0.0.1")
    with pytest.raises(ForbiddenUrl):
        resolved("https://example.org/")


def test_a_listed_origin_is_allowed_with_its_scheme_and_port_only():
    free = {"exceptions": ["http://wiki.internal:8080"]}
    assert resolved("http://wiki.internal:8080/a", "10.0.0.1", **free) == "10.0.0.1"
    for other in (
        "https://wiki.internal:8080/",
        "http://wiki.internal/",
        "http://wiki.internal:8081/",
        "http://wiki.internal.example.org:8080/",
        "https://wiki.internal/",
    ):
        with pytest.raises(ForbiddenUrl):
            resolved(other, "10.0.0.1", **free)


# -- against a real server ----------------------------------------------------------------------


def fetch(server, path="/", **options):
    origin = f"http://page.test:{server.server_port}"
    given = {"exceptions": [origin], "resolve": resolving("127.0.0.1")} | options
    return asyncio.run(OutboundClient(**given).fetch(origin + path, media_types=HTML))


def test_the_request_goes_to_the_checked_address_with_the_host_header_of_the_name():
    with serving(Page.say) as server:
        found = fetch(server, "/a?b=c#d")
        [(path, headers)] = server.seen
    assert found == FetchedPage("text/html", b"<title>Hi</title>")
    assert path == "/a?b=c"
    assert headers["Host"] == f"page.test:{server.server_port}"
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization"} & headers.keys()


def test_a_name_is_resolved_once_so_dns_rebinding_has_no_effect():
    answers = iter([["127.0.0.1"], ["10.255.255.1"]])

    async def resolve(host, port):
        return next(answers)

    with serving(Page.say) as server:
        assert fetch(server, resolve=resolve).body
    assert list(answers) == [["10.255.255.1"]], "it was resolved once"


def test_each_redirect_is_checked():
    def answer(handler):
        handler.say(b"", status=302, Location=f"http://127.0.0.1:{handler.server.server_port}/in")

    with serving(answer) as server:
        with pytest.raises(ForbiddenUrl):
            fetch(server)
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    "location", ["https://169.254.169.254/", "file:///etc/passwd", "//[::1]/", "http://0x7f.1/"]
)
def test_redirects_to_internal_addresses_are_refused(location):
    def answer(handler):
        handler.say(b"", status=301, Location=location)

    with serving(answer) as server, pytest.raises(ForbiddenUrl):
        fetch(server)


def test_three_redirects_are_followed_without_cookies_and_a_fourth_is_not():
    def answer(handler):
        left = int(handler.path[1:])
        if left:
            handler.say(b"", status=307, Location=f"/{left - 1}", Set_Cookie="a=b")
        else:
            handler.say()

    with serving(answer) as server:
        assert fetch(server, "/3").body
        assert all("Cookie" not in headers for _, headers in server.seen)
        with pytest.raises(RequestFailed):
            fetch(server, "/4")


def test_at_most_max_body_bytes_are_read():
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            handler.close_connection = True

    with serving(answer) as server:
        assert len(fetch(server).body) == MAX_BODY_BYTES


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nX-A: ", b""])
def test_a_slow_response_times_out(part, monkeypatch):
    monkeypatch.setattr(outbound_http, "REQUEST_TIMEOUT_S", 0.5)
    gone = threading.Event()

    def answer(handler):
        handler.close_connection = True
        handler.wfile.write(part)
        while not gone.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    with serving(answer) as server:
        with pytest.raises(RequestFailed):
            fetch(server)
        gone.set()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/pdf"},
        {"Content_Type": ""},
        {"Content_Encoding": "gzip"},
        {"status": 404},
        {"status": 500},
        {"status": 206},
    ],
)
def test_unusable_responses_fail(headers):
    with serving(lambda handler: handler.say(**headers)) as server, pytest.raises(RequestFailed):
        fetch(server)


def test_a_refused_connection_fails():
    with serving(Page.say) as server:
        pass
    with pytest.raises(RequestFailed):
        fetch(server)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate for page.test alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "page.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("page.test")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(("host", "trusted"), [("page.test", True), ("other.test", False)])
def test_the_certificate_must_match_the_name_not_the_address(certificate, host, trusted):
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate)
    names = []
    served.sni_callback = lambda socket, name, context: names.append(name)
    tls = ssl.create_default_context(cafile=str(certificate))
    with serving(Page.say, served) as server:
        origin = f"https://{host}:{server.server_port}"
        client = OutboundClient(exceptions=[origin], resolve=resolving("127.0.0.1"), tls=tls)
        if trusted:
            assert asyncio.run(client.fetch(origin, media_types=HTML)).body
        else:
            with pytest.raises(RequestFailed):
                asyncio.run(client.fetch(origin, media_types=HTML))
    assert names == [host]


@pytest.fixture
def silent_names(monkeypatch):
    """No name server responds before the test ends. Yields the names whose lookup has begun."""
    begun, answered = [], threading.Event()

    def getaddrinfo(host, *given, **named):
        begun.append(host)
        answered.wait(60)
        raise OSError("no answer")

    monkeypatch.setattr(outbound_http.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(outbound_http, "DNS_TIMEOUT_S", 0.3)
    monkeypatch.setattr(outbound_http, "_dns_slots", threading.BoundedSemaphore(8))
    yield begun
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "dns-lookup":
            thread.join(20)


def test_a_silent_name_server_costs_one_dns_timeout(silent_names):
    """The end of the event loop does not wait for the lookup either."""
    with pytest.raises(RequestFailed, match="TimeoutError"):
        asyncio.run(OutboundClient().fetch("https://silent.example.org/", media_types=HTML))


def test_abandoned_lookups_are_bounded(silent_names):
    async def fetch_many():
        client = OutboundClient()
        urls = [f"https://n{number}.example.org/" for number in range(20)]
        return await asyncio.gather(
            *(client.fetch(url, media_types=HTML) for url in urls), return_exceptions=True
        )

    refusals = asyncio.run(fetch_many())
    assert {type(refusal) for refusal in refusals} == {RequestFailed}
    assert len(silent_names) == 8
    assert sum("too many unanswered DNS lookups" in str(refusal) for refusal in refusals) == 12
