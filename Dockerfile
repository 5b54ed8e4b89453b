# The gateway alone. Build: docker build -t connector-gateway .   Run: docker compose up

FROM python:3.13-slim AS build
# Set by those whose pip needs another index: --build-arg PIP_INDEX_URL=...
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# requirements.lock has the extra `moto` too: the fake of SES answers its rarer operations by it.
COPY requirements-build.lock requirements.lock ./
RUN pip install --require-hashes -r requirements-build.lock \
 && pip wheel --require-hashes --no-build-isolation --wheel-dir /wheels -r requirements.lock
COPY . .
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && mkdir /data \
 && python -m venv --without-pip /opt/gateway \
 && pip --python /opt/gateway/bin/python install --no-index --no-deps /wheels/*.whl

FROM python:3.13-slim
COPY --from=build /opt/gateway /opt/gateway
# Where a volume for a store may be mounted: a new one takes over the owner of the folder.
COPY --from=build --chown=10001:10001 /data /data
# Nothing is written while it runs: the root file system may be read-only. HOME is for libraries that look there.
ENV PATH=/opt/gateway/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 4650
# http.client, because urllib would ask a proxy that the environment names.
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=5 CMD ["python", "-c", \
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 4650, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["gateway"]
# Inside a container loopback reaches nobody, so it listens on all addresses; --insecure-open says that this is
# meant. Who may come in is decided where the port is published: on 127.0.0.1 only (compose.yaml). To publish it
# further, run it with --api-token instead. The store goes with the container; compose.yaml has one that stays.
CMD ["serve", "--host", "0.0.0.0", "--insecure-open", "--store", "memory"]
