#!/usr/bin/env bash
# Attacks of a server of our own on this machine, too long for every run of the tests.
# Each prints its seed and figures and ends with 0 if it found nothing.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

usage() {
    cat >&2 <<'TEXT'
usage: scripts/attack.sh NAME [--cases N] [--seed N] [--engine sqlite|postgres]
  payloads  every payload into every input of every route, on both engines
  schema    the API against its description as every role: about N requests (10000) on each engine
  traces    200 petitioners planted by a real server that then crashes: searched for in database, dump, files, log, backup and core files
  box       a stolen hall box: its disk searched, what its certificate lets it try, on both brokers
  floods    N requests (10000) in each large flood while somebody is at work; holds memory and the times of pages to their bars
  sqlmap    sqlmap, level 3, on the forms and lists whose words reach the database (--engine sqlite|postgres)
  testssl   testssl.sh on both ways of TLS: the server alone, nginx in front
TEXT
    exit 2
}

[ "$#" -ge 1 ] || usage
name=$1 cases=10000 engine=sqlite
shift
while [ "$#" -ge 2 ]; do
    case "$1" in
    --cases) cases=$2 ;;
    --engine) engine=$2 ;;
    --seed) export MINYI_TEST_SEED=$2 ;;
    *) usage ;;
    esac
    shift 2
done
[ "$#" -eq 0 ] || usage
case "$name" in payloads | schema | traces | box | floods | sqlmap | testssl) ;; *) usage ;; esac

bash scripts/install.sh test
attack() { exec .venv/bin/python -m pytest -q -s "$@"; }
case "$name" in
payloads) MINYI_TEST_PAYLOADS=all attack -n 2 tests/security/test_payloads.py ;;
traces) MINYI_TEST_TRACES=200 attack -m hall tests/security/test_traces.py ;;
box) attack -m hall tests/central/ingest/test_stolen_box.py ;;
floods) MINYI_TEST_FLOOD=$cases attack tests/security/test_floods.py ;;
sqlmap)
    install_packages sqlmap
    exec .venv/bin/python -m tests.security.outside sqlmap --engine "$engine"
    ;;
testssl)
    install_packages testssl.sh
    exec .venv/bin/python -m tests.security.outside testssl
    ;;
schema) MINYI_TEST_CASES=$cases attack tests/security/test_schema.py ;;
esac
