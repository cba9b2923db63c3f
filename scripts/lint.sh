#!/usr/bin/env bash
# Style, types and bandit; every check runs, and any failure fails the whole.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

bandit() {
    .venv/bin/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive central edge_agent shared \
        2> >(grep -v 'nosec encountered' >&2)
}

# Types and bandit take the longest and use one processor each: side by side, written one after the other.
.venv/bin/mypy >"$logs/types" 2>&1 &
types=$!
bandit >"$logs/bandit" 2>&1 &
holes=$!
failed=0
.venv/bin/ruff check . || failed=1
.venv/bin/ruff format --check . || failed=1
wait "$types" || failed=1
cat "$logs/types"
wait "$holes" || failed=1
cat "$logs/bandit"
exit "$failed"
