#!/usr/bin/env bash
# Everything that must hold before a change goes in. Stops at the first step that
# does not. `make test` installs what it needs and calls it.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

python=$PWD/.venv/bin/python
results=$PWD/var/test-results
scratch=$(mktemp -d)
began=$SECONDS
export PYTHONPATH=.:platform PATH=$PWD/.venv/bin:$PATH
export OMP_NUM_THREADS=1          # pytest runs several processes
trap 'rm -rf "$scratch"' EXIT
rm -rf "$results" && mkdir -p "$results"
shopt -s nullglob

finish() {
    echo "== check.sh took $((SECONDS - began)) s"
    "$python" deploy/tally.py "$@" "$results"/*.{xml,tap}
}

step() {
    local name=$1 start=$SECONDS code
    shift
    echo "== $name"
    "$@"
    code=$?
    if [ $code -ne 0 ]; then
        echo "== $name: stopped with $code after $((SECONDS - start)) s. Its command:"
        echo "   PYTHONPATH=.:platform ${*/#$PWD\//}"
        finish --also-failed "$name"
        exit $code
    fi
    echo "== $name: $((SECONDS - start)) s"
}

live_check() {
    env DEBUG=false SITE_URL=https://crosstalk.example SECRET_KEY="$(fresh_key)" \
        DATABASE_URL=postgres://app:word@localhost/crosstalk \
        CELERY_BROKER_URL=redis://localhost:6379/0 \
        S3_BUCKET=recordings S3_ENDPOINT=https://objects.example \
        S3_ACCESS_KEY=key S3_SECRET_KEY=word EMAIL_HOST=mail.example \
        "$python" manage.py check --deploy --fail-level WARNING
}

fresh_key() { "$python" -c 'import secrets; print(secrets.token_urlsafe(60))'; }

pytest_step() {
    local name=$1
    shift
    step "$name" "$python" -m pytest -q -o faulthandler_timeout=180 \
        --junitxml="$results/${name// /-}.xml" "$@"
}

javascript() {
    if command -v node >/dev/null; then
        node --test --test-reporter=tap tests/js/*.test.{js,mjs} |
            tee "$results/javascript.tap" | grep -Ev '^ *(---|\.\.\.|duration_ms|type:)'
    else
        echo "node was not found: skipped."
        [ "${CI:-}" != true ]
    fi
}

processes=$(nproc --all 2>/dev/null || echo 2)
[ "$processes" -gt 4 ] && processes=4   # each loads torch: 0.5 GB

step "style" ruff check .
step "format" ruff format --check .
step "types" mypy .
step "contracts" lint-imports
export VAR_DIR=$scratch            # never the demo's data
step "migrations" .venv/bin/python manage.py makemigrations --check --dry-run
step "go-live check" live_check
pytest_step "unit tests" -n "$processes" --dist loadfile -m "not services and not browser"
step "JavaScript" javascript
# Two at a time: they mostly wait, for sounds to be heard and leases to expire.
pytest_step "services and browser" -n 2 --dist loadfile -m "services or browser"
finish
