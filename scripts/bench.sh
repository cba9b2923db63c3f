#!/usr/bin/env bash
# Measurements: scripts/bench.sh [NAME...] [--rows N] [--engine sqlite|postgres] [--keep FOLDER] [--fonts WORDS] [--json OUT]
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
exec .venv/bin/python -m tests.bench "$@"
