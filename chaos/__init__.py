"""Breaking things on purpose: real servers on a private cluster, clients that go on, and a tally of what was lost."""
