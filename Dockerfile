# The bot in a container; README, "As a package, in a container".

# run: with what /retrain needs, 2.9 GB; serve: all but /retrain, 0.4 GB
ARG LOCK=run

FROM python:3.11-slim AS installed
ARG LOCK
WORKDIR /app
COPY requirements/install.sh requirements/uv.txt requirements/${LOCK}.txt requirements/
RUN python -m venv .venv
# Compiled here, for nothing is written there later.
RUN UV_COMPILE_BYTECODE=1 sh requirements/install.sh .venv/bin/python requirements/${LOCK}.txt
RUN .venv/bin/python -m pip uninstall -qy uv pip

FROM python:3.11-slim
WORKDIR /app
# Whatever user it runs as, the bot may write here and nowhere else.
RUN mkdir -m 1777 data
COPY --from=installed /app/.venv .venv
COPY bot bot
COPY model model
RUN python -m compileall -q bot model
# Of the container's addresses only the web side's must be reached from outside; the local chat stays on loopback.
ENV PATH=/app/.venv/bin:$PATH HOME=/app/data HTTP_HOST=0.0.0.0 HTTP_PORT=8080 LOCAL_CHAT_PORT=8080
USER 10001:10001
VOLUME /app/data
EXPOSE 8080
# http.client, as urllib would ask a proxy.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client, os; web = http.client.HTTPConnection('127.0.0.1', int(os.environ['HTTP_PORT']), timeout=4); web.request('GET', '/healthz'); raise SystemExit(web.getresponse().status != 200)"]
CMD ["python", "-m", "bot"]
