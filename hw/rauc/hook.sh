#!/bin/sh
# Runs on the box before a bundle is installed: the system is the right one, and there is no way back to an older version.
# The highest version that was ever marked good lies on the data partition, which no slot holds.
set -eu
case "${1:-}" in
install-check)
    if [ "$RAUC_MF_COMPATIBLE" != "$RAUC_SYSTEM_COMPATIBLE" ]; then
        echo "this bundle is for $RAUC_MF_COMPATIBLE, the box is $RAUC_SYSTEM_COMPATIBLE" >&2
        exit 10
    fi
    floor=$(cat "${MINYI_FLOOR:-/var/lib/rauc/minyi-floor}" 2>/dev/null || echo 0)
    if [ "$RAUC_MF_VERSION" = "$floor" ] || [ "$(printf '%s\n' "$floor" "$RAUC_MF_VERSION" | sort -V | tail -n 1)" = "$floor" ]; then
        echo "version $RAUC_MF_VERSION is not above $floor, which this box has confirmed" >&2
        exit 10
    fi
    ;;
esac
