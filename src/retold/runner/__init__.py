"""Running recipes: stages by fingerprint, the loops for the kinds of step, plans, panels, sessions."""
