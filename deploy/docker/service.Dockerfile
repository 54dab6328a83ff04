# syntax=docker/dockerfile:1
# One file for every image of the product:
#   MEMBER  the workspace member to install, as services/gateway
#   EXTRA   an extra of it, if any (venues: the venue worker's)
#   MODULE  what runs: python -m $MODULE (the jobs of `stack` name their own command)
#   ASSETS  files that are served, below /srv/assets; only the gateway has some
ARG BASE=docker.io/library/python:3.11-slim-bookworm

FROM ${BASE} AS build
ARG MEMBER
ARG EXTRA=""
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9 && python -m venv /opt/uchat
WORKDIR /source
COPY pyproject.toml requirements.lock ./
COPY libs libs
COPY services services
COPY simulators simulators
COPY stack stack
COPY deploy/docker/install.py install.py
# Third-party packages have exactly the versions and hashes of the lock.
RUN python install.py "${MEMBER}" --extra "${EXTRA}"

FROM ${BASE}
ARG MODULE
ARG ASSETS=deploy/docker/none
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent uchat
COPY --from=build /opt/uchat /opt/uchat
COPY ${ASSETS} /srv/assets
# Two arenas and fixed thresholds keep a service as small as it is on one machine.
ENV PATH=/opt/uchat/bin:$PATH MODULE=${MODULE} PYTHONUNBUFFERED=1 PYTHONNODEBUGRANGES=1 \
    MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=131072 \
    UCHAT_WEB_DIR=/srv/assets
USER 10001:10001
CMD ["/bin/sh", "-c", "exec python -m \"$MODULE\""]
