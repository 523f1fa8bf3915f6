"""The commands, settings and configuration of docker-compose.yml, through its proxy."""

import json
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import certifi
import httpx
import psycopg
import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Playwright, expect
from websockets.sync.client import connect

from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from apps.wire.limits import MAX_CHUNK_BYTES
from tests.journeys.screen import Screen
from tests.support.browser import executable
from tests.support.deployed import SERVICES, Deployed, wait_until
from tests.support.web import serving

# The first test starts everything.
pytestmark = pytest.mark.timeout(600)
PASSWORD = "a lamp and a ferry"
NOTES = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"some words"}
PROTOCOL = "performance.getEntriesByType('navigation')[0].nextHopProtocol"


@pytest.fixture(scope="module")
def trusted(deployed: Deployed) -> ssl.SSLContext:
    """Trusts the authority of this deployment alone."""
    return ssl.create_default_context(cafile=str(deployed.ca))


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One that accepts the certificate in shared workers, too, which an option of contexts does
    not do. Requests of the other tests check it."""
    args = ["--no-sandbox", "--ignore-certificate-errors"]
    launched = playwright.chromium.launch(executable_path=executable(), args=args)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def people(deployed: Deployed, browser: Browser) -> Iterator[tuple[Screen, Screen]]:
    """Alice and Bob, who registered in browsers and are contacts."""
    contexts = [browser.new_context(ignore_https_errors=True) for _ in range(2)]
    alice, bob = (
        register(context, deployed.url, name)
        for context, name in zip(contexts, ("alice", "bob.the.second"), strict=True)
    )
    alice.page.get_by_role("link", name="People", exact=True).first.click()
    alice.find("bob.the").get_by_role("button", name="Invite").click()
    expect(bob.invitations).to_have_attribute("data-invitations", "1")
    bob.page.get_by_role("link", name="People", exact=True).first.click()
    bob.person("alice", "incoming").get_by_role("button", name="Accept").click()
    expect(alice.list.locator(".chat-last")).to_contain_text("accepted your invitation")
    alice.list.get_by_role("link").first.click()
    yield alice, bob
    for context in contexts:
        context.close()


def register(context: BrowserContext, url: str, username: str) -> Screen:
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(url)
    page.get_by_role("link", name="Create account").click()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    return Screen(page, url).ready()


@pytest.fixture
def api(deployed: Deployed, trusted: ssl.SSLContext, people: tuple[Screen, Screen]):
    """Requests of Alice's session, without her browser."""
    cookies = {each["name"]: each["value"] for each in people[0].page.context.cookies()}
    with httpx.Client(base_url=deployed.url, verify=trusted, cookies=cookies, timeout=30) as http:
        yield http


def own_page(api: httpx.Client) -> dict[str, str]:
    """Headers of a request by a page of the server."""
    return {"X-CSRFToken": api.cookies["csrftoken"], "Referer": f"{api.base_url}/"}


def say(api: httpx.Client, text: str) -> None:
    """Send a message to Alice's first chat."""
    [chat] = api.get("/api/v1/chats").json()["items"]
    sent = api.post(
        f"/api/v1/chats/{chat['id']}/messages",
        json={"text": text, "client_id": str(uuid4())},
        headers=own_page(api),
    )
    assert sent.status_code == 201, sent.text


def test_plain_http_leads_to_the_port_of_the_address(deployed):
    plain = f"http://localhost:{deployed.ports['plain']}"
    answer = httpx.get(f"{plain}/join/a?b=c")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{deployed.url}/join/a?b=c")


def test_two_people_talk_and_send_a_file_over_http2(people):
    alice, bob = people
    assert alice.page.evaluate(PROTOCOL) == "h2"
    alice.say("Good morning!")
    expect(bob.texts.last).to_have_text("Good morning!")
    # A worker takes it from SeaweedFS, and says what it is.
    alice.page.get_by_role("button", name="Add files").click()
    with alice.page.expect_file_chooser() as chooser:
        alice.page.get_by_role("button", name="From this device").click()
    chooser.value.set_files([NOTES])
    expect(alice.page.locator(".attach-chip[data-state=ready]")).to_have_count(1)
    alice.composer.press("Enter")
    alice.sent()
    expect(bob.page.locator("li.row", has_text="notes.txt")).to_be_visible()
    view = alice.wait_for_debug("(view) => view.outbox === 0")
    assert view["transport"] == "socket"


def test_a_socket_is_upgraded(deployed, trusted, api):
    cookie = "; ".join(f"{name}={value}" for name, value in api.cookies.items())
    address = f"{deployed.url.replace('https', 'wss')}/ws"
    with connect(
        address, ssl=trusted, origin=deployed.url, additional_headers={"Cookie": cookie}
    ) as socket:
        assert json.loads(socket.recv(timeout=30))["type"] == "welcome"


def test_a_stream_passes_each_event_at_once(api):
    with api.stream("GET", "/api/v1/events/stream") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        next(line for line in lines if '"ack"' in line)
        # The response has no end: a proxy that collects it would show nothing of this.
        say(api, "to the stream")
        next(line for line in lines if "to the stream" in line)


def test_a_poll_waits_for_the_next_event(api):
    first = api.get("/api/v1/events")
    after = first.headers["Parley-Next"]
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.get, "/api/v1/events", params={"after": after})
        say(api, "to the poll")
        while "to the poll" not in waiting.result().text:
            after = waiting.result().headers["Parley-Next"]
            waiting = pool.submit(api.get, "/api/v1/events", params={"after": after})


def test_headers_of_security_are_there_once(api):
    headers = api.get("/").headers
    for name in (
        *("strict-transport-security", "content-security-policy", "x-content-type-options"),
        *("x-frame-options", "referrer-policy", "cross-origin-opener-policy"),
    ):
        assert len(headers.get_list(name)) == 1, name
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["content-security-policy"].count("default-src") == 1


def test_addresses_are_those_of_clients_whatever_they_say(deployed, trusted):
    """Ten wrong passwords a minute are an address's; each request names another one."""

    def sign_in(address: str, n: int) -> int:
        transport = httpx.HTTPTransport(local_address=address, verify=trusted)
        with httpx.Client(base_url=deployed.url, transport=transport, timeout=30) as http:
            return http.post(
                "/api/v1/session",
                json={"username": f"nobody{n}", "password": "wrong"},
                headers={
                    "X-Forwarded-For": f"192.0.2.{n}",
                    "X-Forwarded-Proto": "http",
                    "Forwarded": f"for=192.0.2.{n}",
                    "X-Real-IP": f"192.0.2.{n}",
                },
            ).status_code

    tried = [sign_in("127.0.0.9", n) for n in range(11)]
    assert 429 not in tried[:10]
    assert tried[10] == 429
    assert sign_in("127.0.0.10", 11) != 429


def test_what_the_server_takes_the_proxy_takes(api):
    """Of the largest part of a file the server speaks itself; of more the proxy does."""
    path = f"/api/v1/files/{uuid4()}/content"
    headers = {**own_page(api), "Upload-Offset": "0"}
    headers["Content-Type"] = "application/offset+octet-stream"
    part = api.patch(path, content=bytes(MAX_CHUNK_BYTES), headers=headers)
    assert part.status_code == 404, part.text
    more = api.patch(path, content=bytes(10_000_000), headers=headers)
    assert more.status_code == 413


def test_metrics_are_not_published(deployed, api):
    token = {"Authorization": f"Bearer {deployed.secret('metrics_token')}"}
    assert api.get("/metrics", headers=token).status_code == 404
    inside = f"http://127.0.0.1:{deployed.ports['web']}/metrics"
    assert httpx.get(inside).status_code == 404
    assert httpx.get(inside, headers=token).status_code == 200


@pytest.mark.parametrize("known", [None, "postgres"])
def test_the_parts_of_seaweedfs_refuse_users_of_the_machine(deployed, known):
    """Without a certificate, or with that of another service: only these have the key."""
    context = ssl.create_default_context(cafile=str(deployed.ca))
    if known:
        pair = (deployed.secrets / f"{known}.{end}" for end in ("crt", "key"))
        context.load_cert_chain(*pair)
    address = ("127.0.0.1", deployed.ports["filer"])
    with (
        socket.create_connection(address, timeout=20) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as connection,
        pytest.raises(ssl.SSLError, match="CERTIFICATE"),
    ):
        connection.recv(1)
    of_nobody = f"http://127.0.0.1:{deployed.ports['volume']}/1,0123456789"
    assert httpx.get(of_nobody).status_code == 401


def test_health_checks_of_workers_find_them_and_prometheus_reads_them(deployed):
    token = {"Authorization": f"Bearer {deployed.secret('metrics_token')}"}
    for name in ("worker", "files"):
        [kind, python, *rest] = SERVICES[name]["healthcheck"]["test"]
        assert (kind, python) == ("CMD", "python")
        # A worker that is starting is asked again, as Docker does.
        done = (deployed.run(name, sys.executable, *rest) for _ in range(20))
        assert any(each.returncode == 0 for each in done), name
        metrics = f"http://127.0.0.1:{deployed.ports[name]}/metrics"
        assert httpx.get(metrics).status_code == 404
        assert "parley_outages_total" in httpx.get(metrics, headers=token).text
    # Else the alerts about workers and beat would never fire.
    url = f"http://127.0.0.1:{deployed.ports['web']}/metrics"
    for part in ("workers_celery", "workers_files", "beat"):
        line = f'parley_component_up{{component="{part}"}} 1.0\n'
        wait_until(lambda line=line: line in httpx.get(url, headers=token).text)


def test_stores_refuse_connections_without_tls(deployed):
    url = deployed.secret("database_url")
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        assert found.fetchone() == ("TLSv1.3",)
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(url.replace("verify-full", "disable"))
    plain = deployed.secret("redis_url").partition("?")[0].replace("rediss", "redis")
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(plain).ping()


def test_another_authority_is_refused_with_a_clear_error(deployed, tmp_path):
    foreign = certifi.where()
    for name in ("database_url", "redis_url"):
        text = deployed.secret(name).replace(str(deployed.ca), foreign)
        (tmp_path / name).write_text(text)
    released = deployed.run("release", DATABASE_URL_FILE=str(tmp_path / "database_url"))
    assert released.returncode == 1
    assert released.stderr.startswith("PostgreSQL cannot be reached")
    assert "certificate verify failed" in released.stderr
    assert "Traceback" not in released.stderr
    worker = deployed.launch("worker", REDIS_URL_FILE=str(tmp_path / "redis_url"))
    wait_until(lambda: "certificate verify failed" in worker.log)
    assert deployed.secret("valkey_password") not in worker.log
    worker.stop()
    stored = deployed.run(*("release", sys.executable, "manage.py", "storage_check"), S3_CA=foreign)
    assert stored.returncode != 0
    assert "certificate" in stored.stderr.lower(), stored.stdout + stored.stderr


def test_the_provider_may_have_an_authority_of_its_own(deployed, settings):
    """OIDC_CA is trusted beside the public authorities; without it, this provider is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(deployed.secrets / "keycloak.crt", deployed.secrets / "keycloak.key")
    with serving(lambda page: page.say(b"{}", Content_Type="application/json"), context) as web:
        settings.OIDC_ISSUER = f"https://localhost:{web.server_port}"
        for authority, reason in (("", "CERTIFICATE_VERIFY_FAILED"), (str(deployed.ca), "issuer")):
            settings.OIDC_CA = authority
            provider.forget()
            with pytest.raises(ProviderUnavailable, match=reason):
                provider.discovery()
    provider.forget()


REFUSED = (
    *(("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("MONITOR",)),
    *(("SAVE",), ("SHUTDOWN",), ("REPLICAOF", "no", "one"), ("CLIENT", "KILL", "ID", "1")),
    *(("GET", "other"), ("LPUSH", "other", "1"), ("PUBLISH", "other", "1")),
    ("EVAL", "return redis.call('ZCARD', 'other')", "0"),
)


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_valkey_refuses_what_parley_does_not_need(deployed, command):
    with redis.Redis.from_url(deployed.secret("redis_url")) as client:
        assert client.ping()
        with pytest.raises(redis.RedisError, match=r"(?i)permission|ACL"):
            client.execute_command(*command)


def test_valkey_refused_nothing_that_parley_asked(deployed, people):
    """What the other tests were refused came from this process."""
    logs = [part.log for part in deployed.started]
    assert [log for log in logs if re.search("NoPermission|NOPERM|no permissions", log)] == []
