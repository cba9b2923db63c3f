#!/usr/bin/env bash
# Installs what is missing and nothing else: `install.sh demo` what the demo needs, `install.sh test` everything.
# Run again it only looks: a stamp in .venv tells for which lock file the environment was made.
set -euo pipefail
# shellcheck source=scripts/environment.sh
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

level=${1:-test}
case "$level" in demo | test) ;; *)
    say "usage: scripts/install.sh [demo|test]"
    exit 2
    ;;
esac

# libatomic1: the browser driver needs it and a minimal Debian has it not.
test_packages=(postgresql mosquitto nginx chromium fonts-noto-cjk libatomic1 faketime poppler-utils qpdf espeak-ng)
uv_wanted=0.9
stamp=.venv/.minyi-installed

fits() {
    "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1
}

find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3.11 python3.12 python3; do
        if fits "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# The version counts too: an old uv cannot read the lock file.
good_uv() {
    local version
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#uv } version=${version%% *}
    [ "$(printf '%s\n' "$uv_wanted" "$version" | sort -V | head -n 1)" = "$uv_wanted" ]
}

install_python() {
    find_python >/dev/null && return 0
    install_packages python3 && find_python >/dev/null && return 0
    say "no Python 3.11 or 3.12 was found; Debian 12 brings 3.11 as python3."
    return 1
}

# Debian's pip refuses to touch the system, so uv gets an environment of its own.
install_uv() {
    good_uv uv && { uv=uv; return 0; }
    uv=$root/.uv/bin/uv
    good_uv "$uv" && return 0
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip' >/dev/null 2>&1; then
        install_packages python3-venv ca-certificates
        python=/usr/bin/python3
    fi
    say "installing uv into .uv/"
    "$python" -m venv --clear .uv
    retry .uv/bin/pip install --quiet "uv>=$uv_wanted"
}

wanted_hash() {
    cat uv.lock pyproject.toml | sha256sum | cut -d' ' -f1
}

# LEVEL HASH FOLDER of the environment as it was last completed; empty when it never was.
have_level="" have_hash="" have_root=""
if [ -f "$stamp" ]; then read -r have_level have_hash have_root <"$stamp" || true; fi

current() {
    [ "$have_hash" = "$(wanted_hash)" ] && [ "$have_root" = "$root" ] && fits .venv/bin/python &&
        { [ "$have_level" = "test" ] || [ "$have_level" = "$level" ]; }
}

sync_environment() {
    local options=(--frozen) kept=$level
    # Once the tests were installed here, the demo does not take them away again.
    if [ "$have_level" = "test" ]; then kept="test"; fi
    [ "$kept" = "test" ] || options+=(--no-dev)
    [ -t 2 ] || options+=(--quiet)
    # The commands in .venv name its folder, so a moved or copied tree gets a new one.
    if [ -n "$have_root" ] && [ "$have_root" != "$root" ]; then rm -rf .venv; fi
    fits .venv/bin/python || options+=(--python "$(find_python)")
    say "installing the Python environment into .venv (a few hundred megabytes the first time)"
    retry "$uv" sync "${options[@]}"
    printf '%s %s %s\n' "$kept" "$(wanted_hash)" "$root" >"$stamp"
}

[ "$level" = demo ] || install_packages "${test_packages[@]}"
[ -e /usr/share/zoneinfo/Asia/Shanghai ] || install_packages tzdata
current && exit 0
install_python
install_uv
sync_environment
