"""Reception days (领导接访): a published roster, appointments into its slots, the record of what was said, promises with their days."""
