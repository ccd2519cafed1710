# `docker build --tag metersim .`, and no more, where PyPI can be reached. Behind a registry of your own:
#   --secret id=pip,src=pip.conf              what pip is to know, such as `index-url`
#   --secret id=certificates,src=bundle.pem   whom it trusts; pip.conf names it as
#                                             `cert = /run/secrets/certificates`
# Secrets stand in no layer. `--build-arg EXTRAS=[check]` makes an image that checks as well.

# Its Python is the oldest we run on, and the one that the tests run on.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /source
COPY LICENSE README.md pyproject.toml ./
COPY openapi openapi
COPY scenarios scenarios
COPY src src
ARG EXTRAS=""
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=certificates \
    python3 -m venv /opt/metersim \
 && /opt/metersim/bin/python -m pip install --no-cache-dir ".${EXTRAS}" \
 && /opt/metersim/bin/python -m pip uninstall --yes setuptools pip \
 && rm -f /opt/metersim/bin/pip*

FROM ${BASE}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin metersim
COPY --from=build /opt/metersim /opt/metersim
# Of a container nobody reaches the loopback address, so every address is listened on; `serve` then
# wants METERSIM_ADMIN_TOKEN. Bytecode was compiled above, and nothing is written any more.
ENV PATH=/opt/metersim/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    METERSIM_HOST=0.0.0.0 \
    METERSIM_PORT=8640
USER 10001:10001
EXPOSE 8640
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --start-interval=100ms --retries=3 \
  CMD ["metersim", "health"]
# A first process hears no SIGTERM until it listens for one, and Python takes a moment to get there;
# to be ended by it is no failure.
ENTRYPOINT ["tini", "-e", "143", "--", "metersim"]
CMD ["serve"]
