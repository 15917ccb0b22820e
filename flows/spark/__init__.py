"""Spark as the engine that judges: its session, and the lake's tables in it. Nothing but `session.py` imports pyspark."""
