"""What an event says beside version and reason, a class for each kind or for kinds that say the same."""
