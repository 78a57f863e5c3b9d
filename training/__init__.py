"""Fine-tuning: a process of its own, started by the window and never imported by it."""
