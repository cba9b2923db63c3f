#!/usr/bin/env bash
# Known weaknesses in the packages of uv.lock, asked of the public database OSV: needs the network, so it is no part of the tests.
# Exit 0: none; anything else: some, or no answer. `audit.sh --no-dev` for what production installs alone.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

uv=$(find_uv) || { say "uv was not found: run scripts/install.sh"; exit 1; }
if ! "$uv" audit --help >/dev/null 2>&1; then
    say "this uv cannot audit; install a newer one"
    exit 1
fi
exec "$uv" audit --frozen --preview-features audit-command "$@"
