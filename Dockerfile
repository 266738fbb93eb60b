# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/base.lock /tmp/base.lock
# Only what the lock names, byte for byte, and no package may run a build script here.
RUN /venv/bin/pip install --require-hashes --no-deps --only-binary :all: -r /tmp/base.lock

FROM python:3.11-slim

ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin playground \
    && install -d -o playground -g playground -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY accounts accounts
COPY chat chat
COPY playground playground
COPY static static
COPY templates templates

USER playground
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=60s --timeout=5s --start-period=20s CMD ["python", "manage.py", "healthcheck"]
CMD ["sh", "-c", "python manage.py prepare && exec python manage.py serve"]
