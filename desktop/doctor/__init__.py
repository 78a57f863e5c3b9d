"""What this computer has, and what will run where."""
