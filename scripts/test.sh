#!/usr/bin/env bash
# Everything that must hold before a commit: style, types, unit tests on both databases, hall, browser.
# All parts run even when an earlier one fails; the last lines say how each ended.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/install.sh test
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# pytest answers Ctrl-C by ending in good order; the parts after it must not start then.
trap 'exit 130' INT TERM
summary=()
failed=0

note() { # NAME STATUS CLOSING-LINE
    local word=passed
    if [ "$2" -ne 0 ]; then word=FAILED failed=1; fi
    summary+=("$(printf '%-8s %-7s %s' "$1" "$word" "$3")")
}

phase() { # NAME PYTEST-ARGUMENTS...
    local name=$1 status=0
    shift
    printf '\n== %s: pytest %s\n' "$name" "$*"
    .venv/bin/python -m pytest "$@" 2>&1 | tee -i "$log" || status=$?
    note "$name" "$status" "$(tail -n 1 "$log")"
}

printf '== lint\n'
status=0
bash scripts/lint.sh || status=$?
note lint "$status" "ruff check, ruff format, mypy, bandit"

# What starts brokers and boxes runs beside nothing but its like, a file at a time: it waits more than it works.
phase unit -n 2 -m "not hall and not browser"
phase hall -n 3 --dist loadfile -m "hall and not browser"
phase browser -n 2 -m browser

printf '\n'
printf '%s\n' "${summary[@]}"
exit "$failed"
