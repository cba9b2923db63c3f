#!/usr/bin/env bash
# Style, types and bandit; every check runs, and any failure fails the whole.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
failed=0
.venv/bin/ruff check . || failed=1
.venv/bin/ruff format --check . || failed=1
.venv/bin/mypy || failed=1
.venv/bin/bandit --quiet --configfile pyproject.toml --severity-level medium --recursive central edge_agent shared \
    2> >(grep -v 'nosec encountered' >&2) || failed=1
exit "$failed"
