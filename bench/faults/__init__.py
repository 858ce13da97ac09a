"""`make faults`: what is killed, stopped, filled up and told twice, counted. Nothing here is part of the site."""
