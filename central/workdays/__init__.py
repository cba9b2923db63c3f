"""The working days that count: notices entered by an admin, and the recount of what runs after one."""
