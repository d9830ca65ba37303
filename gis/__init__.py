"""Geometry and streets: coordinates, shapes, street file to network, the reach search, outlines, tiles.

Knows no table, no HTTP, no settings, and is usable as a library by itself. Coordinates that go in and come out are
WGS 84 degrees, longitude first; inside, metres in a local projection; costs are whole ticks (see `gis.profiles`).
"""
