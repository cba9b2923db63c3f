"""The box's own pages on the hall's LAN: kiosk, public display, counters, own place for phones."""
