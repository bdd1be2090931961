"""POS: places of service, and how telehealth is marked."""
