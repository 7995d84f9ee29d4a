"""What lies beyond the network of Elman (1990): modern layers, their shapes and their memory."""
