"""Files of CMS and the AMA, as they are downloaded: read as published, checked, never guessed.

``survey`` opens a file (plain, or a zip), tells its tables by their content, and says what it skips;
``read`` and ``read_all`` give the rows, every rejected one with its line and reason. ``import_files``
puts the rows of many files into a folder of edit tables, in one step; ``code_tables`` gives those of
the AMA's files and of HCPCS to ``cptkit codeset build``.
"""

from cptkit.importers.editions import CodeTables, code_tables
from cptkit.importers.layouts import Kind, Recognised
from cptkit.importers.loading import import_files
from cptkit.importers.names import Programme
from cptkit.importers.opening import Member, digest_of, members
from cptkit.importers.reading import Skipped, Survey, Table, read, read_all, survey
from cptkit.importers.recognise import recognise
from cptkit.importers.report import Became, Imported, ImportReport
from cptkit.importers.rows import Rejected
from cptkit.importers.summary import Summary, Tally

__all__ = [
    "Became",
    "CodeTables",
    "ImportReport",
    "Imported",
    "Kind",
    "Member",
    "Programme",
    "Recognised",
    "Rejected",
    "Skipped",
    "Summary",
    "Survey",
    "Table",
    "Tally",
    "code_tables",
    "digest_of",
    "import_files",
    "members",
    "read",
    "read_all",
    "recognise",
    "survey",
]


def __dir__() -> list[str]:
    return __all__
