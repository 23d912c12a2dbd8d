"""How good the inspection is: clips whose faults are known, and a table."""
