"""What is said to a model and what it answers: prompt, schema, and the draft that an answer becomes."""
