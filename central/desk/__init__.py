"""The staff's workspace: Today, worklists, registration, the petition page with its act panel."""
