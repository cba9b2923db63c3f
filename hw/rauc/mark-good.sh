#!/bin/sh
# Confirms the running system once the box on it is well: for 30 seconds without a break, within 10 minutes. Otherwise it starts the machine
# anew, and GRUB, whose last try of this slot that was, takes the other one. Started by minyi-mark-good.service.
set -eu
well=0 left=600
while [ "$left" -gt 0 ]; do
    if /opt/minyi-edge/current/bin/minyi-edge status --config /etc/minyi/minyi-edge.toml >/dev/null 2>&1; then
        well=$((well + 5))
    else
        well=0
    fi
    if [ "$well" -ge 30 ]; then
        rauc status mark-good
        # Whole or not at all, and on the disk.
        cat /etc/minyi-system-version >/var/lib/rauc/minyi-floor.new
        sync /var/lib/rauc/minyi-floor.new
        mv /var/lib/rauc/minyi-floor.new /var/lib/rauc/minyi-floor
        sync /var/lib/rauc
        exit 0
    fi
    sleep 5
    left=$((left - 5))
done
rauc status mark-bad
systemctl reboot
