"""The assistant worker: the process that holds the models, and answers requests of the window."""
