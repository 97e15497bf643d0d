"""Write new sequences: search, explain every edit, check what a company can make, order."""
