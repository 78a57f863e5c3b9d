"""The libraries and what is imported into them."""
