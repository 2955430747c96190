"""Breaking the code on purpose, one change at a time, to see which test notices (`dev/mutants`)."""
