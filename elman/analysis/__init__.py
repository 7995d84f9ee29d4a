"""Questions asked of a trained network; answers are arrays and tidy frames, nothing is drawn."""
