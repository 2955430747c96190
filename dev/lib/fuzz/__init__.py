"""Made-up input for the code that reads what others wrote."""
