"""What is told of segments: names, profiles, replies, a map, a tree, drift."""
