# The environment every script runs in; sourced by bash from the other scripts.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# Package tools keep their caches below HOME, which a bare service may not have.
if [ -z "${HOME:-}" ] || [ ! -w "$HOME" ]; then
    mkdir -p "$root/.uv/home"
    export HOME="$root/.uv/home"
fi
# Another environment being active must not matter here.
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH UV_PYTHON
# Compiled modules are kept: without them each command and each server of the tests compiles everything anew (5 s of a core).
unset PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS=never
export UV_PROJECT_ENVIRONMENT="$root/.venv"
export UV_HTTP_TIMEOUT="${UV_HTTP_TIMEOUT:-120}"
export PIP_DISABLE_PIP_VERSION_CHECK=1
# Chinese text is printed everywhere; a bare machine would say ASCII.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in *[Uu][Tt][Ff]*) ;; *) export LC_ALL=C.UTF-8 ;; esac

# shellcheck source=scripts/packages.sh
. "$root/scripts/packages.sh"

# The uv that install.sh used: the one on PATH, else the one it put into .uv/.
find_uv() { command -v uv || { [ -x .uv/bin/uv ] && printf '%s\n' "$root/.uv/bin/uv"; }; }
