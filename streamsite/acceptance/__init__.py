"""`make demo`: a private copy of the whole site, used from outside as its users would, and reported on."""
