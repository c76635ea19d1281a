# Built and started by the steps that `make demo` proves: the lock with its hashes, then the project, fetching nothing.
FROM python:3.11-slim AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.lock /src/
RUN /venv/bin/python -m pip install --only-binary :all: --require-hashes --requirement /src/requirements.lock
COPY . /src
RUN /venv/bin/python -m pip install --no-deps --no-build-isolation /src \
    && /venv/bin/python -m pip uninstall --yes hatchling pip setuptools

FROM python:3.11-slim
COPY --from=builder /venv /venv
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tocsin \
    && install --directory --owner=tocsin --group=tocsin --mode=0700 /data

# Nothing outside /data is written: run it with --read-only.
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    TOCSIN_DATA=/data TOCSIN_LISTEN=0.0.0.0:8080
USER tocsin
WORKDIR /data
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, os; \
health = http.client.HTTPConnection('127.0.0.1', int(os.environ['TOCSIN_LISTEN'].rpartition(':')[2]), timeout=4); \
health.request('GET', '/health'); \
raise SystemExit(health.getresponse().status != 200)"]

ENTRYPOINT ["tocsin"]
CMD ["run"]
