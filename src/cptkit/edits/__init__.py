"""Edit tables that CMS publishes: pair edits (PTP), unit limits (MUE), add-on edits, fee-schedule indicators.

``cptkit import FILES... --into FOLDER`` fills a folder with them, quarter beside quarter; a ``Writer``
does so from Python:

>>> import datetime as dt, tempfile
>>> from cptkit.edits import Mue, Quarter, Setting, Writer, attach
>>> folder = tempfile.TemporaryDirectory()
>>> setting, quarter = Setting.PRACTITIONER, Quarter(2024, 3)
>>> with Writer(folder.name) as writer:
...     builder = writer.pairs(setting, quarter)
...     one, other = builder.code("W9901"), builder.code("W9902")
...     says = builder.row(None, None, 1, prior_to_1996=False, rationale="own words")
...     builder.extend([one], [other], [says])
...     _ = writer.put_pairs(builder, [])
...     _ = writer.put_mue([Mue("W9901", 0, 2, "own words", setting, quarter, "mue.csv")], setting, quarter, [])
...     digest = writer.commit()

``attach`` maps the folder, whatever its size, and answers by code, date of service and setting. A row
says what was published, and the quarter and file it stands in:

>>> tables = attach(folder.name)
>>> asked = {"date_of_service": dt.date(2024, 8, 1), "setting": "practitioner"}
>>> print(tables.ptp("W9902", "W9901", **asked).edit)
W9901/W9902 indicator 1 from before records (practitioner 2024q3)

A limit of zero is a limit, and a limit that is not published is not no limit:

>>> tables.mue("W9901", **asked).mue.value, tables.mue("W9902", **asked).is_published
(0, False)

The table of the quarter of the date of service answers, or that of the quarter you pin. Where it is not
there, nothing was checked, and the answer says so; it is never a pass:

>>> autumn = {"date_of_service": dt.date(2024, 10, 1), "setting": "practitioner"}
>>> tables.ptp("W9902", "W9901", **autumn).not_checked
'no pair edits of practitioner for 2024q4; there are 2024q3'
>>> tables.ptp("W9902", "W9901", **autumn, quarter="2024q3").is_checked
True
>>> tables.ptp("W9902", "W99", **asked)
Traceback (most recent call last):
...
cptkit.errors.InvalidCode: ...
>>> tables.close()
>>> folder.cleanup()
"""

from typing import TYPE_CHECKING, Any

from cptkit.lazy import first_use

if TYPE_CHECKING:
    from cptkit.edits.answers import (
        AddOnAnswer,
        MueAnswer,
        PfsAnswer,
        PtpAnswer,
        PtpSetAnswer,
        TelehealthAnswer,
    )
    from cptkit.edits.attached import Edits, attach
    from cptkit.edits.diff import MueChange, MueDiff, PtpChange, PtpDiff, mue_diff, ptp_diff
    from cptkit.edits.manifest import Origin, Part
    from cptkit.edits.quarter import Quarter
    from cptkit.edits.records import AddOnEdit, Mue, PfsRow, PtpEdit, Setting, TelehealthService
    from cptkit.edits.store import Writer
    from cptkit.edits.verifying import verify

__all__ = [
    "AddOnAnswer",
    "AddOnEdit",
    "Edits",
    "Mue",
    "MueAnswer",
    "MueChange",
    "MueDiff",
    "Origin",
    "Part",
    "PfsAnswer",
    "PfsRow",
    "PtpAnswer",
    "PtpChange",
    "PtpDiff",
    "PtpEdit",
    "PtpSetAnswer",
    "Quarter",
    "Setting",
    "TelehealthAnswer",
    "TelehealthService",
    "Writer",
    "attach",
    "mue_diff",
    "ptp_diff",
    "verify",
]

# Loaded when first asked for: a look-up needs no writer, and a claim no diff.
_HOMES = {
    "AddOnAnswer": "answers",
    "AddOnEdit": "records",
    "Edits": "attached",
    "Mue": "records",
    "MueAnswer": "answers",
    "MueChange": "diff",
    "MueDiff": "diff",
    "Origin": "manifest",
    "Part": "manifest",
    "PfsAnswer": "answers",
    "PfsRow": "records",
    "PtpAnswer": "answers",
    "PtpChange": "diff",
    "PtpDiff": "diff",
    "PtpEdit": "records",
    "PtpSetAnswer": "answers",
    "Quarter": "quarter",
    "Setting": "records",
    "TelehealthAnswer": "answers",
    "TelehealthService": "records",
    "Writer": "store",
    "attach": "attached",
    "mue_diff": "diff",
    "ptp_diff": "diff",
    "verify": "verifying",
}


def __getattr__(name: str) -> Any:
    return first_use(name, _HOMES, globals())


def __dir__() -> list[str]:
    return __all__
