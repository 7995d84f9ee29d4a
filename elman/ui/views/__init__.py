"""What single pages draw, one module for each page or view."""
