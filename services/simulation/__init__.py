"""A made-up day: homes press, workers walk and help, a desk answers; all of it through the public API."""
