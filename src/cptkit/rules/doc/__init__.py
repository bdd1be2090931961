"""What the record must hold, for a person to read."""
