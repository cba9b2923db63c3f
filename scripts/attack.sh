#!/usr/bin/env bash
# Attacks of our own server on this machine, too long for every test run: scripts/attack.sh payloads
# Each prints its figures and ends with 0 if it found nothing.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

usage() {
    say "usage: scripts/attack.sh payloads: every payload into every input of every route, on both engines"
    exit 2
}

[ "$#" -eq 1 ] || usage
bash scripts/install.sh test
case "$1" in
payloads) MINYI_TEST_PAYLOADS=all exec .venv/bin/python -m pytest -q -n 2 tests/security/test_payloads.py ;;
*) usage ;;
esac
