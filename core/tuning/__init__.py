"""Fine-tuning as the window, the command line and the training process all see it: recipes, runs, reports."""
