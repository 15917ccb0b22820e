"""What tests of Spark have in common."""

from __future__ import annotations

import pytest

from flows.spark import missing

QUICKLY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What makes a short life of a JVM cheaper."""
SMALL = f"""
spark.driver.memory 1g
spark.executor.memory 512m
spark.sql.shuffle.partitions 2
spark.sql.codegen.wholeStage false
spark.driver.extraJavaOptions {QUICKLY}
spark.executor.extraJavaOptions {QUICKLY}
"""
"""spark-defaults.conf where there are hardly any rows: less is compiled and planned for."""


def needs_spark() -> pytest.MarkDecorator:
    """Skips where pyspark or Java are not installed, and says which."""
    lacking = [name for name, there in (("pyspark", missing.installed()), ("Java", bool(missing.java()))) if not there]
    return pytest.mark.skipif(bool(lacking), reason=f"{' and '.join(lacking)} not installed: make cluster")
