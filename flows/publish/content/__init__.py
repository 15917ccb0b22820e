"""What the warehouse holds of a night, as frozen records."""
