#!/bin/sh
# Installs a lock into an environment: sh requirements/install.sh .venv/bin/python requirements/run.txt
#
# uv needs a seventh of pip's time, but knows nothing of pip's configuration: where that says how to reach packages
# (a company's mirror, a proxy), pip installs. INSTALLER=pip or INSTALLER=uv settles it. Both check every hash.
set -eu
python=$1
lock=$2

by_pip() {
  "$python" -m pip install --disable-pip-version-check --require-hashes -r "$1"
}

if [ -z "${INSTALLER:-}" ]; then
  # Only the names of settings are looked at and said: their values may hold passwords.
  telling='index-url|no-index|proxy|trusted-host|client-cert'
  [ -n "${SSL_CERT_FILE:-}" ] || telling="$telling|cert" # uv reads that one instead
  configured=$("$python" -m pip config list | sed -nE "s/^.*\.($telling)=.*/\1/p" | sort -u | tr '\n' ' ')
  INSTALLER=${configured:+pip}
  [ -z "$configured" ] || echo "pip installs, as its configuration sets ${configured% }, which uv does not read."
fi

case ${INSTALLER:-uv} in
  pip)
    by_pip "$lock"
    ;;
  uv)
    by_pip "$(dirname "$0")/uv.txt"
    "$(dirname "$python")/uv" pip install --python "$python" --require-hashes -r "$lock" || {
      echo "uv could not install $lock, for the reason above. To let pip try: INSTALLER=pip make …" >&2
      exit 1
    }
    ;;
  *)
    echo "INSTALLER=$INSTALLER is neither uv nor pip." >&2
    exit 2
    ;;
esac
