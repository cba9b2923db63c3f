#!/usr/bin/env bash
# Drills: scripts/drill.sh backup [--seed N] [--engine sqlite|postgres] [--seconds S] [--every S] [--petitions N]
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
name=${1:?"Which drill? There is: backup"}
shift
exec .venv/bin/python -m "tests.drills.$name" "$@"
