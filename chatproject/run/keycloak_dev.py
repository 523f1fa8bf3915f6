"""`make run SSO=keycloak`: a Keycloak beside the product, to try single sign-on on this machine."""

import os

from chatproject.config import environment
from chatproject.run import keycloak
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.output import print_line
from chatproject.run.supervisor import Supervisor

# Fixed: the issuer contains the port, and accounts belong to an issuer.
PORT, MANAGEMENT_PORT = 8180, 8181
START_TIMEOUT_S = 240.0


def start_if_wanted(supervisor: Supervisor, data_dir: DataDir) -> None:
    """Start Keycloak if SSO=keycloak, and have the product use it. Its data stays in `var/`.

    Raises StartupError when it cannot be had, or when another provider is set.
    """
    wanted = os.environ.get("SSO", "")
    if not wanted:
        return
    if wanted != "keycloak":
        raise StartupError(f"SSO is {wanted!r}: set it to keycloak, or leave it out.")
    if environment.is_set("OIDC_ISSUER"):
        raise StartupError("SSO=keycloak starts a provider, and OIDC_ISSUER names another one.")
    print_line("Starting Keycloak; the first time it is downloaded (176 MB) and built.")
    keycloak.install()
    home = data_dir.root / "keycloak"
    if not home.exists():
        keycloak.create_home(home)
    service = keycloak.service(home, port=PORT, management_port=MANAGEMENT_PORT)
    supervisor.wait_until(
        lambda _: keycloak.ready(PORT), supervisor.start(service), timeout_s=START_TIMEOUT_S
    )
    for name, value in (
        ("OIDC_ISSUER", keycloak.issuer(PORT)),
        ("OIDC_CLIENT_SECRET", keycloak.CLIENT_SECRET),
        ("OIDC_APP_CLIENTS", keycloak.APP_CLIENT),
    ):
        environment.set_default(name, value, source="SSO=keycloak")
    print_line("Keycloak is ready: people kim, lee and sam, whose password is their name.")
