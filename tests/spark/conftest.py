"""One Spark session for the whole group; without PySpark or Java its tests are skipped."""

import os
import shutil
import sys

import pyarrow as pa
import pytest

import segvspers as sv

LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",  # short jobs, quickly compiled
    "spark.sql.codegen.wholeStage": "false",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.showConsoleProgress": "false",
}


@pytest.fixture(scope="session")
def spark():
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None:
        pytest.skip("no Java")
    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in LOCAL.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def as_spark(spark):
    """Return a function that makes a PySpark frame of a pandas one: categories as text, rows in the same order."""

    def made(frame):
        rows = pa.Table.from_pandas(frame, preserve_index=False)
        for place, field in enumerate(rows.schema):
            if pa.types.is_dictionary(field.type):
                rows = rows.set_column(place, field.name, rows.column(place).cast(pa.string()))
        return spark.createDataFrame(rows)

    return made


@pytest.fixture
def collected(monkeypatch):
    """How many rows each action has brought to the driver."""
    frame, brought = pytest.importorskip("pyspark.sql.classic.dataframe").DataFrame, []

    def watched(name):
        real = getattr(frame, name)

        def action(self, *args, **kwargs):
            found = real(self, *args, **kwargs)
            brought.append(len(found))
            return found

        return action

    for name in ("collect", "toPandas", "toArrow", "take"):
        monkeypatch.setattr(frame, name, watched(name))
    monkeypatch.setattr(frame, "toLocalIterator", lambda *_: pytest.fail("rows are iterated over at the driver"))
    return brought


@pytest.fixture(scope="session")
def contacts(sample):
    return sv.read_contacts(sample / "contacts.csv")


@pytest.fixture(scope="session")
def history(sample):
    return sv.read_history(sample / "history.csv")


@pytest.fixture(scope="session")
def facts(contacts, history):
    return sv.derive_facts(contacts, history, as_of="2026-11-01")
