"""detect-secrets on every file of the repository. What looks like a secret and is none stands here, by its digest."""

from tests.scan.figure import Figure
from tests.scan.tools import report, tracked

NONE = {
    "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3": "`test`: a key that opens nothing",
    "899d29874ebf37f929da53549fea1fef0958eaff": "a task token's name in tests of the console",
    "480c1ce339c314b5b38981439f0e65aa31b93c5c": "the sort key of an item in the ledger",
    "4de45b8f19db325d9ea3146ff3a94fd5eef5f30e": "SageMaker's word for a repeated call",
    "26aebc93455a9f5d93790e1392de1c41d290ae46": "the variable that marks a program's processes",
    "7da2a40caac99eb135e25244138cedfb0c142fe8": "a task token of MiniStack in a recorded history",
    "bc3f17288b8556e34db1e3d674a726d7533b2138": "a client token of a test",
    "f502094ca8b73070c93e67af3b9c8946e3ba08f9": "a client token of a test",
    "54b1d043db716686e3fd1f5c5b978a104326ca9e": "a client token of a test",
    "8caf3384f2304302a1216d838e09f66c6a5b660c": "a client token of a test",
    "1863835675e3970e15e5c22411ef60824eb55591": "a client token of a test",
    "39622af925892018d7dac979cea9ef2def660b78": "a Parquet file of a test",
    "d826651a9f29152abb146a9f28bbad80aece8574": "a Parquet file of a test",
    "f503ccbc3d52af6e56a47a212e2cde219f9f9d70": "a task token of a test",
    "e5353879bd69bfddcb465dad176ff52db8319d6f": "a task token of a test",
    "2a5bd02710e975a7fbb92da876655950fbd5e70d": "a task token of a test",
    "4f1225d5e9be6ead446a2b9b4b10a7cb8da5f4e1": "a key in a test that such keys are not let in",
    "9a4942e7c7c6971b4abbecb2867a2ebce46ab6d2": "the alphabet of a script of a test",
    "4e8a1d0f642858102b0b9c73601eebc3f8877ea4": "the name of the stack, which a webhook is told in a header",
    "6a40fbb3bd3c0673c9bff6ad305c8181d648a9bb": "the letters that a key's name is made of",
    "b7c8ffb8fbc67c171328e0e8f643694e8e61b335": "the word `another`, in a test that such a key is refused",
    "c2a6b03f190dfb2b4aa91f8af8d477a9bc3401dc": "what the scan's own test has it find",
    "67a74306b06d0c01624fe0d0249a570f4d093747": "the MD5 of nothing, as a manifest's wrong digest in a test",
    "27b3fe7a67a0ed649d902b249c3e1c1f69223c29": "the value that hostile inputs carry and nobody may tell",
    "ee977806d7286510da8b9a7492ba58e2484c0ecc": "a task token of a test",
    "c3075ddc09d999574483dd490233b8efbd78db7a": "the digest of the base image",
}


def is_scanned(name: str) -> bool:
    """Requirement files are digests from end to end, and have a scan of their own; so is this list. Golden files are
    what the fakes wrote in a test: digests of its data, and tokens that are numbered.
    """
    return not (
        name == "tests/scan/secrets.py"
        or name.startswith("tests/golden/releases/")
        or (name.startswith("requirements/") and name.endswith((".txt", ".json")))
    )


def scan() -> Figure:
    found = report("detect-secrets", "scan", *filter(is_scanned, tracked()))["results"]
    hits = [
        (each["hashed_secret"], f"{file}:{each['line_number']} {each['type']}")
        for file in found
        for each in found[file]
    ]
    missed = [f"{where} ({digest})" for digest, where in hits if digest not in NONE]
    idle = sorted(set(NONE) - {digest for digest, _ in hits})
    told = f"{len(hits)} that look like one, {len(hits) - len(missed)} known to be none"
    return Figure(
        "secrets",
        told,
        "0 unknown",
        [*missed, *(f"{each}: is no more there; take it out of NONE" for each in idle)],
    )
