#!/usr/bin/env bash
# Drills (docs/drills.md): scripts/drill.sh NAME [--seed N] [--rounds N] [--engine sqlite|postgres]; `backup` has options of its own.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
name=${1:?"Which drill? backup, or one of docs/drills.md: R1 to R8, S12, S13, O3, O4"}
shift
python=.venv/bin/python
if [ "$name" = backup ]; then exec "$python" -m tests.drills.backup "$@"; fi
# A bad wire is made inside a network of its own where that is allowed; the machine's own is never touched.
if [ "$name" = R7 ] && unshare -n true 2>/dev/null; then exec unshare -n "$python" -m tests.drills "$name" "$@"; fi
exec "$python" -m tests.drills "$name" "$@"
