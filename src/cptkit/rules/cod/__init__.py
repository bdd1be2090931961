"""COD: codes, their dates and their units."""
