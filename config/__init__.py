"""What an instance is set up with: settings, the ladders and chains, and the texts people read in each language.

Only `tocsin/` reads this room; the others are handed what they need.
"""
