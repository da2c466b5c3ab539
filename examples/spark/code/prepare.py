"""Makes a clean table of raw files, with Spark: reads CSV with a header, drops what cannot be learned from, writes CSV.

Rows are dropped when they repeat another, have no label, or hold something that is not a number. Empty numbers become
the column's median. The header keeps its order; the label comes first.
"""

import argparse

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

# By their scheme: without one, a path is of HDFS on AWS.
INPUT, OUTPUT = "file:///opt/ml/processing/input/data", "file:///opt/ml/processing/output"


def main() -> None:
    options = read_options()
    spark = SparkSession.builder.appName("prepare").getOrCreate()
    raw = spark.read.csv(options.input, header=True, recursiveFileLookup=True)
    clean = prepare(raw, options.target)
    # One file, sorted: the same rows always make the same bytes.
    clean.coalesce(1).sortWithinPartitions(*clean.columns).write.csv(
        options.output, header=True, mode="overwrite"
    )
    print(f"prepare: {raw.count()} rows in, {clean.count()} rows out")
    spark.stop()


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", default="label", help="the column to learn")
    parser.add_argument("--input", default=INPUT)
    parser.add_argument("--output", default=OUTPUT)
    return parser.parse_args()


def prepare(raw: DataFrame, target: str) -> DataFrame:
    """Numbers alone, the target first, without repeated, unlabelled or faulty rows."""
    columns = [target, *(name for name in raw.columns if name != target)]
    trimmed = raw.select(*(f.trim(f.col(f"`{name}`")).alias(name) for name in columns)).dropDuplicates()
    numbers = trimmed.select(*(number(name) for name in columns), faulty(columns).alias("_faulty"))
    kept = numbers.where(~f.col("_faulty") & f.col(f"`{target}`").isNotNull()).drop("_faulty").cache()
    features = columns[1:]
    medians = kept.approxQuantile(features, [0.5], 0.001)
    return kept.na.fill({name: found[0] for name, found in zip(features, medians) if found})


def number(name: str) -> Column:
    return f.expr(f"try_cast(`{name}` AS double)").alias(name)


def faulty(columns: list[str]) -> Column:
    """A field that says something, but not a number; `NaN` is a number to Spark, and none to us."""
    bad = f.lit(False)
    for name in columns:
        value = f.expr(f"try_cast(`{name}` AS double)")
        said = f.coalesce(f.col(f"`{name}`"), f.lit("")) != ""
        bad = bad | (said & (value.isNull() | f.isnan(value)))
    return bad


if __name__ == "__main__":
    main()
