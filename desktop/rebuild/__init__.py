"""The Rebuild page: runs of fine-tuning, what became of them, and the way into the wizard."""
