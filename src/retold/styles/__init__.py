"""Ways to retell: versioned prompt files, rule programs, and the contracts that their outputs keep."""
