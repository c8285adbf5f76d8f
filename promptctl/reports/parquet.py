"""ReplayReport -> a Parquet file, one case a row, for whoever analyses answers. Needs pyarrow."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from promptctl.reports.case_rows import COLUMNS, COUNT, NUMBER, TEXT, TEXTS, YES_NO, case_rows
from promptctl.reports.safe import scalar_text
from promptctl.reports.view import ReplayReport

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 5_000  # a row group


def write_parquet(report: ReplayReport, file: BinaryIO) -> None:
    """Texts are as they were answered, but for lone surrogates, which UTF-8 cannot hold."""
    import pyarrow as pa  # 150 ms: only this format pays it
    import pyarrow.parquet as pq

    schema = _schema(report)
    rows = case_rows(report)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while part := list(islice(rows, _ROWS)):
            columns = {name: [_value(row[name], kind) for row in part] for name, kind in COLUMNS.items()}
            writer.write_table(pa.Table.from_pydict(columns, schema=schema))


def _schema(report: ReplayReport) -> "pa.Schema":
    import pyarrow as pa

    types = {
        TEXT: pa.string(),
        YES_NO: pa.bool_(),
        NUMBER: pa.float64(),
        COUNT: pa.int64(),
        TEXTS: pa.list_(pa.string()),
    }
    said = {
        "promptctl.run": report.run,
        "promptctl.created": report.created,
        "promptctl.verdict": report.verdict,
        "promptctl.old": report.old.commit or report.old.revision,
        "promptctl.new": report.new.commit or report.new.revision,
    }
    fields = [pa.field(name, types[kind]) for name, kind in COLUMNS.items()]
    return pa.schema(fields, metadata={key: scalar_text(value) for key, value in said.items()})


def _value(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == TEXT:
        return scalar_text(value)
    return list(_texts(value)) if kind == TEXTS else value


def _texts(values: list[str]) -> Iterator[str]:
    return map(scalar_text, values)
