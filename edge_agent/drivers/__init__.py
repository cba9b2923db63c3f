"""One file per real device; `dummy.py` and `camera_folder.py` stand in for them in the demo and in tests."""
