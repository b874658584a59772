"""Ways to find segments, and what assigns contacts to them."""
