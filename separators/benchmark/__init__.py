"""What separators cost: time, memory and arithmetic over the length of a mixture."""
