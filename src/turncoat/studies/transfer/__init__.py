"""The transfer study: attack every source, show what was made to every target, and read the matrix of rates.

`run` conducts it in a `StudyFolder`; `record` keeps every verdict, from which `matrix` and `resampling` come;
`factors`, `blocks`, `contrasts` and `findings` are the tables and claims of the paper; `report` says it all.
"""
