"""What several test folders need: a real PostgreSQL, a small snapshot, people and passwords."""
