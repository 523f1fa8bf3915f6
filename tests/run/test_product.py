"""`python -m chatproject.run` in a new checkout: starts, crashes, stops, refusals."""

import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import psutil
import psycopg

from chatproject.run import postgres
from chatproject.run.data_dir import DataDir
from chatproject.run.supervised import MAX_CRASHES
from tests.support.product import Product

SESSIONS_OF_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_a_second_start_names_the_running_process(running_product):
    second = running_product.run()
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    holder = f"already running from this checkout (process {running_product.pid}, "
    assert holder + running_product.url in second.stderr
    assert running_product.page() == 200


def test_web_processes_share_one_port(running_product):
    first = running_product.child("chatproject.run.web")
    second = running_product.wait_for_child("chatproject.run.web", besides=first)
    first.suspend()  # its socket stays open, and it accepts nothing
    try:
        running_product.wait_until_page()
    finally:
        first.resume()
    assert second.is_running()


def test_metrics_add_up_the_counters_of_all_processes(running_product):
    with urlopen(f"{running_product.url}/metrics", timeout=30) as response:
        text = response.read().decode()
    assert "parley_sync_spans_compared_total" in text
    assert "python_gc" not in text  # a metric of a single process
    assert 'parley_pushes{state="sent"} 0.0' in text


def test_workers_and_beat_are_seen_at_work(running_product):
    workers = {"workers_celery", "workers_files", "workers_push"}
    running_product.wait_until_healthy({"database", "redis", "storage", "beat", *workers})
    for name in ("worker", "files", "push", "beat"):
        assert "chatproject.run.fork_server" in running_product.child(name).cmdline()


def test_manage_py_by_hand_finds_the_embedded_stores_and_the_address(running_product):
    assert "[X]" in running_product.manage("showmigrations", "accounts")
    assert running_product.url in running_product.manage("config")


def test_services_that_die_are_restarted(running_product):
    for word in ("chatproject.run.web", "beat", "valkey-server", "postgres"):
        died = running_product.wait_for_child(word)
        died.kill()
        assert "starting it again" in running_product.wait_for_line(" died (signal 9)")
        psutil.wait_procs([died], timeout=30)
    running_product.wait_for_child("postgres", besides=died)
    running_product.wait_until_database()
    running_product.wait_until_page()
    assert running_product.child("chatproject.run.web").is_running()


def test_services_are_restarted_one_after_the_other_while_pages_are_served(running_product):
    words = ("chatproject.run.web", "worker", "push", "beat", "forks", "postgres", "valkey-server")
    for word in words:
        running_product.wait_for_child(word)  # those of the background start after the first page
    before = {word: {each.pid for each in running_product.children_with(word)} for word in words}
    served = []
    with ThreadPoolExecutor(1) as beside:
        restarted = beside.submit(running_product.python, "-m", "chatproject.run.rolling_restart")
        while not restarted.done():
            served.append(running_product.page())
    assert restarted.result().startswith("Restarted in ")
    assert set(served) == {200}
    after = {word: {each.pid for each in running_product.children_with(word)} for word in words}
    for word in ("postgres", "valkey-server"):
        assert after[word] == before[word]
    for word in words[:5]:
        assert len(after[word]) == len(before[word])
        assert not after[word] & before[word]
    said = "".join(running_product.lines).rpartition("Restarting the services")[2]
    assert "died" not in said
    assert "killing" not in said


def test_a_release_that_does_not_start_leaves_the_running_processes(running_product):
    before = {each.pid for each in running_product.children_with("chatproject.run.web")}
    broken = running_product.checkout / "chatproject" / "asgi.py"
    whole = broken.read_text()
    try:
        broken.write_text("raise SystemExit('out of order')")
        said = running_product.python("-m", "chatproject.run.rolling_restart", code=1)
    finally:
        broken.write_text(whole)
    assert said.startswith("web does not start: the process before it goes on. Its last line: ")
    assert "out of order" in said
    assert running_product.page() == 200
    assert {each.pid for each in running_product.children_with("chatproject.run.web")} == before


def test_killing_the_supervisor_ends_its_services_and_keeps_the_data(running_product):
    write(running_product, "CREATE TABLE killed AS SELECT 'hello' AS words")
    processes = running_product.descendants()
    assert running_product.stop(signal.SIGKILL) == -signal.SIGKILL
    assert psutil.wait_procs(processes, timeout=30)[1] == []
    running_product.start()
    assert ask(running_product, "SELECT words FROM killed") == "hello"


def test_a_product_serves_stops_cleanly_and_restarts_with_its_data(running_product):
    assert running_product.page() == 200
    former_link = link_for_administrator(running_product)
    assert "This server has no administrator yet" in read(former_link)
    write(running_product, "CREATE TABLE stopped AS SELECT 'hello' AS words")
    processes = running_product.descendants()
    status = running_product.checkout / "var" / "status"
    assert "web: runs\n" in status.read_text()

    assert running_product.stop() == 0
    assert running_product.lines[-1] == "Stopped.\n"
    assert not status.exists()
    assert not [each for each in processes if each.is_running()]

    running_product.lines.clear()
    running_product.start(WEB_WORKERS="1")
    assert running_product.page() == 200
    assert ask(running_product, "SELECT words FROM stopped") == "hello"
    assert link_for_administrator(running_product) != former_link
    assert "This server has no administrator yet" not in read(former_link)
    # A release is applied once.
    assert "applying" in running_product.first_lines[0]
    assert not [line for line in running_product.lines if "applying" in line]
    assert running_product.stop(signal.SIGTERM) == 0


def link_for_administrator(product):
    """The last link that a start printed."""
    return [line for line in product.lines if "/signup/?invite=" in line][-1].split()[-1]


def read(link):
    with urlopen(link) as page:
        return page.read().decode()


def test_the_chat_survives_a_crash_loop_of_a_worker_and_beat(stopped_product):
    """Celery fails at once in both, as on a full disk or without memory, and nothing can fork."""
    stopped_product.start(WEB_WORKERS="1")
    web = stopped_product.child("chatproject.run.web")
    killed = [stopped_product.wait_for_child(word) for word in ("forks", "beat", "push")]
    broken = stopped_product.checkout / "chatproject" / "celery.py"
    whole = broken.read_text()
    try:
        broken.write_text("raise SystemExit('out of order')")
        for process in killed:
            process.kill()
        said: set[str] = set()
        while not {"beat", "push"} <= said:  # the worker, too, if it was still starting
            said.add(stopped_product.wait_for_line(" keeps dying").split()[0])
        assert stopped_product.page() == 200
        assert web.is_running()
        status = (stopped_product.checkout / "var" / "status").read_text()
        assert "beat: keeps dying" in status
        assert "web: runs" in status
        assert (
            sum(line.startswith("beat died") for line in stopped_product.lines) == MAX_CRASHES - 1
        )
        assert sum(line.startswith("beat keeps dying") for line in stopped_product.lines) == 1
    finally:
        broken.write_text(whole)
    assert stopped_product.wait_for_child("beat").is_running()
    assert stopped_product.stop() == 0


def test_a_crash_loop_of_a_store_stops_everything_with_one_line(stopped_product):
    stopped_product.start(WEB_WORKERS="1")
    for _ in range(MAX_CRASHES - 1):
        stopped_product.wait_for_child("valkey-server").kill()
        stopped_product.wait_for_line("valkey died")
    last = stopped_product.wait_for_child("valkey-server")
    processes = stopped_product.descendants()
    last.kill()
    assert stopped_product.wait_for_line("within a minute").startswith(
        f"valkey died {MAX_CRASHES} times"
    )
    assert stopped_product.wait() == 1
    assert not [each for each in processes if each.is_running()]


def test_a_taken_port_is_refused_with_one_line_before_anything_starts(stopped_product):
    with socket.create_server(("127.0.0.1", stopped_product.port)):
        refused = stopped_product.run()
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"Port {stopped_product.port} of 127.0.0.1 is taken")
    assert refused.stderr.count("\n") == 1


def test_a_bad_setting_is_shown_and_stops_the_start(stopped_product):
    refused = stopped_product.run(LOG_LEVEL="LOUD")
    assert refused.returncode == 1
    # Before anything is started.
    assert refused.stdout == ""
    assert refused.stderr.startswith("LOG_LEVEL is 'LOUD'")
    assert refused.stderr.count("\n") == 1


def test_database_url_replaces_the_embedded_postgresql(stopped_product, data_dir):
    """The other server has the data of the embedded one, to which the release is applied.
    `tests/deployment` applies a release to an empty database."""
    shutil.copytree(DataDir(stopped_product.checkout / "var").postgres, data_dir.postgres)
    server = postgres.service(data_dir).start(None)
    try:
        wait_ready(data_dir, server.pid)
        stopped_product.start(WEB_WORKERS="1", DATABASE_URL=postgres.url(data_dir))
        names = {child.name() for child in stopped_product.descendants()}
        assert "postgres" not in names
        assert "valkey-server" in names
        with psycopg.connect(postgres.url(data_dir)) as connection:
            found = connection.execute(SESSIONS_OF_OTHERS).fetchone()
        assert found
        assert found[0] > 0
        stopped_product.stop()
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def write(product: Product, query: str) -> None:
    """Run a statement in the product's database and commit it."""
    with psycopg.connect(product.database) as connection:
        connection.execute(query)


def ask(product: Product, query: str) -> object:
    """One value from the product's database."""
    with psycopg.connect(product.database) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def wait_ready(data_dir: DataDir, process: int) -> None:
    """Wait until the server of `var` takes connections."""
    while not postgres.ready(data_dir, process):
        time.sleep(0.01)
