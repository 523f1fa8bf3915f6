"""`make run SSO=keycloak`: a Keycloak beside the product, to try single sign-on on this machine."""

import os

from chatproject.config import environment
from chatproject.run import keycloak
from chatproject.run.address import Address
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.output import print_line
from chatproject.run.supervisor import Supervisor

# Fixed: the issuer contains the port, and accounts belong to an issuer.
PORT, MANAGEMENT_PORT = 8180, 8181
START_TIMEOUT_S = 240.0


def start_if_wanted(supervisor: Supervisor, data_dir: DataDir, address: Address) -> None:
    """Start Keycloak if SSO=keycloak, and have it and the product, which listens on `address`, use
    each other. Its data stays in `var/`.

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
    try:
        keycloak.send_logouts_to(PORT, f"{address.url()}/accounts/sso/backchannel-logout")
    except OSError as error:
        print_line(f"Logouts at Keycloak end sessions here after a while only: {error}.")
    print_line(
        "Keycloak is ready: people kim, lee and sam, whose password is their name.\n"
        f"Its administration: http://127.0.0.1:{PORT}/admin ({keycloak.ADMIN}, the same password)."
    )
