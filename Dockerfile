# One image for web and worker:
#   docker run … streamsite                                                      the web process, on port 8000
#   docker run … streamsite celery --app streamsite worker --loglevel INFO       a worker
#   docker run … streamsite python manage.py migrate                             before the first start, and after an update
# Settings come from the environment; README lists them. A worker tries its sandbox before it starts: it needs no privileges, and
# the default seccomp profile of Docker 23 or newer; SANDBOX_MIN_LEVEL is 2 here.

FROM python:3.13-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libmariadb-dev pkg-config
RUN python -m venv /venv
COPY requirements.txt requirements-mysql.txt /tmp/
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt -r /tmp/requirements-mysql.txt \
    && /venv/bin/pip check

FROM python:3.13-slim
RUN apt-get update && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system streamsite \
    && install -d -o streamsite /srv/var /srv/work
# Sources and encoded files lie in WORK_DIR while they are worked on: give it a volume with room.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 ENVIRONMENT=production VAR_DIR=/srv/var WORK_DIR=/srv/work
COPY --from=build /venv /venv
COPY --chown=streamsite . /app
WORKDIR /app
USER streamsite
RUN scripts/as-production python manage.py collectstatic --no-input
EXPOSE 8000
CMD ["gunicorn", "streamsite.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8"]
