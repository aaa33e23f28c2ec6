"""What must hold: suites at the door (new records) and on the candidate marts."""
