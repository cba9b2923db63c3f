#!/bin/sh
# Installs make where it is missing: plain sh, for a machine that has nothing yet.
set -eu
command -v make >/dev/null 2>&1 && exit 0
# shellcheck source=scripts/packages.sh
. "$(dirname "$0")/packages.sh"
install_packages make
