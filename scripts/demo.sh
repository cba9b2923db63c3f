#!/usr/bin/env bash
# Installs what the demo needs, then becomes it, so that Ctrl-C reaches the demo itself.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh demo
exec .venv/bin/minyi demo --port "${PORT:-8080}" --data "${DATA:-var/demo}"
