"""What `sam deploy` would make anew at every deployment of one build, made once: zips of code, the template as JSON.

SAM packs each folder that the template names, and takes a zip file as it is; it reads the template seven times, YAML
in pure Python, "if the input is actually just json it is better to parse it with the standard json parser"
(samcli/yamlhelper.py).
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

CODE = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
LEVEL = 1  # of zlib: it is packed for this machine, and unpacked on it


def pack(build: Path) -> None:
    """Replaces the folders of code by zip files of the same content, and the template by JSON of the same meaning."""
    template = build / "template.yaml"
    document: dict[str, Any] = yaml.safe_load(template.read_text())
    named = [
        (resource["Properties"], CODE[resource["Type"]])
        for resource in document["Resources"].values()
        if CODE.get(resource["Type"]) in resource.get("Properties", {})
    ]
    folders = sorted({properties[name] for properties, name in named})  # functions of one code share a folder
    with ThreadPoolExecutor(os.cpu_count()) as beside:  # zlib works outside the interpreter's lock
        packed = dict(zip(folders, beside.map(_zip, [build / each for each in folders]), strict=True))
    for properties, name in named:
        properties[name] = packed[properties[name]].name
    template.write_text(json.dumps(document))


def _zip(folder: Path) -> Path:
    """The same content gives the same bytes: SAM names what it uploads by them."""
    place = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as packed:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix())  # of 1980, whenever it was built
            info.external_attr = (file.stat().st_mode & 0o7777) << 16
            packed.writestr(info, file.read_bytes(), zipfile.ZIP_DEFLATED, LEVEL)
    shutil.rmtree(folder)
    return place
