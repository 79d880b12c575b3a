"""Stand-ins for the outside systems, for the demo, the tests and trying things out by hand.

They run on their own and share no code with the rest of the project: nothing here imports Django or
another room, so a misreading of an outside system in our client cannot hide behind the same misreading
in its stand-in. What they have in common (fault switches, control surface, server, saved state) is in
`connections.sandbox.common`; each system has a package of its own with a `start()` function.
"""
