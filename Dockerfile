# One image for all services of Parley; the command decides which one runs.
FROM python:3.11.14-slim-bookworm AS build

WORKDIR /app
COPY requirements/uv.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/uv.txt
COPY requirements/base.txt requirements/
RUN python -m venv .venv \
    && uv pip sync --python .venv/bin/python --require-hashes --compile-bytecode --no-cache requirements/base.txt
# The bundler joins the scripts while static files are collected, and stays out of the image.
COPY requirements/bundler.txt requirements/
RUN uv pip install --python .venv/bin/python --target /bundler --require-hashes --no-cache \
    --requirement requirements/bundler.txt
COPY manage.py ./
COPY templates templates
COPY static static
COPY apps apps
COPY chatproject chatproject
# The required settings; nothing connects to these stores.
RUN SECRET_KEY=build DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
    PYTHONPATH=/bundler .venv/bin/python -m chatproject.run.release static

FROM python:3.11.14-slim-bookworm

ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
# The Helm chart names this user by its number.
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin parley \
    && install --directory --mode 0700 --owner parley --group parley var var/files
COPY --from=build /app/.venv .venv
COPY manage.py ./
COPY requirements/base.txt requirements/bundler.txt requirements/
COPY templates templates
COPY static static
COPY apps apps
COPY chatproject chatproject
COPY --from=build --chown=parley:parley /app/var/static var/static
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "chatproject.run.probe"]
CMD ["python", "-m", "chatproject.run.web"]
