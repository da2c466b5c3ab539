"""`switchyard console`: a local web page that reads a stack and changes nothing."""
