"""The page of the frame that shows a PDF: what its response allows."""

from django.conf import settings


def policy(client) -> dict[str, list[str]]:
    response = client.get("/files/pdf")
    assert response.status_code == 200
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    parts = [part.split() for part in response["Content-Security-Policy"].split("; ")]
    return {name: values for name, *values in parts}


def test_it_has_no_origin_and_reaches_nothing_but_the_library(client):
    static = f"http://testserver{settings.STATIC_URL}"
    library = f"{static}vendor/pdfjs/"
    assert policy(client) == {
        "sandbox": ["allow-scripts"],
        "default-src": ["'none'"],
        "script-src": [static, "'wasm-unsafe-eval'"],
        "worker-src": ["blob:", library],
        "style-src": [static],
        "img-src": ["blob:", "data:"],
        "font-src": [library],
        "connect-src": [library],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'self'"],
    }


def test_it_contains_no_person(client, db, django_user_model):
    before = client.get("/files/pdf").content
    client.force_login(django_user_model.objects.create_user("alice"))
    response = client.get("/files/pdf")
    assert response.content == before
    assert not response.cookies


def test_pages_of_the_app_frame_only_this_server(client, db):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "frame-src 'self';" in f"{policy};"


def test_pages_of_libraries_run_scripts_of_this_server_only(client, db, django_user_model):
    root = django_user_model.objects.create_superuser("root", password="a long password")
    docs = client.get("/api/docs/")
    assert "<script>" not in docs.content.decode()
    assert "SwaggerUIBundle" in client.get("/api/docs/?script=").content.decode()
    client.force_login(root)
    for response in (docs, client.get("/admin/"), client.get("/admin/accounts/user/")):
        assert response.status_code == 200
        policy = {part.strip() for part in response["Content-Security-Policy"].split(";")}
        assert {"script-src 'self'", "default-src 'none'", "frame-ancestors 'none'"} <= policy
