"""How a server is asked: its address and key, what it understands, the requests, and what can go wrong."""
