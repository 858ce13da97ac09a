"""Files made to attack whoever opens them: their makers, what they reach for, and how each should end."""
