"""What a recording shows to a machine: pure measures, checks and a verdict."""
