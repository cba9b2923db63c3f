#!/usr/bin/env bash
# The bill of materials (CycloneDX 1.5, JSON) of what is installed in production, read from uv.lock without a network.
# `sbom.sh OUT.json` writes a file, `sbom.sh` prints.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

uv=$(find_uv) || { say "uv was not found: run scripts/install.sh"; exit 1; }
options=(--quiet --frozen --offline --no-dev --format cyclonedx1.5 --preview-features sbom-export)
if ! "$uv" export --help | grep -q cyclonedx; then
    say "this uv is too old to write a bill of materials; 0.9.11 or newer can"
    exit 1
fi
exec "$uv" export "${options[@]}" ${1:+--output-file "$1"}
