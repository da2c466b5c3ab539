"""The owner's own holdout: read as data are, or refused with what to do, and never passed over."""

import gzip
import json

import pytest

from switchyard.core.errors import InvalidDatasetError
from tests.fakes.stations import Stations, csv_of
from tests.training.test_prepare_dataset import admitted

OWN = "y,a,b\n0,1.0,0\n1,1.1,3\n"
ANOTHER_FORM = "write it as CSV in UTF-8, with commas between fields and LF or CRLF behind rows"
NOT_READ = {
    "semicolons": (OWN.replace(",", ";").encode(), f"its header is one column; {ANOTHER_FORM}"),
    "CR alone": (OWN.replace("\n", "\r").encode(), f"it is not readable behind row 0; {ANOTHER_FORM}"),
    "UTF-16": (OWN.encode("utf-16"), ANOTHER_FORM),
    "Latin-1": (OWN.encode() + b"0,1,\xf6\n", ANOTHER_FORM),
    "gzip": (gzip.compress(OWN.encode(), mtime=0), ANOTHER_FORM),
    "an open quote": (OWN.encode() + b'0,"1,2\n', f"it is not readable behind row 3; {ANOTHER_FORM}"),
    "a short row": (OWN.encode() + b"0,1\n", "row 4: 2 fields where the header has 3; correct the holdout"),
    "a long row": (
        OWN.encode() + b"0,1,2,3\n",
        "row 4: 4 fields where the header has 3; correct the holdout",
    ),
    "two headers": (OWN.encode() * 2, "row 4: it repeats the header; correct the holdout"),
    "no row": (b"y,a,b\n", "it has no row, so that nothing could be judged; put rows there, or delete it"),
}


@pytest.mark.parametrize("what", NOT_READ)
def test_an_owner_s_holdout_in_another_form_is_told_with_what_to_do(stations: Stations, what: str) -> None:
    stations.has_pipeline()
    body, said = NOT_READ[what]
    stations.artifacts.write("digits/holdout/holdout.csv", body)
    run = admitted(stations, csv_of(1, 50))
    with pytest.raises(InvalidDatasetError) as told:
        stations.prepare_dataset.prepare(run)
    assert str(told.value).startswith("digits/holdout/holdout.csv: ")
    assert said in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        OWN.encode("utf-8-sig"),
        OWN.replace("\n", "\r\n").encode(),
        b'y,a,b\n0, "1.0",  "0"\n1,1.1, "3"\n',
        "\u200by,a ,b,\n0, 1.0,0,\n1,1.1,3,\n".encode(),
    ],
    ids=["a mark of byte order", "CRLF", "quotes behind blanks", "blanks and a trailing separator"],
)
def test_an_owner_s_holdout_is_read_as_data_are(stations: Stations, body: bytes) -> None:
    stations.has_pipeline()
    stations.artifacts.write("digits/holdout/holdout.csv", body)
    run = admitted(stations, csv_of(1, 50))
    schema = json.loads(stations.artifacts.read(stations.prepare_dataset.prepare(run)["schema"]))
    assert schema["rows"]["held_out"] == 2
