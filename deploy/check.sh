#!/usr/bin/env bash
# Everything that must hold before a change goes in. Stops at the first step that
# does not. `make test` installs what it needs and calls it.
set -u
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
    "$python" deploy/tally.py "$@" "$results"/*.xml
}

step() {
    local name=$1 start=$SECONDS code
    shift
    echo "== $name"
    "$@"
    code=$?
    if [ $code -ne 0 ]; then
        echo "== $name: stopped with $code after $((SECONDS - start)) s. To repeat it:"
        echo "   PYTHONPATH=.:platform ${*/#$PWD\//}"
        finish --also-failed "$name"
        exit $code
    fi
    echo "== $name: $((SECONDS - start)) s"
}

manage() { VAR_DIR=$scratch "$python" manage.py "$@"; }

live_check() {
    env DEBUG=false SITE_URL=https://crosstalk.example SECRET_KEY="$(fresh_key)" \
        DATABASE_URL=postgres://app:word@localhost/crosstalk \
        CELERY_BROKER_URL=redis://localhost:6379/0 \
        S3_BUCKET=recordings S3_ENDPOINT=https://objects.example \
        S3_ACCESS_KEY=key S3_SECRET_KEY=word EMAIL_HOST=mail.example \
        VAR_DIR="$scratch" "$python" manage.py check --deploy --fail-level WARNING
}

fresh_key() { "$python" -c 'import secrets; print(secrets.token_urlsafe(60))'; }

pytest_step() {
    local name=$1
    shift
    step "$name" "$python" -m pytest -q -o faulthandler_timeout=180 \
        --junitxml="$results/${name// /-}.xml" "$@"
}

javascript() {
    local files=(tests/js/*.test.js)
    if [ ${#files[@]} -eq 0 ]; then
        echo "no tests/js/*.test.js"
    elif command -v node >/dev/null; then
        node --test "${files[@]}"
    else
        echo "node was not found: skipped."
        [ "${CI:-}" != true ]
    fi
}

processes=$(nproc 2>/dev/null || echo 2)
[ "$processes" -gt 4 ] && processes=4   # each loads torch: 0.5 GB

step "style" ruff check .
step "format" ruff format --check .
step "types" mypy .
step "contracts" lint-imports
step "migrations" manage makemigrations --check --dry-run
step "go-live check" live_check
pytest_step "unit tests" -n "$processes" --dist loadfile -m "not services and not browser"
step "JavaScript" javascript
pytest_step "services and browser" -m "services or browser"
finish
