"""Reads QR codes in pictures. Only the text of a code leaves this package; pictures stay in memory and are dropped."""
