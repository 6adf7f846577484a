"""Files of one's own: formats, line numbers, and what becomes of broken rows."""

from __future__ import annotations

import gzip
import lzma
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turncoat.data.example import Dataset, Example
from turncoat.data.files import read_file
from turncoat.errors import BrokenData, MissingResource, UsageError


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def faults(dataset: Dataset) -> list[str]:
    return [str(fault) for fault in dataset.faults]


def test_csv(tmp_path: Path) -> None:
    dataset = read_file(write(tmp_path, "own.csv", "text,label\nbad film,neg\ngood film,pos\n"))
    assert list(dataset) == [Example("own-00002", "bad film", 0), Example("own-00003", "good film", 1)]
    assert dataset.labels == ("neg", "pos")
    assert dataset.faults == ()
    assert dataset.name == "own.csv"


def test_line_numbers_are_right_after_cells_that_span_lines(tmp_path: Path) -> None:
    content = 'label,text\r\npos,"one\r\ntwo\r\nthree"\r\n\r\nneg,\r\npos,last\r\n'
    dataset = read_file(write(tmp_path, "own.csv", content))
    assert [e.id for e in dataset] == ["own-00002", "own-00007"]
    assert dataset[0].text == "one\r\ntwo\r\nthree"
    assert faults(dataset) == ["own.csv:6: the text is empty"]


def test_broken_csv_rows(tmp_path: Path) -> None:
    content = b'text,label\nfine,pos\ntoo,many,cells\nfew\n"quote"d,pos\ncaf\xe9,pos\nfine too,\nlast,neg\n'
    path = write(tmp_path, "own.csv", content)
    dataset = read_file(path)
    assert [e.text for e in dataset] == ["fine", "last"]
    assert faults(dataset) == [
        "own.csv:3: expected 2 cells, got 3",
        "own.csv:4: expected 2 cells, got 1",
        "own.csv:5: ',' expected after '\"'",
        "own.csv:6: not UTF-8",
        "own.csv:7: no label",
    ]
    with pytest.raises(BrokenData, match=r"own.csv:3: expected 2 cells, got 3 \(and 4 more\)"):
        read_file(path, strict=True)


def test_a_quote_that_is_never_closed_is_told_where_it_opens(tmp_path: Path) -> None:
    dataset = read_file(write(tmp_path, "own.csv", 'text,label\nfine,pos\n"open,neg\nlost,neg\n'))
    assert faults(dataset) == ["own.csv:3: unexpected end of data (up to line 4)"]


def test_tsv_takes_quotes_as_letters(tmp_path: Path) -> None:
    dataset = read_file(write(tmp_path, "own.tsv", 'text\tlabel\n"so called\t1\nit\'s "fine"\t0\n'))
    assert [e.text for e in dataset] == ['"so called', 'it\'s "fine"']


def test_jsonl(tmp_path: Path) -> None:
    lines = ['{"text": "a b", "label": 1}', "", "{bad", "[1]", '{"text": 3, "label": 0}', '{"label": 0}']
    lines.append(r'{"text": "half \ud83d", "label": 0}')
    dataset = read_file(write(tmp_path, "own.jsonl", "\n".join([*lines, '{"text": "c", "label": "0", "more": []}'])))
    assert list(dataset) == [Example("own-00001", "a b", 1), Example("own-00008", "c", 0)]
    assert [fault.line for fault in dataset.faults] == [3, 4, 5, 6, 7]
    assert faults(dataset)[0].startswith("own.jsonl:3: bad JSON: Expecting property name")
    assert faults(dataset)[1:] == [
        "own.jsonl:4: expected a JSON object, got [1]",
        "own.jsonl:5: the text is a int, not a string: 3",
        "own.jsonl:6: no text",
        "own.jsonl:7: not UTF-8",
    ]


@pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed(tmp_path: Path, ending: str, compress: object) -> None:
    content = compress(b"\xef\xbb\xbftext,label\na,x\n")  # type: ignore[operator]
    assert list(read_file(write(tmp_path, f"own.csv{ending}", content))) == [Example("own-00002", "a", 0)]
    with pytest.raises(BrokenData, match="cannot be read"):
        read_file(write(tmp_path, f"own.csv{ending}", content[:-9]))


def test_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "own.parquet"
    parquet.write_table(pyarrow.table({"body": ["a", None, "c"], "y": [1.0, 0.0, 2.0]}), path)
    dataset = read_file(path, "body", "y")
    assert list(dataset) == [Example("own-00001", "a", 0), Example("own-00003", "c", 1)]
    assert dataset.labels == ("1", "2")
    assert faults(dataset) == ["own.parquet:2: no text"]
    with pytest.raises(BrokenData, match="not a Parquet file"):
        read_file(write(tmp_path, "broken.parquet", "text,label\n"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingResource, match=r"pip install 'turncoat\[parquet\]'"):
        read_file(path, "body", "y")


def test_labels_may_be_names_or_indices(tmp_path: Path) -> None:
    path = write(tmp_path, "own.csv", "text,label\na,positive\nb,0\nc,2\nd,good\n")
    dataset = read_file(path, labels=("negative", "positive"))
    assert [e.label for e in dataset] == [1, 0]
    assert faults(dataset) == [
        "own.csv:4: label '2' is none of negative, positive",
        "own.csv:5: label 'good' is none of negative, positive",
    ]


def test_numbers_are_ordered_by_size(tmp_path: Path) -> None:
    dataset = read_file(write(tmp_path, "own.csv", "text,label\na,10\nb,9\nc,1\n"))
    assert dataset.labels == ("1", "9", "10")


def test_missing_column_lists_the_columns_found(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no column 'text' \(it has: 'review', 'label'\)"):
        read_file(write(tmp_path, "own.csv", "review,label\na,b\n"))


def test_files_that_cannot_be_read_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_file(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match=r"expected a file that ends in .csv, .tsv, .jsonl, .parquet"):
        read_file(write(tmp_path, "own.xlsx", ""))
    with pytest.raises(UsageError, match="it has: none"):
        read_file(write(tmp_path, "own.csv", ""))
    with pytest.raises(BrokenData, match="no rows"):
        read_file(write(tmp_path, "own.csv", "text,label\n"))
    with pytest.raises(BrokenData, match=r"own.csv:2: the text is empty; 0 rows are fine"):
        read_file(write(tmp_path, "own.csv", "text,label\n ,x\n"))


@given(st.binary(max_size=200))
def test_no_row_is_lost_in_silence(tmp_path_factory: pytest.TempPathFactory, noise: bytes) -> None:
    path = write(tmp_path_factory.mktemp("noise"), "own.tsv", b"text\tlabel\nfirst\tx\n" + noise.replace(b"\0", b""))
    dataset = read_file(path)
    rows = [line for line in path.read_bytes().replace(b"\r", b"\n").split(b"\n") if line]
    assert len(dataset) + len(dataset.faults) == len(rows) - 1
