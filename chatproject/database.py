"""Timeouts that PostgreSQL enforces, and timeouts of its connections."""

# A row that stays locked for longer is stuck: requests for it are refused, and repeated later.
LOCK_TIMEOUT_S = 1
# PostgreSQL looks so often whether who asked is still connected (14 and newer, not on Windows).
CLIENT_CHECK_INTERVAL_S = 1
# A dead peer (a machine without power, a cut network) is detected after idle + interval * count
# seconds, or when sent data stays unacknowledged for TCP_USER_TIMEOUT_MS.
KEEPALIVE_IDLE_S = 10
KEEPALIVE_INTERVAL_S = 3
KEEPALIVE_COUNT = 3
TCP_USER_TIMEOUT_MS = 10_000


def server_options(statement_timeout_s: int) -> str:
    """Options of a session (libpq's `options`). A Unix socket ignores those of TCP."""
    settings = {
        "statement_timeout": f"{statement_timeout_s}s",
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        # A web process that died in a transaction must not keep its locks.
        "idle_in_transaction_session_timeout": f"{statement_timeout_s}s",
        # Nor must a statement whose request has given up: it is repeated, and would wait for them.
        "client_connection_check_interval": f"{CLIENT_CHECK_INTERVAL_S}s",
        "tcp_keepalives_idle": KEEPALIVE_IDLE_S,
        "tcp_keepalives_interval": KEEPALIVE_INTERVAL_S,
        "tcp_keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": TCP_USER_TIMEOUT_MS,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def client_options() -> dict[str, str | int]:
    """Connection parameters (libpq)."""
    return {
        "connect_timeout": 3,
        "application_name": "parley",
        "keepalives_idle": KEEPALIVE_IDLE_S,
        "keepalives_interval": KEEPALIVE_INTERVAL_S,
        "keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": TCP_USER_TIMEOUT_MS,
    }
