# Debian packages, installed only when missing. Sourced by plain sh and by bash.
# shellcheck shell=sh

say() { printf '%s\n' "minyi: $*" >&2; }

# retry COMMAND...: networks hiccup, so up to three tries.
retry() {
    for pause in 2 5; do
        "$@" && return 0
        say "trying again in $pause s: $*"
        sleep "$pause"
    done
    "$@"
}

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# as_root COMMAND...: directly for root, by sudo for others.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@" </dev/null
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# install_packages NAME...: brings the missing ones, or says who has to do what and returns 1.
install_packages() {
    missing=""
    for package in "$@"; do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "this machine has no apt-get; Minyi is made for Debian 12. Install by hand what corresponds to:$missing"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
        say "system packages are missing, and you are neither root nor have sudo. Ask an administrator to run: apt-get install$missing"
        return 1
    fi
    say "installing system packages:$missing"
    if ! as_root true; then
        say "sudo refused. Ask an administrator to run: apt-get install$missing"
        return 1
    fi
    # shellcheck disable=SC2086 # a list of names
    if retry as_root apt-get update -qq && retry as_root apt-get install -y -qq --no-install-recommends $missing >&2; then
        return 0
    fi
    say "apt-get did not succeed (see above). Ask an administrator to run: apt-get install$missing"
    return 1
}
